// The file of a message: the stored blob, that it is not stored yet, or why it is not.

import { h } from "./dom.js";
import { bytes } from "./format.js";
import { address, card, kindOf, player } from "./mediatype.js";
import { kinds, media } from "./words.js";

const reasons = {
  gone: "WhatsApp no longer has the file",
  "too-large": "The file is larger than MEDIA_MAX_BYTES",
  forbidden: "WhatsApp refused the app's token",
  mismatch: "The download differs from its length or hash",
};

export function file(entry) {
  const { file: state } = entry;
  const picture = media.includes(entry.kind) ? entry.kind : "document";
  const name = entry.media.fileName || state?.fileName || kinds[entry.kind] || entry.kind;
  const type = entry.media.animated ? `${entry.media.mimeType}, animated` : entry.media.mimeType;
  switch (state?.state) {
    case "stored":
      return stored(entry, name, picture);
    case "failed":
      return card("warning", name, [`Not stored: ${reasons[state.reason] ?? state.reason}`, state.detail], { tone: "bad" });
    case "requested":
      return state.error
        ? card("clock", name, [`Waiting for the file: attempt ${state.attempts} failed, the host tries again`, state.error], { tone: "warn" })
        : card("clock", name, [type, "Waiting for the file"]);
  }
  return card(picture, name, [type]);
}

function stored(entry, name, picture) {
  const { container, blob, size, mimeType } = entry.file;
  const href = address(container, blob, mimeType);
  const link = () => card(picture, name, [[mimeType, bytes(size ?? 0)].filter(Boolean).join(" · ")], { href });
  const kind = kindOf(mimeType);
  if (!kind) return link();
  const label = kind === "image" ? (entry.text ? `Picture with the caption: ${entry.text}` : `${kinds[entry.kind] ?? "Picture"} without a caption`) : `${name} from ${entry.at}`;
  const shown = player(kind, href, label, link);
  const title = [name, mimeType, bytes(size ?? 0)].join(" · ");
  return kind === "image"
    ? h("a", { class: "file", "data-kind": entry.kind, href, target: "_blank", rel: "noreferrer", title }, shown)
    : h("div", { class: "file", title }, shown);
}
