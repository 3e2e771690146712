// The conversation pane: the messages on the phone with the progress of their
// events, and the statuses of the messages of the business.

import { h, byId, icon, empty, notice, announce, List } from "./dom.js";
import { post } from "./api.js";
import { clock, count, date, moment, number, person } from "./format.js";
import { answer, compose, how, react, wrong } from "./compose.js";
import { kinds, media, words } from "./words.js";

// Limits of the messages that are kept, and shown at first.
const KEPT = 300;
const SHOWN = 60;

const statuses = ["Sent", "Delivered", "Read", "Failed"];
const ranks = { sent: 1, failed: 1.5, delivered: 2, read: 3 };

let list;
let codes = { known: [], classified: {} };
let failing = null; // the id of the message whose error code is being chosen
let chosenCode = "131047";

export function start() {
  const more = h("button", { type: "button", class: "quiet", click: () => { list.limit += 2 * SHOWN; list.show(); } });
  const place = h("div", { class: "bubbles" });
  const nothing = h("div");
  byId("chat").append(h("p", { class: "more" }, more), nothing, place);
  list = new List(place, render, { limit: SHOWN, more: (hidden) => {
    more.hidden = hidden === 0;
    more.textContent = `Show ${number(hidden)} earlier`;
    nothing.replaceChildren(...(place.childElementCount > 0 ? [] : [empty("chat", "You are the WhatsApp user", "Write a message below and send it to the business. Its delivery appears in the trace, and the outputs of the app in storage.")]));
  } });
  list.show();
  compose();
  byId("clear").addEventListener("click", async () => {
    try {
      await post("clear");
      announce("Chat and trace are cleared");
    } catch (error) {
      wrong(error);
    }
  });
}

export function update(update) {
  if (update.reset) {
    list.clear();
    answer(null);
  }
  if (update.parts?.codes) {
    codes = { known: update.parts.codes.known ?? [], classified: update.parts.codes.classified ?? {} };
    if (failing !== null) list.show(new Set([failing]));
  }
  if (update.messages || update.reset) {
    const chat = byId("chat");
    const atEnd = chat.scrollHeight - chat.scrollTop - chat.clientHeight < 80;
    list.put(update.messages ?? [], KEPT);
    if (atEnd) chat.scrollTop = chat.scrollHeight;
  }
}

function render(entry, old) {
  const key = `message ${entry.id}`;
  const bubble = h("article", { class: "bubble", "data-side": entry.outgoing ? "theirs" : "mine", "data-kind": entry.kind },
    h("p", { class: "who" }, entry.outgoing ? "Business" : person(entry.person), entry.outgoing ? ` to ${person(entry.person)}` : entry.person?.phone && entry.person.bsuid ? " · also has a BSUID" : ""),
    entry.replyTo ? quoted(entry.replyTo) : null,
    body(entry),
    entry.outgoing ? business(entry, key) : user(entry, key));
  return bubble;
}

// meta shows the time and the status, as a phone does.
function meta(entry) {
  return h("p", { class: "meta" }, entry.outgoing ? ticks(entry) : null, h("time", { datetime: entry.at, title: date(entry.at) }, clock(entry.at)));
}

const messageOf = (id) => [...list.items.values()].find((entry) => entry.messageId === id);

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
      ? [h("p", { class: "reaction" }, entry.reaction.emoji), h("p", { class: "detail" }, `to “${on}”`)]
      : h("p", { class: "detail" }, `Removed the reaction to “${on}”`));
  }
  if (entry.detail) parts.push(h("p", { class: "words" }, entry.detail), h("p", { class: "detail" }, kinds[entry.kind] ?? entry.kind));
  if (entry.text) parts.push(h("p", { class: "words" }, entry.text));
  if (parts.length === 0) parts.push(h("p", { class: "detail" }, entry.outgoing ? (entry.text === "" && !entry.kind ? "This message was not sent from this page" : "No text") : `A message of kind ${entry.kind || "unknown"}`));
  return parts;
}

