// The conversation pane: a phone on which the developer is the WhatsApp user,
// and beside it what the business does.

import { h, byId, icon, empty, notice, acting, announce, List } from "./dom.js";
import { post } from "./api.js";
import { clock, count, date, moment, number, person } from "./format.js";

// How many messages are kept, and shown at first.
const KEPT = 300;
const SHOWN = 60;

const PHONE = "14255550123";
const BSUID = "US.13491208655302741918";

const kinds = {
  text: "Text", image: "Image", video: "Video", audio: "Audio", document: "Document", sticker: "Sticker",
  button: "Template button", "button-reply": "Button reply", "list-reply": "List reply", reaction: "Reaction",
};
const media = ["image", "video", "audio", "document", "sticker"];
const statuses = ["Sent", "Delivered", "Read", "Failed"];
const ranks = { sent: 1, failed: 1.5, delivered: 2, read: 3 };
const emoji = ["👍", "❤️", "😂", "😮", "😢", "🙏"];

let list;
let codes = { known: [], said: {} };
let failing = null; // the message whose failure is being chosen
let reply = null; // the message that is answered
let chosenCode = "131047";
const fields = {};

export function start() {
  const more = h("button", { type: "button", class: "quiet", click: () => { list.limit += 2 * SHOWN; list.show(); } });
  const place = h("div", { class: "bubbles" });
  const nothing = h("div");
  byId("chat").append(h("p", { class: "more" }, more), nothing, place);
  list = new List(place, render, { limit: SHOWN, more: (hidden) => {
    more.hidden = hidden === 0;
    more.textContent = `Show ${number(hidden)} earlier`;
    nothing.replaceChildren(...(place.childElementCount > 0 ? [] : [empty("chat", "You are the WhatsApp user", "Write something below and send it: the business is this app. What it makes of your message appears in the trace and in storage.")]));
  } });
  list.show();
  compose();
  byId("forget").addEventListener("click", async () => {
    try {
      await post("clear");
      announce("The conversation and the trace are empty");
    } catch (error) {
      wrong(error);
    }
  });
}

const wrong = (error) => notice(byId("composer"), error.message, "bad");

export function update(update) {
  if (update.reset) {
    list.clear();
    setReply(null);
  }
  if (update.parts?.codes) {
    codes = { known: update.parts.codes.known ?? [], said: update.parts.codes.said ?? {} };
    if (failing !== null) list.show(new Set([failing]));
  }
  if (update.chat || update.reset) {
    const chat = byId("chat");
    const atEnd = chat.scrollHeight - chat.scrollTop - chat.clientHeight < 80;
    list.put(update.chat ?? [], KEPT);
    if (atEnd) chat.scrollTop = chat.scrollHeight;
  }
}

// --- Bubbles ---------------------------------------------------------------

function render(entry, old) {
  const key = `message ${entry.id}`;
  const bubble = h("article", { class: "bubble", "data-side": entry.outgoing ? "theirs" : "mine", "data-kind": entry.kind },
    h("p", { class: "who" }, entry.outgoing ? "Business" : person(entry.person), entry.outgoing ? ` to ${person(entry.person)}` : entry.person?.phone && entry.person.bsuid ? " · has a BSUID too" : ""),
    entry.replyTo ? quoted(entry.replyTo) : null,
    body(entry),
    entry.outgoing ? business(entry, key) : user(entry, key));
  return bubble;
}

// meta is the time, and what a phone shows beside it.
function meta(entry) {
  return h("p", { class: "meta" }, entry.outgoing ? ticks(entry) : null, h("time", { datetime: entry.at, title: date(entry.at) }, clock(entry.at)));
}

const messageOf = (id) => [...list.items.values()].find((entry) => entry.messageId === id);

// words are what a message says, on one line.
function words(entry) {
  if (!entry) return "a message that is not shown here";
  if (entry.kind === "reaction") return entry.reaction?.emoji ? `reacted ${entry.reaction.emoji}` : "took a reaction away";
  return entry.text || entry.button?.text || entry.choice?.title || entry.media?.fileName || kinds[entry.kind] || entry.kind || "message";
}

