// The types of stored files, by the extensions of their blobs, and the elements that
// show them.

import { h, icon } from "./dom.js";

const types = {
  jpg: "image/jpeg", jpeg: "image/jpeg", png: "image/png", webp: "image/webp", gif: "image/gif",
  aac: "audio/aac", amr: "audio/amr", mp3: "audio/mpeg", m4a: "audio/mp4", ogg: "audio/ogg", opus: "audio/ogg",
  mp4: "video/mp4", "3gp": "video/3gpp", webm: "video/webm",
  pdf: "application/pdf", doc: "application/msword", docx: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
  xls: "application/vnd.ms-excel", xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
  ppt: "application/vnd.ms-powerpoint", pptx: "application/vnd.openxmlformats-officedocument.presentationml.presentation",
  zip: "application/zip", txt: "text/plain", csv: "text/csv", json: "application/json",
};

// typeOf returns the type of a blob; empty if its extension is not known.
export const typeOf = (name) => types[/\.(\w+)$/.exec(name)?.[1].toLowerCase()] ?? "";

// kindOf returns image, audio or video for types that a page can show.
export const kindOf = (type) => /^(image|audio|video)\//.exec(type ?? "")?.[1] ?? "";

export const address = (container, name, type) => `/simulator/file?${new URLSearchParams({ container, name, type: type ?? "" })}`;

// player shows a picture, or plays audio or video. A file that the browser can't show
// is replaced by other().
export function player(kind, src, label, other) {
  const failed = () => shown.replaceWith(other());
  const shown = kind === "image" ? h("img", { src, loading: "lazy", alt: label, error: failed }) : h(kind, { src, controls: true, preload: "metadata", "aria-label": label, error: failed });
  return shown;
}

// card shows a file by its name, with a link if there is an address.
export function card(picture, name, hints, { href, tone } = {}) {
  return h(href ? "a" : "div", { class: "file file-card", "data-tone": tone, href, download: href ? name : null },
    icon(picture), h("div", null, h("strong", null, name), hints.filter(Boolean).map((hint) => h("span", null, hint))));
}
