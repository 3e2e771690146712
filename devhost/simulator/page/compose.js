// The forms for messages of the WhatsApp user and of the business.

import { h, byId, icon, notice, announce } from "./dom.js";
import { post } from "./api.js";
import { number, person } from "./format.js";
import { kinds, media, metaKinds, words } from "./words.js";

const PHONE = "14255550123";
const BSUID = "US.13491208655302741918";
const emoji = ["👍", "❤️", "😂", "😮", "😢", "🙏"];

const fields = {};
let reply = null; // the message to reply to

// wrong shows an error above the forms.
export const wrong = (error) => notice(byId("composer"), error.message, "bad");

// answer makes the next message a reply to an entry, or to none.
export function answer(entry) {
  setReply(entry);
  if (entry) fields.text?.focus();
}

// react opens the reactions to a message.
export function react(entry) {
  setReply(entry);
  setKind("reaction");
}

let side = "user";
let kind = "text";

export function compose() {
  const composer = byId("composer");
  const sides = h("div", { class: "sides", role: "group", "aria-label": "Sender" },
    [["user", "You, the user"], ["business", "The business"]].map(([value, label]) => h("button", { type: "button", "data-side": value, "aria-pressed": String(value === side), click: () => {
      side = value;
      for (const button of sides.children) button.setAttribute("aria-pressed", String(button.dataset.side === side));
      form();
    } }, label)));
  fields.form = h("form", { class: "compose", submit: (event) => { event.preventDefault(); submit(); } });
  fields.replying = h("div", { class: "replying", hidden: true });
  composer.append(fields.replying, sides, fields.form, options());
  form();
}

// options are the sender and how events are published.
function options() {
  const select = (name, label, all) => {
    fields[name] = h("select", { id: `publish-${name}`, change: summarize }, all.map(([value, text]) => h("option", { value }, text)));
    return h("div", { class: "field" }, h("label", { for: `publish-${name}` }, label), fields[name]);
  };
  fields.count = h("input", { id: "publish-count", type: "number", min: 1, max: 1000, step: 1, value: 1, input: summarize });
  fields.phone = h("input", { id: "person-phone", type: "tel", value: PHONE, input: summarize, autocomplete: "off" });
  fields.bsuid = h("input", { id: "person-bsuid", type: "text", placeholder: BSUID, input: summarize, autocomplete: "off" });
  fields.hide = h("input", { id: "person-hide", type: "checkbox", change: () => {
    if (fields.hide.checked && !fields.bsuid.value) fields.bsuid.value = BSUID;
    fields.phone.disabled = fields.hide.checked;
    summarize();
  } });
  fields.summary = h("span");
  const details = h("details", { class: "options" },
    h("summary", null, icon("chevron", "turn"), fields.summary),
    h("div", { class: "fields" },
      h("div", { class: "field" }, h("label", { for: "person-phone" }, "Phone number"), fields.phone),
      h("div", { class: "field" }, h("label", { for: "person-bsuid" }, "Business-scoped id (BSUID)"), fields.bsuid),
      h("label", { class: "inline wide" }, fields.hide, "Hide the phone number: BSUID only"),
      h("div", { class: "wide" }, select("provider", "Sent through", [["acs", "Azure Communication Services"], ["meta", "Meta's Cloud API"]])),
      select("schema", "Published in", [["cloudevents", "CloudEvents 1.0"], ["eventgrid", "Event Grid schema"]]),
      h("div", { class: "field" }, h("label", { for: "publish-count" }, "Number of events"), fields.count),
      h("div", { class: "wide" }, select("age", "Time of the event", [["0", "now"], ["60", "1 minute ago"], ["3600", "1 hour ago"], ["172800", "2 days ago"]])),
      h("p", { class: "hint wide" }, "Several messages differ in their ids. Several statuses are the same event, published again.")));
  summarize();
  return details;
}

const who = () => (fields.hide.checked ? { bsuid: fields.bsuid.value.trim() || BSUID } : { phone: fields.phone.value.replace(/\D/g, "") || undefined, bsuid: fields.bsuid.value.trim() || undefined });

// isMeta reports whether messages are sent through Meta's Cloud API.
const isMeta = () => fields.provider?.value === "meta";

