// The dead letters: events that Event Grid no longer delivers.

import { h, byId } from "./dom.js";
import { clock, count } from "./format.js";

export function renderDeadLetters(deadLetters) {
  const place = byId("dead-letters");
  if (deadLetters.length === 0) {
    place.replaceChildren();
    return;
  }
  place.replaceChildren(h("section", { class: "dead-letters", "aria-label": "Dead letters" },
    h("h3", null, "Dead letters"),
    deadLetters.map((letter) => {
      const [container, ...rest] = (letter.blob ?? "").split("/");
      const name = rest.join("/");
      return h("div", { class: "dead-letter" },
        h("p", null, h("span", { class: "mono" }, clock(letter.at)), ` ${letter.function} · ${count(letter.count, "event")} · after ${count(letter.attempts, "attempt")} · `, h("span", { class: "tag", "data-tone": "bad" }, letter.reason)),
        letter.blob
          ? h("button", { type: "button", class: "quiet mono", click: () => document.dispatchEvent(new CustomEvent("pane", { detail: { pane: "storage", kind: "container", name: container, item: name } })) }, letter.blob)
          : h("p", { class: "hint" }, "Lost: the subscription has no dead-letter container, or writing to it failed."));
    })));
}