function quoted(id) {
  return h("p", { class: "quote" }, words(messageOf(id)));
}

function body(entry) {
  const parts = [];
  if (entry.media) {
    parts.push(h("div", { class: "media" }, icon(media.includes(entry.kind) ? entry.kind : "document"), h("div", null,
      h("strong", null, entry.media.fileName || kinds[entry.kind] || entry.kind),
      h("span", null, entry.media.animated ? `${entry.media.mimeType}, animated` : entry.media.mimeType))));
  }
  if (entry.button) {
    parts.push(h("p", { class: "words" }, entry.button.text), h("p", { class: "detail" }, "Template button", entry.button.payload && entry.button.payload !== entry.button.text ? ` · ${entry.button.payload}` : ""));
  }
  if (entry.choice) {
    parts.push(h("p", { class: "words" }, entry.choice.title), entry.choice.description ? h("p", { class: "detail" }, entry.choice.description) : null,
      h("p", { class: "detail" }, entry.choice.list ? "List" : "Button", ` · ${entry.choice.id}`));
  }
  if (entry.reaction) {
    const on = words(messageOf(entry.reaction.messageId));
    parts.push(entry.reaction.emoji
      ? [h("p", { class: "reaction" }, entry.reaction.emoji), h("p", { class: "detail" }, `on “${on}”`)]
      : h("p", { class: "detail" }, `Took the reaction off “${on}”`));
  }
  if (entry.text) parts.push(h("p", { class: "words" }, entry.text));
  if (parts.length === 0) parts.push(h("p", { class: "detail" }, entry.outgoing ? (entry.text === "" && !entry.kind ? "A message that was sent elsewhere" : "No text") : `A message of kind ${entry.kind || "unknown"}`));
  return parts;
}

// progress says how far an event has come, and leads to its delivery.
function progress(event, key) {
  if (!event) return null;
  const states = {
    published: ["published", ""],
    delivering: ["delivering", ""],
    done: [event.said?.rejected ? "rejected" : "processed", event.said?.rejected ? "bad" : "good"],
    waiting: ["failed, comes again", "warn"],
    dead: ["dead letter", "bad"],
  };
  let [text, tone] = states[event.state] ?? [event.state, ""];
  if (event.published > 1) text += ` · published ${event.published}×`;
  if (event.attempts > 1) text += ` · ${count(event.attempts, "delivery", "deliveries")}`;
  const attributes = { class: "progress", "data-tone": tone, title: event.reason || null };
  if (!event.delivery) return h("span", attributes, text);
  return h("button", { ...attributes, type: "button", "data-key": `${key} trace`, "aria-label": `${text}: show the delivery`, click: () => document.dispatchEvent(new CustomEvent("pane", { detail: { pane: "trace", delivery: event.delivery } })) }, text, icon("chevron"));
}

function user(entry, key) {
  const said = entry.event?.said ?? {};
  return [
    h("div", { class: "foot" }, h("p", { class: "said" },
      progress(entry.event, key),
      said.optOut ? h("span", { class: "tag", "data-tone": "warn" }, "opt-out") : null,
      said.replyBy && !said.replyBy.startsWith("0001") ? h("span", { class: "hint", title: "Until then the business may answer in free text" }, new Date(said.replyBy) > new Date() ? `window until ${moment(said.replyBy)}` : "24-hour window closed") : null), meta(entry)),
    said.rejected ? h("p", { class: "advice", "data-tone": "bad" }, said.rejected) : null,
    h("div", { class: "acts" }, replyTo(entry, key), reactTo(entry, key)),
  ];
}

const replyTo = (entry, key) => h("button", { type: "button", class: "icon quiet", title: "Reply", "aria-label": "Reply to this message", "data-key": `${key} reply`, click: () => { setReply(entry); fields.text?.focus(); } }, icon("reply"));

function reactTo(entry, key) {
  return h("button", { type: "button", class: "icon quiet", title: "React", "aria-label": "React to this message", "data-key": `${key} react`, click: () => {
    setReply(entry);
    setKind("reaction");
  } }, icon("react"));
}

