// The messages of a queue.

import { h, acting, announce, notice } from "./dom.js";
import { remove } from "./api.js";
import { bytes, clock } from "./format.js";
import { copyable } from "./json.js";
import { none } from "./kept.js";

export function messages(contents, kept, { look, local }) {
  const whole = contents.messages ?? [];
  const repeats = firsts(whole);
  const all = whole.toReversed().filter((message) => kept.matches(message.text ?? ""));
  if (all.length === 0) return none(whole, "The queue has no visible messages.");
  return h("div", { class: "items" }, all.map((message) => {
    const first = repeats.get(message.id);
    return kept.fold(message.id, h("span", { class: "item" },
      h("span", { class: "item-name" }, summary(message.text ?? "") || (message.base64 ? "not text" : (message.text ?? "").slice(0, 120) || "empty"),
        first ? h("span", { class: "tag", title: "The same source and id: a consumer must handle it once." }, `repeats the one of ${clock(first.inserted)}`) : null),
      h("span", { class: "hint nowrap" }, `${clock(message.inserted)} · ${bytes(message.size)}`)),
    () => content(contents.name, message, local, look), { class: "stored" });
  }));
}

// content shows a whole message without receiving it, and deletes it on request.
function content(queue, message, local, look) {
  const place = h("div", { class: "message" }, message.base64 ? h("p", { class: "none" }, `${bytes(message.size)} of binary data`) : copyable(message.text ?? ""));
  const event = cloudEvent(message.text ?? "");
  if (event?.type === "conversation.media.stored.v1") {
    const { container, blob } = event.data;
    place.prepend(h("p", null, h("button", { type: "button", class: "small", "data-key": `open ${message.id}`, click: () => document.dispatchEvent(new CustomEvent("pane", { detail: { pane: "storage", kind: "container", name: container, item: blob } })) }, "Show the stored file")));
  }
  if (local) {
    place.append(h("p", { class: "row" }, acting({ class: "small danger", "data-key": `delete ${message.id}` }, "Delete message", async () => {
      await remove(`storage/queue/${encodeURIComponent(queue)}/${encodeURIComponent(message.id)}`);
      announce("The message is deleted");
      await look();
    }, (error) => notice(place, error.message, "bad")), h("span", { class: "hint" }, "Showing a message does not receive it.")));
  }
  return place;
}

// firsts returns the message that each repeated one repeats, by id.
function firsts(messages) {
  const first = new Map();
  const repeats = new Map();
  for (const message of messages) {
    const event = cloudEvent(message.text ?? "");
    const key = event && `${event.source}\n${event.id}`;
    if (!event) continue;
    if (first.has(key)) repeats.set(message.id, first.get(key));
    else first.set(key, message);
  }
  return repeats;
}

function cloudEvent(text) {
  try {
    const event = JSON.parse(text);
    return event?.specversion ? event : null;
  } catch {
    return null;
  }
}

// summary returns the kind of a CloudEvent, and its text, caption or file name.
function summary(text) {
  const event = cloudEvent(text);
  if (!event) return "";
  const data = event.data ?? {};
  return media(event.type, data) || [data.kind ?? data.status ?? data.value ?? data.field, subject(data)].filter(Boolean).join(": ") || event.type;
}

function subject(data) {
  return data.text ?? data.media?.caption ?? data.media?.fileName ?? data.choice?.title ?? data.button?.text ?? data.reaction?.emoji ?? data.location?.name ?? data.contacts?.[0]?.name ?? data.system?.text ?? data.failure?.class;
}

// media describes a request for the file of a message, or its result.
function media(type, data) {
  const name = data.media?.fileName ?? data.media?.id ?? "";
  return {
    "conversation.media.requested.v1": () => `file requested: ${[name, data.media?.mimeType].filter(Boolean).join(", ")}`,
    "conversation.media.stored.v1": () => `file stored: ${[data.media?.fileName ?? data.blob, data.mimeType, bytes(data.size ?? 0)].filter(Boolean).join(", ")}`,
    "conversation.media.failed.v1": () => `file not stored: ${[data.reason, name].filter(Boolean).join(", ")}`,
  }[type]?.();
}
