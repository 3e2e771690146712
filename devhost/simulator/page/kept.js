// What stays the same when the contents of a store are drawn again: the filter, the
// sort order, and the items that are open.

import { h, fold } from "./dom.js";

export class Kept {
  filter = "";
  sort = { column: "RowKey", up: true };
  opened = new Set();

  // matches reports whether a text contains all words of the filter.
  matches(text) {
    const lower = text.toLowerCase();
    return this.filter.toLowerCase().split(/\s+/).every((word) => lower.includes(word));
  }

  // fold creates a part that stays open.
  fold(key, summary, make, attributes) {
    const part = fold(summary, make, { ...attributes, open: this.opened.has(key) });
    part.querySelector("summary").dataset.key = key;
    part.addEventListener("toggle", () => { if (part.open) this.opened.add(key); else this.opened.delete(key); });
    return part;
  }
}

// none explains why there are no items.
export const none = (all, nothing) => h("p", { class: "none" }, all.length > 0 ? "No item matches the filter." : nothing);