// ticks are what the sender's phone would show.
function ticks(entry) {
  const best = (entry.statuses ?? []).map((s) => s.status.toLowerCase()).toSorted((a, b) => (ranks[b] ?? 0) - (ranks[a] ?? 0))[0];
  const marks = { sent: "✓", delivered: "✓✓", read: "✓✓", failed: "!" };
  if (!best) return h("span", { class: "hint" }, "no status yet");
  return h("span", { class: "ticks", "data-status": best, title: best }, marks[best] ?? best, h("span", { class: "unseen" }, best));
}

function business(entry, key) {
  const known = entry.statuses ?? [];
  const hidden = (entry.statusCount ?? 0) - known.length;
  return [
    h("div", { class: "foot" }, h("p", { class: "detail mono", title: "The message's id" }, entry.messageId), meta(entry)),
    known.length ? h("ol", { class: "statuses", "aria-label": "Statuses in the order in which they were published" },
      hidden > 0 ? h("li", { class: "hint" }, `${number(hidden)} earlier`) : null,
      known.map((s, i) => status(s, `${key} status ${i}`))) : null,
    h("div", { class: "status-buttons", role: "group", "aria-label": "Publish a status" }, statuses.map((name) => h("button", {
      type: "button", class: "small", "data-key": `${key} ${name}`, "aria-expanded": name === "Failed" ? String(failing === entry.id) : null,
      click: () => (name === "Failed" ? fail(entry) : publishStatus(entry, { status: name })),
    }, name))),
    failing === entry.id ? failure(entry, key) : null,
    h("div", { class: "acts" }, replyTo(entry, key), reactTo(entry, key)),
  ];
}

function status(s, key) {
  const failure = s.event.said?.failure;
  return h("li", null,
    h("p", { class: "said" }, h("strong", null, s.status), s.code ? h("span", { class: "mono" }, s.code) : null, s.message ? h("span", null, s.message) : null, progress(s.event, key)),
    failure ? advice(failure) : null);
}

function advice(failure) {
  return h("div", { class: "advice" },
    h("p", null, h("span", { class: "tag", "data-tone": failure.retry === "never" ? "bad" : "warn" }, failure.class), h("span", { class: "tag" }, `retry: ${failure.retry}`)),
    h("p", null, failure.advice));
}

function fail(entry) {
  const before = failing;
  failing = failing === entry.id ? null : entry.id;
  list.show(new Set([before, entry.id].filter((id) => id !== null)));
  if (failing === null) return;
  const form = list.elements.get(entry.id).querySelector(".failure");
  form.scrollIntoView({ block: "nearest" });
  form.querySelector("select").focus({ preventScroll: true });
}

// failure is where the reason of a failure is chosen. Class and advice are the
// app's: they are known once it has said them.
function failure(entry, key) {
  const own = !codes.known.some(({ code }) => code === chosenCode);
  const choose = h("select", { id: `${key} code`, "data-key": `${key} code`, change: () => { chosenCode = choose.value; list.show(new Set([entry.id])); } },
    codes.known.map(({ code, message }) => h("option", { value: code, selected: code === chosenCode }, `${code} ${message}`)),
    h("option", { value: "", selected: own }, "Another code…"));
  const other = own ? h("input", { type: "text", inputmode: "numeric", "aria-label": "Error code", placeholder: "Error code, such as 470", value: chosenCode, "data-key": `${key} other`, input: () => { chosenCode = other.value.trim(); } }) : null;
  const said = codes.said[chosenCode];
  return h("form", { class: "failure", submit: (event) => {
    event.preventDefault();
    if (!chosenCode) {
      other.focus();
      return;
    }
    failing = null;
    publishStatus(entry, { status: "Failed", code: chosenCode });
  } },
  h("label", { for: `${key} code` }, "Error code"), choose, other,
  said ? [h("p", { class: "hint" }, "The app said of this code:"), advice(said)] : h("p", { class: "hint" }, "What class it is, and what to do, is for the app to say: it appears here once the app has seen this code."),
  h("button", { type: "submit", class: "small primary" }, "Publish failed"));
}