// how returns how events are published.
export const how = () => ({ provider: fields.provider.value, schema: fields.schema.value, count: Number(fields.count.value) || 1, age: Number(fields.age.value) });

function summarize() {
  if (!fields.age) return;
  const h = how();
  fields.schema.disabled = isMeta();
  if (fields.form && isMeta() !== shownForMeta) {
    if (!isMeta() && metaKinds[kind]) kind = "text";
    form();
  }
  fields.summary.textContent = [`As ${person(who())}`, isMeta() ? "through Meta" : h.schema === "eventgrid" ? "Event Grid schema" : "CloudEvents", h.count === 1 ? "" : `${number(h.count)} at once`, h.age ? fields.age.selectedOptions[0].textContent : ""].filter(Boolean).join(" · ");
}

function setKind(next) {
  if (side !== "user") document.querySelector(".sides [data-side=user]").click();
  kind = next;
  form();
  fields.form.querySelector("input, textarea, [data-emoji]")?.focus();
}

function setReply(entry) {
  reply = entry;
  fields.replying.hidden = !entry;
  fields.replying.replaceChildren();
  if (!entry) {
    if (kind === "reaction") setKind("text");
    return;
  }
  fields.replying.append(h("p", null, h("strong", null, kind === "reaction" ? "Reaction to " : "Reply to "), words(entry)),
    h("button", { type: "button", class: "icon quiet", "aria-label": "Cancel the reply", click: () => setReply(null) }, icon("close")));
}

function input(name, label, attributes) {
  fields[name] = h("input", { type: "text", id: `compose-${name}`, autocomplete: "off", ...attributes });
  return h("div", { class: "field" }, h("label", { for: `compose-${name}` }, label), fields[name]);
}

function text(label, placeholder) {
  let entered = false;
  fields.text = h("textarea", { id: "text", rows: 1, "aria-label": label, placeholder, keydown: (event) => {
    entered = event.key === "Enter" && !event.shiftKey && !event.isComposing;
    if (entered) {
      event.preventDefault();
      submit();
    }
  }, beforeinput: (event) => {
    // Some keyboards report the line break separately from the key.
    if (entered && event.inputType === "insertLineBreak") event.preventDefault();
  } });
  return fields.text;
}

const sendButton = (label) => h("button", { type: "submit", class: "primary icon", title: label, "aria-label": label }, icon("send"));

let shownForMeta = false;

function form() {
  const f = fields.form;
  shownForMeta = isMeta();
  fields.text = null;
  if (side === "business") {
    f.replaceChildren(
      h("p", { class: "hint" }, "The app does not send messages, so nothing is published. Add a message here to publish its statuses."),
      input("id", "Message id", { placeholder: "generated" }),
      h("div", { class: "write" }, text("Message of the business", "Text of the message"), sendButton("Add the message")));
    return;
  }
  const choose = h("select", { id: "kind", "aria-label": "Kind of message", change: () => setKind(choose.value) }, Object.entries({ ...kinds, ...(isMeta() ? metaKinds : {}) }).map(([value, label]) => h("option", { value, selected: value === kind }, label)));
  const top = h("div", { class: "row" }, choose, kind === "text" ? h("button", { type: "button", class: "small", title: "Send STOP, as users do to opt out", click: () => sendMessage({ kind: "text", text: "STOP" }) }, "Send STOP") : null);
  const write = (label, placeholder) => h("div", { class: "write" }, text(label, placeholder), sendButton("Send"));
  const rest = [];
  if (kind === "text") rest.push(write("Message", "Message"));
  else if (media.includes(kind)) {
    rest.push(h("div", { class: "fields" }, input("mimeType", "Media type", { placeholder: "default for the kind" }),
      kind === "document" ? input("fileName", "File name", { value: "invoice.pdf" }) : null,
      kind === "sticker" ? h("label", { class: "inline" }, fields.animated = h("input", { type: "checkbox" }), "Animated") : null), write("Caption", "Caption"));
  } else if (kind === "button") {
    rest.push(h("div", { class: "fields" }, input("buttonText", "Button", { value: "Unsubscribe" }), input("payload", "Payload", { placeholder: "same as the text" })), wideSend("Press the button"));
  } else if (kind === "button-reply" || kind === "list-reply") {
    rest.push(h("div", { class: "fields" }, input("choiceId", "Id", { value: kind === "list-reply" ? "size-m" : "yes" }), input("choiceTitle", "Title", { value: kind === "list-reply" ? "Medium" : "Yes" }),
      kind === "list-reply" ? h("div", { class: "wide" }, input("choiceDescription", "Description", { value: "Fits most" })) : null), wideSend(kind === "list-reply" ? "Choose the list item" : "Press the button"));
  } else if (kind === "location") {
    rest.push(h("div", { class: "fields" }, input("latitude", "Latitude", { value: "44.53461", inputmode: "decimal" }), input("longitude", "Longitude", { value: "-110.83772", inputmode: "decimal" }),
      h("div", { class: "wide" }, input("place", "Place", { value: "Example Park" }))), wideSend("Send the location"));
  } else if (kind === "contacts") {
    rest.push(h("div", { class: "fields" }, input("contactName", "Name", { value: "Ada Example" }), input("contactPhone", "Phone number", { value: "14255550199" })), wideSend("Send the contact"));
  } else if (kind === "reaction") {
    rest.push(reply
      ? h("div", { class: "row emoji", role: "group", "aria-label": "Reaction" }, emoji.map((e) => h("button", { type: "button", "data-emoji": e, "aria-label": `React with ${e}`, click: () => sendReaction(e) }, e)),
        h("button", { type: "button", class: "small", click: () => sendReaction("") }, "Remove reaction"))
      : h("p", { class: "hint" }, "Choose a message with its reaction button."));
  }
  f.replaceChildren(top, ...rest);
  if (reply) setReplyLabel();
}

