// The person whose conversation is shown, the list to choose another one from, and
// the window in which the business may reply.

import { h, byId, icon } from "./dom.js";
import { clock, count, date, long, moment, person } from "./format.js";
import { words } from "./words.js";
import { replyBy } from "./people.js";
import { roving } from "./roving.js";

const DAY = 24 * 3600 * 1000;

export class Switcher {
  // choose is called with a conversation, or null for a new person.
  constructor(choose) {
    this.current = h("button", { type: "button", class: "current", id: "chat-current", "aria-expanded": "false", "aria-controls": "chat-list", click: () => this.toggle() });
    this.list = h("ul", { class: "chat-list", id: "chat-list", "aria-label": "Conversations", hidden: true });
    this.window = h("div", { class: "window", id: "window" });
    this.choose = choose;
    this.chats = [];
    roving(this.list, "button");
    byId("chats").append(this.current, this.list, this.window);
    byId("chats").addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || this.list.hidden) return;
      this.toggle(false);
      this.current.focus();
    });
    document.addEventListener("pointerdown", (event) => { if (!byId("chats").contains(event.target)) this.toggle(false); });
    setInterval(() => this.showWindow(), 30000);
  }

  toggle(isOpen = this.list.hidden) {
    this.list.hidden = !isOpen;
    this.current.setAttribute("aria-expanded", String(isOpen));
    if (isOpen) (this.list.querySelector("[aria-current]") ?? this.list.querySelector("button")).focus();
  }

  // show draws the conversations: all of them, the shown one, its person, and the
  // number of messages in the others that were not seen.
  show(chats, shown, who, unseen) {
    this.chats = chats;
    this.shown = shown;
    const news = [...unseen.values()].reduce((sum, n) => sum + n, 0);
    const names = [who.phone && person({ phone: who.phone }), who.bsuid].filter(Boolean);
    const others = chats.length - (shown ? 1 : 0);
    const hint = [names[1], others > 0 ? count(others, "other chat") : ""].filter(Boolean).join(" · ") || "Change the person";
    this.current.replaceChildren(h("span", { class: "avatar" }, icon("person")),
      h("span", { class: "names" }, h("strong", null, names[0] ?? "unknown"), h("span", { class: "hint" }, hint)),
      news > 0 ? h("span", { class: "tag", "data-tone": "good" }, `${news} new`) : "", icon("chevron", "turn"));
    this.current.setAttribute("aria-label", `Conversation with ${names.join(", ") || "an unknown person"}. ${others > 0 ? `Choose another of ${count(chats.length, "conversation")}` : "Choose a person"}${news > 0 ? `, ${count(news, "new message")}` : ""}`);
    const focus = this.list.contains(document.activeElement) ? document.activeElement.dataset.key : null;
    this.list.replaceChildren(...chats.map((chat) => h("li", null, this.entry(chat, chat === shown, unseen.get(chat) ?? 0))),
      h("li", null, h("button", { type: "button", class: "new", "data-key": "chat new", click: () => this.pick(null) }, h("span", { class: "avatar" }, icon("add")), h("strong", null, "Write as a new person"))));
    if (focus) this.list.querySelector(`[data-key="${CSS.escape(focus)}"]`)?.focus({ preventScroll: true });
    this.showWindow();
  }

  entry(chat, isShown, news) {
    const last = chat.entries.at(-1);
    const today = date(last.at) === date(Date.now());
    return h("button", { type: "button", "aria-current": isShown ? "true" : null, "data-key": `chat ${[...chat.ids][0]}`, click: () => this.pick(chat) },
      h("span", { class: "avatar" }, icon("person")),
      h("strong", { class: "name" }, person(chat.person)),
      h("time", { datetime: last.at }, today ? clock(last.at).slice(0, 5) : date(last.at)),
      h("span", { class: "last" }, last.outgoing ? "Business: " : "", words(last)),
      news > 0 ? h("span", { class: "tag", "data-tone": "good" }, `${news} new`) : null);
  }

  pick(chat) {
    this.toggle(false);
    this.current.focus();
    this.choose(chat);
  }

  // showWindow shows the customer service window and how much of it is left.
  showWindow() {
    const end = replyBy(this.shown);
    const left = end ? new Date(end) - Date.now() : 0;
    const rest = h("span", { class: "rest" });
    rest.style.setProperty("--left", String(Math.max(0, Math.min(1, left / DAY))));
    const state = !end ? "none" : left > 0 ? "open" : "closed";
    const text = {
      none: () => "No reply window: it opens with a message from this person",
      open: () => `Reply window until ${moment(end)}`,
      closed: () => `24-hour window closed ${moment(end)}: only templates`,
    }[state]();
    this.window.dataset.state = state;
    this.window.replaceChildren(h("p", { title: "The customer service window: until then the business may reply with free text" }, h("span", null, text), left > 0 ? h("span", null, `${long(Math.floor(left / 60000) * 60 || 59)} left`) : null), state === "none" ? "" : rest);
  }
}