async function publishStatus(entry, what) {
  try {
    await post("statuses", { ...how(), status: { messageId: entry.messageId, to: entry.person, ...what } });
    notice(byId("composer"), "");
    announce(`${what.status} is published`);
    list.show(new Set([entry.id]));
  } catch (error) {
    wrong(error);
  }
}

// --- Composer --------------------------------------------------------------

let side = "user";
let kind = "text";

function compose() {
  const composer = byId("composer");
  const sides = h("div", { class: "sides", role: "group", "aria-label": "Who writes" },
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

// options are who writes, and how events are published.
function options() {
  const select = (name, label, all) => {
    fields[name] = h("select", { id: `publish-${name}`, change: told }, all.map(([value, text]) => h("option", { value }, text)));
    return h("div", { class: "field" }, h("label", { for: `publish-${name}` }, label), fields[name]);
  };
  fields.count = h("input", { id: "publish-count", type: "number", min: 1, max: 1000, step: 1, value: 1, input: told });
  fields.phone = h("input", { id: "person-phone", type: "tel", value: PHONE, input: told, autocomplete: "off" });
  fields.bsuid = h("input", { id: "person-bsuid", type: "text", placeholder: BSUID, input: told, autocomplete: "off" });
  fields.hide = h("input", { id: "person-hide", type: "checkbox", change: () => {
    if (fields.hide.checked && !fields.bsuid.value) fields.bsuid.value = BSUID;
    fields.phone.disabled = fields.hide.checked;
    told();
  } });
  fields.summary = h("span");
  const details = h("details", { class: "options" },
    h("summary", null, icon("chevron", "turn"), fields.summary),
    h("div", { class: "fields" },
      h("div", { class: "field" }, h("label", { for: "person-phone" }, "Phone number"), fields.phone),
      h("div", { class: "field" }, h("label", { for: "person-bsuid" }, "Business-scoped id (BSUID)"), fields.bsuid),
      h("label", { class: "inline wide" }, fields.hide, "Hide the phone number: BSUID only"),
      select("schema", "Published in", [["cloudevents", "CloudEvents 1.0"], ["eventgrid", "Event Grid schema"]]),
      h("div", { class: "field" }, h("label", { for: "publish-count" }, "How many at once"), fields.count),
      h("div", { class: "wide" }, select("age", "When it happened", [["0", "now"], ["60", "1 minute ago"], ["3600", "1 hour ago"], ["172800", "2 days ago: late"]])),
      h("p", { class: "hint wide" }, "Several messages differ in their ids; several statuses are one event that is published again and again.")));
  told();
  return details;
}

const who = () => (fields.hide.checked ? { bsuid: fields.bsuid.value.trim() || BSUID } : { phone: fields.phone.value.replace(/\D/g, "") || undefined, bsuid: fields.bsuid.value.trim() || undefined });

const how = () => ({ schema: fields.schema.value, count: Number(fields.count.value) || 1, age: Number(fields.age.value) });

function told() {
  if (!fields.age) return;
  const h = how();
  fields.summary.textContent = [`As ${person(who())}`, h.schema === "eventgrid" ? "Event Grid schema" : "CloudEvents", h.count === 1 ? "" : `${number(h.count)} at once`, h.age ? fields.age.selectedOptions[0].textContent : ""].filter(Boolean).join(" · ");
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
  fields.replying.append(h("p", null, h("strong", null, kind === "reaction" ? "On " : "Answering "), words(entry)),
    h("button", { type: "button", class: "icon quiet", "aria-label": "Answer no message", click: () => setReply(null) }, icon("close")));
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
    // Some keyboards tell the line break apart from the key.
    if (entered && event.inputType === "insertLineBreak") event.preventDefault();
  } });
  return fields.text;
}

const sendButton = (label) => h("button", { type: "submit", class: "primary icon", title: label, "aria-label": label }, icon("send"));

