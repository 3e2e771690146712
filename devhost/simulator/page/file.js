// The file of a message: the stored blob, that it is not stored yet, or why it is not.

import { h, icon } from "./dom.js";
import { bytes } from "./format.js";
import { kinds, media } from "./words.js";

const reasons = {
  gone: "The file is no longer at WhatsApp",
  "too-large": "The file is larger than MEDIA_MAX_BYTES",
  forbidden: "WhatsApp refused the token of the app",
  mismatch: "The file did not match its length or hash",
};

export function file(entry) {
  const result = entry.event?.result?.media;
  const picture = media.includes(entry.kind) ? entry.kind : "document";
  const name = entry.media.fileName || kinds[entry.kind] || entry.kind;
  const type = entry.media.animated ? `${entry.media.mimeType}, animated` : entry.media.mimeType;
  const card = (tone, drawing, ...hints) => h("div", { class: "file file-card", "data-tone": tone }, icon(drawing), h("div", null, h("strong", null, name), hints.filter(Boolean).map((hint) => h("span", null, hint))));
  if (result?.state === "stored") return stored(entry, result, name, picture);
  if (result?.state === "failed") return card("bad", "warning", `${reasons[result.reason] ?? "The file is not stored"} (${result.reason})`, result.detail);
  if (result) return card("", "clock", type, "Waiting for the file");
  return card("", picture, type);
}

// address returns where the page reads a blob.
export const address = (container, name, type) => `/simulator/file?${new URLSearchParams({ container, name, type: type ?? "" })}`;

function stored(entry, { container, blob, size, mimeType }, name, picture) {
  const src = address(container, blob, mimeType);
  const kind = mimeType?.split("/")[0];
  const about = [mimeType, bytes(size ?? 0)].filter(Boolean).join(" · ");
  if (kind === "image") {
    return h("a", { class: "file", "data-kind": entry.kind, href: src, target: "_blank", rel: "noreferrer", title: `${name}, ${about}` },
      h("img", { src, loading: "lazy", alt: entry.text ? `Picture with the caption: ${entry.text}` : `${kinds[entry.kind] ?? "Picture"} without a caption` }));
  }
  if (kind === "audio" || kind === "video") {
    return h("div", { class: "file" }, h(kind, { src, controls: true, preload: "metadata", "aria-label": name, title: about }));
  }
  return h("a", { class: "file file-card", href: src, download: name }, icon(picture), h("div", null, h("strong", null, name), h("span", null, about)));
}
