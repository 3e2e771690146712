// The blobs of a container.

import { h } from "./dom.js";
import { get } from "./api.js";
import { bytes, clock, count, date } from "./format.js";
import { copyable } from "./json.js";
import { none } from "./kept.js";

export function blobs(contents, kept) {
  const whole = contents.blobs ?? [];
  const all = whole.filter((blob) => kept.matches(blob.name)).toSorted((a, b) => (a.modified < b.modified ? 1 : -1));
  if (all.length === 0) return none(whole, "The container is empty.");
  return h("div", { class: "items" }, all.map((blob) => kept.fold(blob.name, h("span", { class: "item" },
    h("span", { class: "item-name mono", title: blob.name }, blob.name),
    h("span", { class: "hint nowrap" }, `${date(blob.modified)} ${clock(blob.modified)} · ${bytes(blob.size)}`)),
  () => preview(contents.name, blob), { class: "stored" })));
}

function preview(container, blob) {
  const place = h("div", null, h("p", { class: "none" }, "Loading…"));
  get(`blob?container=${encodeURIComponent(container)}&name=${encodeURIComponent(blob.name)}`).then((content) => {
    if (blob.size === 0) {
      place.replaceChildren(h("p", { class: "none" }, "Empty: left empty by a failed invocation."));
      return;
    }
    const parts = content.base64 ? [h("p", { class: "none" }, `${count(blob.size, "byte")} of binary data`)] : [copyable(content.text ?? "")];
    if (content.cut) parts.unshift(h("p", { class: "none" }, "The start of the blob:"));
    place.replaceChildren(...parts);
  }, (error) => place.replaceChildren(h("p", { class: "notice", "data-tone": "bad", role: "alert" }, error.message)));
  return place;
}