function form() {
  const f = fields.form;
  fields.text = null;
  if (side === "business") {
    f.replaceChildren(
      h("p", { class: "hint" }, "Sending is not the app's to do, so nothing is published. Then give the message its statuses."),
      input("id", "Message id", { placeholder: "a new one" }),
      h("div", { class: "write" }, text("Message of the business", "What the business wrote"), sendButton("Add the message")));
    return;
  }
  const choose = h("select", { id: "kind", "aria-label": "Kind of message", change: () => setKind(choose.value) }, Object.entries(kinds).map(([value, label]) => h("option", { value, selected: value === kind }, label)));
  const top = h("div", { class: "row" }, choose, kind === "text" ? h("button", { type: "button", class: "small", title: "Send STOP, as somebody does who wants no more messages", click: () => sendMessage({ kind: "text", text: "STOP" }) }, "Send STOP") : null);
  const write = (label, placeholder) => h("div", { class: "write" }, text(label, placeholder), sendButton("Send"));
  const rest = [];
  if (kind === "text") rest.push(write("Message", "Message"));
  else if (media.includes(kind)) {
    rest.push(h("div", { class: "fields" }, input("mimeType", "Media type", { placeholder: "the usual one" }),
      kind === "document" ? input("fileName", "File name", { value: "invoice.pdf" }) : null,
      kind === "sticker" ? h("label", { class: "inline" }, fields.animated = h("input", { type: "checkbox" }), "It moves") : null), write("Caption", "Caption"));
  } else if (kind === "button") {
    rest.push(h("div", { class: "fields" }, input("buttonText", "Button", { value: "Unsubscribe" }), input("payload", "Payload", { placeholder: "its text" })), wideSend("Press the button"));
  } else if (kind === "button-reply" || kind === "list-reply") {
    rest.push(h("div", { class: "fields" }, input("choiceId", "Id", { value: kind === "list-reply" ? "size-m" : "yes" }), input("choiceTitle", "Title", { value: kind === "list-reply" ? "Medium" : "Yes" }),
      kind === "list-reply" ? h("div", { class: "wide" }, input("choiceDescription", "Description", { value: "Fits most" })) : null), wideSend(kind === "list-reply" ? "Pick the entry" : "Press the button"));
  } else if (kind === "reaction") {
    rest.push(reply
      ? h("div", { class: "row emoji", role: "group", "aria-label": "Reaction" }, emoji.map((e) => h("button", { type: "button", "data-emoji": e, "aria-label": `React with ${e}`, click: () => react(e) }, e)),
        h("button", { type: "button", class: "small", click: () => react("") }, "Take it away"))
      : h("p", { class: "hint" }, "Choose a message: the smiling face beside each is for reactions."));
  }
  f.replaceChildren(top, ...rest);
  if (reply) setReplyLabel();
}

function setReplyLabel() {
  const label = fields.replying.querySelector("strong");
  if (label) label.textContent = kind === "reaction" ? "On " : "Answering ";
}

const wideSend = (label) => h("button", { type: "submit", class: "primary" }, label);

const value = (name) => fields[name]?.value.trim() || undefined;

function react(e) {
  sendMessage({ kind: "reaction", reaction: { messageId: reply.messageId, emoji: e || undefined } });
}

// message is what the form describes.
function message() {
  const said = fields.text?.value ?? "";
  if (kind === "text") return { kind, text: said };
  if (media.includes(kind)) {
    return { kind, text: said || undefined, media: { mimeType: value("mimeType"), fileName: kind === "document" ? value("fileName") : undefined, animated: kind === "sticker" ? fields.animated.checked : undefined } };
  }
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
  const { schema, count: times, age } = how();
  if (reply && what.kind !== "reaction") what.replyTo = reply.messageId;
  try {
    await post("messages", { schema, count: times, age, message: { from: who(), ...what } });
    notice(byId("composer"), "");
    if (fields.text && what.text !== "STOP") fields.text.value = "";
    if (reply) setReply(null);
    announce("The message is published");
    scrollDown();
  } catch (error) {
    wrong(error);
  }
}

// scrollDown shows what one has sent oneself.
function scrollDown() {
  byId("chat").scrollTop = byId("chat").scrollHeight;
}
