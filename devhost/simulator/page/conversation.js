// The conversation pane: the messages of one person, with the progress of their
// events.

import { h, byId, empty, announce, List } from "./dom.js";
import { post } from "./api.js";
import { number } from "./format.js";
import { answer, compose, person, setPerson, wrong } from "./compose.js";
import { bubble } from "./bubble.js";
import { conversations, identities } from "./people.js";
import { roving } from "./roving.js";
import { Switcher } from "./switcher.js";

// Limits of the messages that are kept, and shown at first.
const KEPT = 300;
const SHOWN = 60;

let list;
let switcher;
let chats = [];
let shown = null; // the conversation that is shown; null if it has no messages
let chosen = null; // the identities of the chosen conversation; null is that of the sender
let isChosen = false; // somebody has chosen the person
const seen = new Map(); // the newest message that was shown, by identity

// context is what bubbles need to know of the others.
const context = {
  codes: { known: [], classified: {} },
  messageOf: (id) => [...list.items.values()].find((entry) => entry.messageId === id),
  // reactionsTo returns the last reaction of each person to a message.
  reactionsTo(entry) {
    const all = [...list.items.values()].filter((other) => isPlaced(other) && context.messageOf(other.reaction.messageId) === entry);
    return [...new Map(all.map((reaction) => [identities(reaction.person)[0], reaction])).values()];
  },
  draw: (ids) => list.show(new Set(ids)),
  elementOf: (id) => list.elements.get(id),
};

// isPlaced reports whether a reaction is drawn on its message.
const isPlaced = (entry) => Boolean(entry.reaction && context.messageOf(entry.reaction.messageId));

export function start() {
  const more = h("button", { type: "button", class: "quiet", click: () => { list.limit += 2 * SHOWN; list.show(); } });
  const place = h("div", { class: "bubbles" });
  const nothing = h("div");
  byId("chat").append(h("p", { class: "more" }, more), nothing, place);
  roving(place, ".line", true);
  list = new List(place, (entry) => bubble(entry, context), { limit: SHOWN, more: (hidden) => {
    more.hidden = hidden === 0;
    more.textContent = `Show ${number(hidden)} earlier`;
    nothing.replaceChildren(...(place.childElementCount > 0 ? [] : [empty("chat", "You are the WhatsApp user", "Write a message below and send it to the business. Its delivery appears in the trace, and the outputs of the app in storage.")]));
  } });
  list.filter = (entry) => shown?.entries.includes(entry) && !isPlaced(entry);
  switcher = new Switcher((chat) => {
    choose(chat);
    isChosen = true;
    draw();
    scrollDown();
  });
  const ofSender = () => { chosen = null; isChosen = true; draw(); };
  compose(() => { ofSender(); scrollDown(); }, ofSender);
  draw();
  byId("clear").addEventListener("click", async () => {
    try {
      await post("clear");
      announce("Chat and trace are cleared");
    } catch (error) {
      wrong(error);
    }
  });
}

export function update(changes) {
  const { codes } = changes.parts ?? {};
  if (codes) context.codes = { known: codes.known ?? [], classified: codes.classified ?? {} };
  if (changes.reset) {
    list.clear();
    seen.clear();
    chosen = null;
    isChosen = false;
    answer(null);
  }
  if (!changes.messages && !changes.reset) {
    if (codes) draw([...list.elements.keys()].filter((id) => list.elements.get(id).querySelector(".failure")));
    return;
  }
  const chat = byId("chat");
  const atEnd = chat.scrollHeight - chat.scrollTop - chat.clientHeight < 80;
  const changed = changes.messages ?? [];
  list.keep(changed, KEPT);
  draw([...changed, ...changed.map((entry) => entry.reaction && context.messageOf(entry.reaction.messageId)).filter(Boolean)].map((entry) => entry.id), changes.reset);
  if (atEnd) scrollDown();
}

// choose shows a conversation; null is one with a new person. The person becomes the
// sender, if a sender can have these identities.
function choose(chat) {
  setPerson(chat?.person ?? null);
  chosen = chat ? [...chat.ids] : null;
}

// draw shows the chosen conversation, or that of the sender. Until somebody chooses a
// person without a conversation, it shows the newest one instead.
function draw(changed = [], isFirst = false) {
  chats = conversations([...list.items.values()]);
  const find = () => chats.find((chat) => (chosen ?? identities(person())).some((id) => chat.ids.has(id))) ?? null;
  shown = find();
  if (!shown && !isChosen && chats.length > 0) {
    choose(chats[0]);
    shown = find();
  }
  list.show(new Set(changed));
  switcher.show(chats, shown, shown?.person ?? person(), unseen(isFirst));
}

// unseen counts the messages of each conversation that came since it was shown.
// What was there before the page is seen.
function unseen(isFirst) {
  return new Map(chats.map((chat) => {
    const ids = [...chat.ids];
    if (chat === shown || isFirst) for (const id of ids) seen.set(id, chat.entries.at(-1).id);
    const newest = Math.max(0, ...ids.map((id) => seen.get(id) ?? 0));
    return [chat, chat.entries.filter((entry) => entry.id > newest).length];
  }));
}

// scrollDown shows the newest message.
function scrollDown() {
  byId("chat").scrollTop = byId("chat").scrollHeight;
}
