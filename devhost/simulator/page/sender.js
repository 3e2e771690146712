// The sender of the next message, and how events are published.

import { h, icon } from "./dom.js";
import { number, person as name } from "./format.js";

const PHONE = "14255550123";
const BSUID = "US.13491208655302741918";

const fields = {};
let changed;

// options creates the fields. whenChanged is called when the person or the provider
// changes, with true if somebody chose the person.
export function options(whenChanged) {
  const select = (field, label, all, change = summarize) => {
    fields[field] = h("select", { id: `publish-${field}`, change }, all.map(([value, text]) => h("option", { value }, text)));
    return h("div", { class: "field" }, h("label", { for: `publish-${field}` }, label), fields[field]);
  };
  const chosen = () => { summarize(); changed(true); };
  fields.count = h("input", { id: "publish-count", type: "number", min: 1, max: 1000, step: 1, value: 1, input: summarize });
  fields.phone = h("input", { id: "person-phone", type: "tel", value: PHONE, change: chosen, input: summarize, autocomplete: "off" });
  fields.bsuid = h("input", { id: "person-bsuid", type: "text", placeholder: BSUID, change: chosen, input: summarize, autocomplete: "off" });
  fields.hide = h("input", { id: "person-hide", type: "checkbox", change: () => {
    if (fields.hide.checked && !fields.bsuid.value) fields.bsuid.value = BSUID;
    fields.phone.disabled = fields.hide.checked;
    chosen();
  } });
  fields.summary = h("span");
  const details = h("details", { class: "options" },
    h("summary", null, icon("chevron", "turn"), fields.summary),
    h("div", { class: "fields" },
      h("div", { class: "field" }, h("label", { for: "person-phone" }, "Phone number"), fields.phone),
      h("div", { class: "field" }, h("label", { for: "person-bsuid" }, "Business-scoped id (BSUID)"), fields.bsuid),
      h("label", { class: "inline wide" }, fields.hide, "Hide the phone number: BSUID only"),
      h("div", { class: "wide" }, select("provider", "Sent through", [["acs", "Azure Communication Services"], ["meta", "Meta's Cloud API"]], () => { summarize(); changed(false); })),
      select("schema", "Published in", [["cloudevents", "CloudEvents 1.0"], ["eventgrid", "Event Grid schema"]]),
      h("div", { class: "field" }, h("label", { for: "publish-count" }, "Number of events"), fields.count),
      h("div", { class: "wide" }, select("age", "Time of the event", [["0", "now"], ["60", "1 minute ago"], ["3600", "1 hour ago"], ["172800", "2 days ago"]])),
      h("p", { class: "hint wide" }, "Several messages differ in their ids. Several statuses are the same event, published again.")));
  changed = whenChanged;
  summarize();
  return details;
}

// person returns the sender.
export function person() {
  const bsuid = fields.bsuid.value.trim();
  if (fields.hide.checked) return { bsuid: bsuid || BSUID };
  return { phone: fields.phone.value.replace(/\D/g, "") || undefined, bsuid: bsuid || undefined };
}

// setPerson changes the sender; null is a person with a new number.
export function setPerson(who) {
  who ??= { phone: newPhone() };
  fields.phone.value = who.phone ?? "";
  fields.bsuid.value = who.bsuid ?? "";
  fields.hide.checked = !who.phone && Boolean(who.bsuid);
  fields.phone.disabled = fields.hide.checked;
  summarize();
}

// newPhone returns a number that is reserved for fiction.
const newPhone = () => `1425555${String(100 + Math.floor(Math.random() * 100)).padStart(4, "0")}`;

// isMeta reports whether messages are sent through Meta's Cloud API.
export const isMeta = () => fields.provider.value === "meta";

// how returns how events are published.
export const how = () => ({ provider: fields.provider.value, schema: fields.schema.value, count: Number(fields.count.value) || 1, age: Number(fields.age.value) });

function summarize() {
  if (!fields.age) return;
  const h = how();
  fields.schema.disabled = isMeta();
  fields.summary.textContent = [`As ${name(person())}`, isMeta() ? "through Meta" : h.schema === "eventgrid" ? "Event Grid schema" : "CloudEvents", h.count === 1 ? "" : `${number(h.count)} at once`, h.age ? fields.age.selectedOptions[0].textContent : ""].filter(Boolean).join(" · ");
}
