// The blobs of a container.

import { h, icon } from "./dom.js";
import { get } from "./api.js";
import { bytes, clock, date } from "./format.js";
import { copyable } from "./json.js";
import { none } from "./kept.js";
import { address, card, kindOf, player, typeOf } from "./mediatype.js";

export function blobs(contents, kept) {
  const whole = contents.blobs ?? [];
  const all = whole.filter((blob) => kept.matches(blob.name)).toSorted((a, b) => (a.modified < b.modified ? 1 : -1));
  if (all.length === 0) return none(whole, "The container is empty.");
  return h("div", { class: "items" }, all.map((blob) => kept.fold(blob.name, h("span", { class: "item blob" },
    icon(kindOf(typeOf(blob.name)) || "document"),
    h("span", { class: "item-name mono", title: blob.name }, end(blob.name)),
    h("span", { class: "hint blob-about" }, [typeOf(blob.name), bytes(blob.size), when(blob.modified), folder(blob.name)].filter(Boolean).join(" · "))),
  () => preview(contents.name, blob), { class: "stored" })));
}

const folder = (name) => name.slice(0, Math.max(0, name.lastIndexOf("/")));
const end = (name) => name.slice(name.lastIndexOf("/") + 1);

const when = (time) => (date(time) === date(Date.now()) ? clock(time) : `${date(time)} ${clock(time)}`);

function preview(container, blob) {
  const type = typeOf(blob.name);
  const href = address(container, blob.name, type);
  const link = () => card("document", end(blob.name), [[type, bytes(blob.size)].filter(Boolean).join(" · ")], { href });
  if (blob.size === 0) return h("p", { class: "none" }, "Empty: left empty by a failed invocation.");
  const kind = kindOf(type);
  if (kind) {
    return h("div", { class: "file opened" }, player(kind, href, `${kind} ${end(blob.name)}`, link),
      h("p", null, h("a", { href, target: "_blank", rel: "noreferrer" }, "Open in a new tab")));
  }
  const place = h("div", null, h("p", { class: "none" }, "Loading…"));
  get(`blob?container=${encodeURIComponent(container)}&name=${encodeURIComponent(blob.name)}`).then((content) => {
    const parts = content.base64 ? [] : [content.cut ? h("p", { class: "none" }, "The start of the blob:") : null, copyable(content.text ?? "")];
    place.replaceChildren(...[...parts, content.base64 || content.cut ? link() : null].filter(Boolean));
  }, (error) => place.replaceChildren(h("p", { class: "notice", "data-tone": "bad", role: "alert" }, error.message)));
  return place;
}
