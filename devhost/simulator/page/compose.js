// The forms for messages of the WhatsApp user and of the business.

import { h, byId, icon, notice, announce } from "./dom.js";
import { post } from "./api.js";
import { form as formOf, input } from "./forms.js";
import { how, isMeta, options, person, setPerson as setSender } from "./sender.js";
import { kinds, metaKinds, words } from "./words.js";

export { how, person };

const emoji = ["👍", "❤️", "😂", "😮", "😢", "🙏"];

let side = "user";
let kind = "text";
let reply = null; // the message to reply to
let shownForMeta = false;
let whenPerson; // called when the person changes, with true if somebody chose one
let whenSent;
let current; // the form that is shown
const fields = {};

// wrong shows an error above the forms.
export const wrong = (error) => notice(byId("composer"), error.message, "bad");

// answer makes the next message a reply to an entry, or to none.
export function answer(entry) {
  setReply(entry);
  if (entry) byId("text")?.focus();
}

// react opens the reactions to a message.
export function react(entry) {
  setReply(entry);
  setKind("reaction");
}

// setPerson changes the sender; null is a person with a new number.
export function setPerson(who) {
  if (reply) setReply(null);
  setSender(who);
}

export function compose(sent, personChanged) {
  [whenSent, whenPerson] = [sent, personChanged];
  const composer = byId("composer");
  const sides = h("div", { class: "sides", role: "group", "aria-label": "Sender" },
    [["user", "You, the user"], ["business", "The business"]].map(([value, label]) => h("button", { type: "button", "data-side": value, "aria-pressed": String(value === side), click: () => {
      side = value;
      for (const button of sides.children) button.setAttribute("aria-pressed", String(button.dataset.side === side));
      form();
    } }, label)));
  fields.form = h("form", { class: "compose", submit: (event) => { event.preventDefault(); submit(); } });
  fields.replying = h("div", { class: "replying", hidden: true });
  composer.append(fields.replying, sides, fields.form, options((isPerson) => {
    if (isPerson) whenPerson();
    if (isMeta() === shownForMeta) return;
    if (!isMeta() && metaKinds[kind]) kind = "text";
    form();
  }));
  form();
}

function setKind(next) {
  if (side !== "user") document.querySelector(".sides [data-side=user]").click();
  kind = next;
  form();
  fields.form.querySelector("input:not([tabindex='-1']), textarea, [data-emoji], .chooser-file button")?.focus();
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

// write creates the field for text, with the button that sends.
function write(label, placeholder, action = "Send") {
  let entered = false;
  const text = h("textarea", { id: "text", rows: 1, "aria-label": label, placeholder, keydown: (event) => {
    entered = event.key === "Enter" && !event.shiftKey && !event.isComposing;
    if (entered) {
      event.preventDefault();
      submit();
    }
  }, beforeinput: (event) => {
    // Some keyboards report the line break separately from the key.
    if (entered && event.inputType === "insertLineBreak") event.preventDefault();
  } });
  return {
    element: h("div", { class: "write" }, text, h("button", { type: "submit", class: "primary icon", title: action, "aria-label": action }, icon("send"))),
    text: () => text.value,
  };
}

function form() {
  shownForMeta = isMeta();
  if (side === "business") {
    const line = write("Message of the business", "Text of the message", "Add the message");
    fields.form.replaceChildren(
      h("p", { class: "hint" }, "The app does not send messages, so nothing is published. Add a message here to publish its statuses."),
      input(fields, "id", "Message id", { placeholder: "generated" }), line.element);
    return;
  }
  const choose = h("select", { id: "kind", "aria-label": "Kind of message", change: () => setKind(choose.value) }, Object.entries({ ...kinds, ...(isMeta() ? metaKinds : {}) }).map(([value, label]) => h("option", { value, selected: value === kind }, label)));
  current = kind === "reaction" ? { elements: [reactions()] } : formOf(kind, write);
  fields.form.replaceChildren(h("div", { class: "row" }, choose, kind === "text" ? h("button", { type: "button", class: "small", title: "Send STOP, as users do to opt out", click: () => sendMessage({ kind: "text", text: "STOP" }) }, "Send STOP") : null),
    ...current.elements.filter(Boolean));
  const label = fields.replying.querySelector("strong");
  if (label) label.textContent = kind === "reaction" ? "Reaction to " : "Reply to ";
}

function reactions() {
  if (!reply) return h("p", { class: "hint" }, "Choose a message with its reaction button.");
  const send = (e) => sendMessage({ kind: "reaction", reaction: { messageId: reply.messageId, emoji: e || undefined } });
  return h("div", { class: "row emoji", role: "group", "aria-label": "Reaction" }, emoji.map((e) => h("button", { type: "button", "data-emoji": e, "aria-label": `React with ${e}`, click: () => send(e) }, e)),
    h("button", { type: "button", class: "small", click: () => send("") }, "Remove reaction"));
}

async function submit() {
  if (side === "business") {
    await attempt(async () => {
      await post("outgoing", { id: fields.id.value.trim(), text: byId("text").value, to: person() });
      byId("text").value = "";
      fields.id.value = "";
    });
  } else if (kind !== "reaction") {
    await attempt(async () => {
      fields.form.inert = true; // while a file is uploaded
      try {
        await send(await current.message());
      } finally {
        fields.form.inert = false;
      }
      current.clear?.();
      const text = byId("text");
      if (text) {
        text.value = "";
        text.focus();
      }
    });
  }
}

const sendMessage = (what) => attempt(() => send(what));

async function send(what) {
  const { provider, schema, count, age } = how();
  if (reply && what.kind !== "reaction") what.replyTo = reply.messageId;
  await post("messages", { provider, schema, count, age, message: { from: person(), ...what } });
  if (reply) setReply(null);
  announce("The message is published");
}

// attempt shows what went wrong, or the newest message.
async function attempt(act) {
  try {
    await act();
    notice(byId("composer"), "");
    whenSent();
  } catch (error) {
    wrong(error);
  }
}