function setReplyLabel() {
  const label = fields.replying.querySelector("strong");
  if (label) label.textContent = kind === "reaction" ? "Reaction to " : "Reply to ";
}

const wideSend = (label) => h("button", { type: "submit", class: "primary" }, label);

const value = (name) => fields[name]?.value.trim() || undefined;

function sendReaction(e) {
  sendMessage({ kind: "reaction", reaction: { messageId: reply.messageId, emoji: e || undefined } });
}

// message returns the message of the form.
function message() {
  const written = fields.text?.value ?? "";
  if (kind === "text") return { kind, text: written };
  if (media.includes(kind)) {
    return { kind, text: written || undefined, media: { mimeType: value("mimeType"), fileName: kind === "document" ? value("fileName") : undefined, animated: kind === "sticker" ? fields.animated.checked : undefined } };
  }
  if (kind === "location") return { kind, location: { latitude: Number(value("latitude")), longitude: Number(value("longitude")), name: value("place") } };
  if (kind === "contacts") return { kind, contacts: [{ name: value("contactName"), phone: value("contactPhone") }] };
  if (kind === "button") return { kind, button: { text: value("buttonText") ?? "", payload: value("payload") } };
  return { kind: "interactive", choice: { list: kind === "list-reply" || undefined, id: value("choiceId") ?? "", title: value("choiceTitle") ?? "", description: kind === "list-reply" ? value("choiceDescription") : undefined } };
}

async function submit() {
  if (side === "business") {
    try {
      await post("outgoing", { id: value("id") ?? "", text: fields.text.value, to: who() });
      fields.text.value = "";
      fields.id.value = "";
      notice(byId("composer"), "");
    } catch (error) {
      wrong(error);
    }
    scrollDown();
    return;
  }
  if (kind === "reaction") return;
  await sendMessage(message());
}

async function sendMessage(what) {
  const { provider, schema, count: times, age } = how();
  if (reply && what.kind !== "reaction") what.replyTo = reply.messageId;
  try {
    await post("messages", { provider, schema, count: times, age, message: { from: who(), ...what } });
    notice(byId("composer"), "");
    if (fields.text && what.text !== "STOP") fields.text.value = "";
    if (reply) setReply(null);
    announce("The message is published");
    scrollDown();
  } catch (error) {
    wrong(error);
  }
}

// scrollDown shows the newest message.
function scrollDown() {
  byId("chat").scrollTop = byId("chat").scrollHeight;
}
