// The bubble of a message.

import { h, icon } from "./dom.js";
import { clock, count, date, person } from "./format.js";
import { answer, react } from "./compose.js";
import { file } from "./file.js";
import { statuses, ticks } from "./statuses.js";
import { kinds, words } from "./words.js";

// Longer texts are shown from their start, until a person asks for the rest.
const LENGTH = 600;
const LINES = 12;

const whole = new Set(); // the ids of the messages whose whole text is shown

export function bubble(entry, context) {
  const key = `message ${entry.id}`;
  const side = entry.outgoing ? "theirs" : "mine";
  const reactions = context.reactionsTo(entry);
  return h("article", { class: "line", "data-side": side, "data-key": key, "aria-label": `${entry.outgoing ? "Business" : person(entry.person)}: ${words(entry).slice(0, 80)}` },
    h("div", { class: "bubble", "data-side": side, "data-kind": entry.kind },
      entry.outgoing ? h("p", { class: "who" }, "Business") : null,
      entry.replyTo ? h("p", { class: "quote" }, words(context.messageOf(entry.replyTo))) : null,
      body(entry, context, key),
      foot(entry, key),
      entry.event?.result?.rejected ? h("p", { class: "advice", "data-tone": "warn" }, entry.event.result.rejected) : null,
      entry.outgoing ? statuses(entry, context, key) : null,
      reactions.length ? h("div", { class: "reactions" }, reactions.map((reaction) => chip(reaction))) : null),
    h("div", { class: "acts" },
      act("reply", "Reply", "Reply to this message", key, () => answer(entry)),
      act("react", "React", "React to this message", key, () => react(entry))));
}

const act = (picture, title, label, key, click) => h("button", { type: "button", class: "icon quiet", title, "aria-label": label, "data-key": `${key} ${picture}`, click }, icon(picture));

function body(entry, context, key) {
  const parts = [];
  if (entry.media) parts.push(file(entry));
  if (entry.button) {
    parts.push(h("p", { class: "words" }, entry.button.text), h("p", { class: "detail" }, "Template button", entry.button.payload && entry.button.payload !== entry.button.text ? ` · ${entry.button.payload}` : ""));
  }
  if (entry.choice) {
    parts.push(h("p", { class: "words" }, entry.choice.title), entry.choice.description ? h("p", { class: "detail" }, entry.choice.description) : null,
      h("p", { class: "detail" }, entry.choice.list ? "List" : "Button", ` · ${entry.choice.id}`));
  }
  if (entry.reaction) { // to a message that is not shown
    parts.push(entry.reaction.emoji ? h("p", { class: "reaction" }, entry.reaction.emoji) : null,
      h("p", { class: "detail" }, entry.reaction.emoji ? "Reaction to a message that is not shown" : "Removed the reaction to a message that is not shown"));
  }
  if (entry.detail) parts.push(h("p", { class: "words" }, entry.detail), h("p", { class: "detail" }, kinds[entry.kind] ?? entry.kind));
  if (entry.text) parts.push(text(entry, context, key));
  if (parts.length === 0) parts.push(h("p", { class: "detail" }, entry.outgoing ? (entry.kind ? "No text" : "This message was not sent from this page") : `A message of kind ${entry.kind || "unknown"}`));
  return parts;
}

// text shows a text, or the start of a long one.
function text(entry, context, key) {
  const start = startOf(entry.text);
  if (start === entry.text) return h("p", { class: "words" }, entry.text);
  const isWhole = whole.has(entry.id);
  return [h("p", { class: "words" }, isWhole ? entry.text : `${start}…`),
    h("button", { type: "button", class: "quiet show-more", "aria-expanded": String(isWhole), "data-key": `${key} more`, click: () => {
      if (isWhole) whole.delete(entry.id);
      else whole.add(entry.id);
      context.draw([entry.id]);
    } }, isWhole ? "Show less" : "Show more")];
}

function startOf(text) {
  const lines = text.split("\n").slice(0, LINES).join("\n");
  if (lines.length <= LENGTH) return lines;
  return lines.slice(0, LENGTH).replace(/[\uD800-\uDBFF]$/, "").replace(/\s+\S{0,30}$/, "");
}

function foot(entry, key) {
  return h("div", { class: "foot" },
    entry.outgoing ? h("p", { class: "detail mono", title: "Message id" }, entry.messageId)
      : h("p", { class: "state" }, progress(entry.event, key), entry.event?.result?.optOut ? h("span", { class: "tag", "data-tone": "warn" }, "opt-out") : null),
    h("p", { class: "meta" }, entry.outgoing ? ticks(entry) : null, h("time", { datetime: entry.at, title: date(entry.at) }, clock(entry.at))));
}

// state returns the state of an event in words, and its tone.
function state(event) {
  const states = {
    published: ["published", ""],
    delivering: ["delivering", ""],
    delivered: [event.result?.rejected ? "rejected" : "processed", event.result?.rejected ? "warn" : "good"],
    waiting: ["failed, will be retried", "warn"],
    "dead-lettered": ["dead-lettered", "bad"],
  };
  const [text, tone] = states[event.state] ?? [event.state, ""];
  return [[text, event.published > 1 ? `published ${event.published}×` : "", event.attempts > 1 ? count(event.attempts, "delivery", "deliveries") : ""].filter(Boolean).join(" · "), tone];
}

const showDelivery = (event) => () => document.dispatchEvent(new CustomEvent("pane", { detail: { pane: "trace", delivery: event.delivery } }));

// progress shows the state of an event, with a link to its delivery.
export function progress(event, key) {
  if (!event) return null;
  const [text, tone] = state(event);
  const attributes = { class: "progress", "data-tone": tone, title: event.reason || null };
  if (!event.delivery) return h("span", attributes, text);
  return h("button", { ...attributes, type: "button", "data-key": `${key} trace`, "aria-label": `${text}: show the delivery`, click: showDelivery(event) }, text, icon("chevron"));
}

// chip is a reaction on the message that it belongs to, with a link to its delivery.
function chip({ id, event, reaction: { emoji } }) {
  const [text, tone] = event ? state(event) : ["", ""];
  const name = emoji ? `Reaction ${emoji}` : "Reaction removed";
  return h("button", { type: "button", class: "chip", "data-tone": tone, "data-removed": !emoji, "data-key": `reaction ${id}`, title: `${name}: ${text}`, "aria-label": `${name}: ${text}: show the delivery`, disabled: !event?.delivery, click: event ? showDelivery(event) : null }, emoji || "reaction removed");
}
