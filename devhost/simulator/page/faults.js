// The faults pane: faults, and overrides of the event subscriptions.

import { h, byId, notice } from "./dom.js";
import { put } from "./api.js";
import { count } from "./format.js";

const zero = { crashes: 0, failWrites: 0, duplicates: 0, reorder: false, delay: 0 };
const fields = {};
let form;

function field(name, label, unit, hint, attributes) {
  const input = h("input", { id: `fault-${name}`, "aria-describedby": `fault-${name}-hint`, "data-label": label, change: save, ...attributes });
  fields[name] = input;
  const help = h("button", { type: "button", class: "help", "aria-expanded": "false", "aria-controls": `fault-${name}-hint`, "aria-label": `What is ${label}?`, click: () => {
    text.hidden = !text.hidden;
    help.setAttribute("aria-expanded", String(!text.hidden));
  } }, "?");
  const text = h("p", { class: "hint", id: `fault-${name}-hint`, hidden: true }, hint);
  return h("div", { class: "fault" },
    h("div", { class: "with-unit" }, h("label", { for: `fault-${name}`, title: hint }, label), help),
    h("div", { class: "with-unit" }, input, h("span", { class: "hint", "aria-hidden": "true" }, unit)), text);
}

// problem says what is wrong with the value of a field, in the field's words.
function problem(input) {
  const { badInput, rangeOverflow, rangeUnderflow, stepMismatch } = input.validity;
  const label = input.dataset.label;
  if (badInput) return `${label}: write a number from ${input.min} to ${input.max}.`;
  if (rangeOverflow || rangeUnderflow) return `${label} is ${input.value}: write a number from ${input.min} to ${input.max}.`;
  if (stepMismatch) return `${label} is ${input.value}: write an integer.`;
  return "";
}

function choice(name, label, options) {
  fields[name] = h("select", { id: `fault-${name}`, change: saveOverrides }, options.map(([value, text]) => h("option", { value }, text)));
  return h("div", { class: "fault" }, h("label", { for: `fault-${name}` }, label), fields[name]);
}

export function start() {
  const whole = (max) => ({ type: "number", min: 0, max, step: 1, inputmode: "numeric", value: 0 });
  form = h("div", { class: "faults" },
    field("crashes", "Crash", "calls", "Kill the handler in the next n invocations, while it reads the request", whole(100)),
    field("failWrites", "Failed writes", "%", "Percentage of writes to outputs that fail", whole(100)),
    field("duplicates", "Duplicates", "%", "Percentage of accepted deliveries that are delivered again", whole(100)),
    field("delay", "Delay", "s", "Seconds before an event is delivered", { ...whole(600), step: "any" }),
    field("reorder", "Reorder", "shuffle", "Delay each event by up to 2 seconds, and shuffle the events of a delivery", { type: "checkbox" }),
    choice("schema", "Deliver in", [["", "as subscribed"], ["CloudEventSchemaV1_0", "CloudEvents 1.0"], ["EventGridSchema", "Event Grid"]]),
    choice("batch", "Batch size", [["0", "as subscribed"], ["1", "1 event"], ["10", "up to 10"], ["100", "up to 100"], ["1000", "up to 1,000"], ["5000", "up to 5,000"]]));
  byId("faults-form").append(form);
  byId("faults-off").addEventListener("click", () => send("faults", zero));
}

async function send(what, body) {
  try {
    await put(what, body);
    notice(byId("faults-form"), "");
  } catch (error) {
    notice(byId("faults-form"), error.message, "bad");
  }
}

function save() {
  for (const name of Object.keys(zero)) {
    if (fields[name].value === "" && !fields[name].validity.badInput) fields[name].value = 0;
    const text = problem(fields[name]);
    fields[name].setAttribute("aria-invalid", String(text !== ""));
    if (text) {
      notice(byId("faults-form"), text, "bad");
      return;
    }
  }
  const number = (name) => Number(fields[name].value || 0);
  send("faults", {
    crashes: number("crashes"),
    failWrites: number("failWrites") / 100,
    duplicates: number("duplicates") / 100,
    reorder: fields.reorder.checked,
    delay: number("delay"),
  });
}

function saveOverrides() {
  send("overrides", { schema: fields.schema.value, batch: Number(fields.batch.value) });
}

// set changes a field, unless it has the focus.
function set(name, value) {
  const input = fields[name];
  if (input.type === "checkbox") input.checked = value;
  else if (document.activeElement !== input || name === "crashes") input.value = value;
}

export function update({ parts }) {
  if (parts?.faults) {
    const f = parts.faults;
    set("crashes", f.crashes);
    set("failWrites", Math.round(f.failWrites * 100));
    set("duplicates", Math.round(f.duplicates * 100));
    set("delay", f.delay);
    set("reorder", f.reorder);
    const on = Object.keys(zero).filter((name) => f[name]).length;
    byId("faults-hint").textContent = on === 0 ? "No faults on" : `${count(on, "fault")} on`;
    byId("faults-off").hidden = on === 0;
    byId("faults").dataset.on = on > 0;
    document.querySelector(".tabs [data-pane=faults]").dataset.on = on > 0;
    for (const name of Object.keys(zero)) fields[name].closest(".fault").dataset.on = Boolean(f[name]);
  }
  if (parts?.overrides) {
    set("schema", parts.overrides.schema);
    set("batch", parts.overrides.batch);
    fields.schema.closest(".fault").dataset.on = parts.overrides.schema !== "";
    fields.batch.closest(".fault").dataset.on = parts.overrides.batch !== 0;
  }
}