// progress shows the state of an event, with a link to its delivery.
function progress(event, key) {
  if (!event) return null;
  const states = {
    published: ["published", ""],
    delivering: ["delivering", ""],
    delivered: [event.result?.rejected ? "rejected" : "processed", event.result?.rejected ? "warn" : "good"],
    waiting: ["failed, will be retried", "warn"],
    "dead-lettered": ["dead-lettered", "bad"],
  };
  let [text, tone] = states[event.state] ?? [event.state, ""];
  if (event.published > 1) text += ` · published ${event.published}×`;
  if (event.attempts > 1) text += ` · ${count(event.attempts, "delivery", "deliveries")}`;
  const attributes = { class: "progress", "data-tone": tone, title: event.reason || null };
  if (!event.delivery) return h("span", attributes, text);
  return h("button", { ...attributes, type: "button", "data-key": `${key} trace`, "aria-label": `${text}: show the delivery`, click: () => document.dispatchEvent(new CustomEvent("pane", { detail: { pane: "trace", delivery: event.delivery } })) }, text, icon("chevron"));
}

function user(entry, key) {
  const result = entry.event?.result ?? {};
  return [
    h("div", { class: "foot" }, h("p", { class: "state" },
      progress(entry.event, key),
      result.optOut ? h("span", { class: "tag", "data-tone": "warn" }, "opt-out") : null,
      result.replyBy && !result.replyBy.startsWith("0001") ? h("span", { class: "hint", title: "Until then the business may reply with free text" }, new Date(result.replyBy) > new Date() ? `reply window until ${moment(result.replyBy)}` : "24-hour window closed") : null), meta(entry)),
    result.rejected ? h("p", { class: "advice", "data-tone": "warn" }, result.rejected) : null,
    h("div", { class: "acts" }, replyTo(entry, key), reactTo(entry, key)),
  ];
}

const replyTo = (entry, key) => h("button", { type: "button", class: "icon quiet", title: "Reply", "aria-label": "Reply to this message", "data-key": `${key} reply`, click: () => answer(entry) }, icon("reply"));

function reactTo(entry, key) {
  return h("button", { type: "button", class: "icon quiet", title: "React", "aria-label": "React to this message", "data-key": `${key} react`, click: () => react(entry) }, icon("react"));
}

// ticks show the status as the phone of the sender does.
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
    h("div", { class: "foot" }, h("p", { class: "detail mono", title: "Message id" }, entry.messageId), meta(entry)),
    known.length ? h("ol", { class: "statuses", "aria-label": "Statuses in the order of publishing" },
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
  const failure = s.event.result?.failure;
  return h("li", null,
    h("p", { class: "state" }, h("strong", null, s.status), s.code ? h("span", { class: "mono" }, s.code) : null, s.message ? h("span", null, s.message) : null, progress(s.event, key)),
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

// failure is the form for the error code of a failed status. Class and advice are
// shown once the app has classified the code.
function failure(entry, key) {
  const own = !codes.known.some(({ code }) => code === chosenCode);
  const choose = h("select", { id: `${key} code`, "data-key": `${key} code`, change: () => { chosenCode = choose.value; list.show(new Set([entry.id])); } },
    codes.known.map(({ code, message }) => h("option", { value: code, selected: code === chosenCode }, `${code} ${message}`)),
    h("option", { value: "", selected: own }, "Another code…"));
  const other = own ? h("input", { type: "text", inputmode: "numeric", "aria-label": "Error code", placeholder: "Error code, such as 470", value: chosenCode, "data-key": `${key} other`, input: () => { chosenCode = other.value.trim(); } }) : null;
  const classified = codes.classified[chosenCode];
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
  classified ? [h("p", { class: "hint" }, "The app classifies this code as:"), advice(classified)] : h("p", { class: "hint" }, "The app's class and advice appear here after the first status with this code."),
  h("button", { type: "submit", class: "small primary" }, "Send failed status"));
}

async function publishStatus(entry, what) {
  try {
    await post("statuses", { ...how(), status: { messageId: entry.messageId, to: entry.person, ...what } });
    notice(byId("composer"), "");
    announce(`Status ${what.status} is published`);
    list.show(new Set([entry.id]));
  } catch (error) {
    wrong(error);
  }
}
