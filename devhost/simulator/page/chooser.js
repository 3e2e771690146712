// The choice of a file for a message: by a button, or by dropping it. The file is
// uploaded when the message is sent.

import { h, icon, announce } from "./dom.js";
import { upload } from "./api.js";
import { bytes } from "./format.js";

// LIMIT is the size of the largest file that WhatsApp takes.
const LIMIT = 100 << 20;

const types = { image: "image/*", video: "video/*", audio: "audio/*", sticker: "image/webp" };
const nouns = { image: "picture", video: "video", audio: "recording", sticker: "sticker (WebP)", document: "file" };

// chooser returns the element of the choice, upload, which uploads the file and
// returns its description for the message, and clear, which removes the choice.
export function chooser(kind) {
  let file = null;
  let url = null;
  const input = h("input", { type: "file", id: "compose-file", class: "unseen", tabindex: -1, accept: types[kind], "aria-label": `File of the ${kind}`, change: () => choose(input.files[0]) });
  const element = h("div", { class: "chooser-file", dragover: (event) => { event.preventDefault(); element.dataset.over = "true"; }, dragleave: () => { delete element.dataset.over; }, drop: (event) => {
    event.preventDefault();
    delete element.dataset.over;
    choose(event.dataTransfer.files[0]);
  } });

  function choose(next) {
    if (!next) return;
    const problem = refused(kind, next);
    file = problem ? null : next;
    draw(problem);
    if (file) announce(`${file.name} is chosen`);
  }

  function clear() {
    file = null;
    input.value = "";
    draw();
  }

  function draw(problem) {
    if (url) URL.revokeObjectURL(url);
    url = file && /^image\//.test(file.type) ? URL.createObjectURL(file) : null;
    const pick = h("button", { type: "button", class: "small", click: () => input.click() }, file ? "Change" : `Choose a ${nouns[kind]}`);
    element.replaceChildren(...[input, file
      ? h("div", { class: "chosen" }, url ? h("img", { src: url, alt: `Preview of ${file.name}` }) : icon(kind),
        h("div", { class: "described" }, h("strong", null, file.name), h("span", { class: "hint" }, [file.type || "unknown type", bytes(file.size)].join(" · "))),
        pick, h("button", { type: "button", class: "icon quiet", "aria-label": `Remove ${file.name}`, click: clear }, icon("close")))
      : h("div", { class: "row" }, pick, h("span", { class: "hint" }, "or drop it here. Without one, the message has an id but no file.")),
    problem ? h("p", { class: "notice", "data-tone": "bad", role: "alert" }, problem) : ""]);
  }

  draw();
  return {
    element,
    clear,
    upload: async () => {
      if (!file) return kind === "document" ? { fileName: "invoice.pdf" } : {};
      const { id, mimeType } = await upload(file);
      return { id, mimeType, fileName: kind === "document" ? file.name : undefined };
    },
  };
}

// refused returns why a file can't be sent.
function refused(kind, file) {
  if (file.size > LIMIT) return `${file.name} has ${bytes(file.size)}. WhatsApp takes files of up to ${bytes(LIMIT)}.`;
  if (file.size === 0) return `${file.name} is empty. Choose a file with content.`;
  const wanted = types[kind]?.replace("*", "");
  if (wanted && file.type && !file.type.startsWith(wanted)) return `${file.name} is ${file.type}. Choose ${kind === "document" ? "a file" : `${wanted.replace(/\/$/, "")} content`}, or send it as a document.`;
  return "";
}
