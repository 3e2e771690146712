// JSON as it is written, folded and coloured. Numbers, escapes and duplicate names
// are unchanged, because nothing is decoded and encoded again.

import { h, fold, copying } from "./dom.js";
import { count } from "./format.js";

// The limit of items that are shown at once.
const PAGE = 100;

class Reader {
  constructor(text) { this.text = text; this.at = 0; }

  space() { while (/\s/.test(this.text[this.at] ?? "")) this.at++; }

  expect(c) {
    this.space();
    if (this.text[this.at] !== c) throw new SyntaxError(`no ${c} at ${this.at}`);
    this.at++;
  }

  take(c) {
    this.space();
    if (this.text[this.at] !== c) return false;
    this.at++;
    return true;
  }

  scalar() {
    const pattern = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|true|false|null/y;
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (!found) throw new SyntaxError(`nothing at ${this.at}`);
    this.at += found[0].length;
    return found[0];
  }

  // value reads a value: {raw} for a scalar, otherwise {open, fields}.
  value(depth = 0) {
    if (depth > 200) throw new SyntaxError("too deep");
    this.space();
    const start = this.at;
    const open = this.text[this.at];
    if (open !== "{" && open !== "[") return { raw: this.scalar() };
    this.at++;
    const close = open === "{" ? "}" : "]";
    const fields = [];
    if (!this.take(close)) {
      do {
        let name;
        if (open === "{") {
          this.space();
          name = this.scalar();
          this.expect(":");
        }
        fields.push({ name, value: this.value(depth + 1) });
      } while (this.take(","));
      this.expect(close);
    }
    return { open, close, fields, raw: this.text.slice(start, this.at) };
  }
}

// parse reads JSON; null if the text is not JSON.
export function parse(text) {
  try {
    const reader = new Reader(text);
    const value = reader.value();
    reader.space();
    return reader.at === text.length ? value : null;
  } catch {
    return null;
  }
}

// unquote decodes a JSON string.
function unquote(raw) {
  try {
    return JSON.parse(raw);
  } catch {
    return raw;
  }
}

const kinds = { '"': "text", t: "word", f: "word", n: "word" };

function scalar(raw) {
  return h("span", { class: `json-${kinds[raw[0]] ?? "number"}` }, raw);
}

const label = (name) => (name === undefined ? null : [h("span", { class: "json-name" }, name), ": "]);

// A string that contains JSON is shown as that JSON, and marked.
function inner(raw) {
  if (raw[0] !== '"' || raw.length < 4) return null;
  const text = unquote(raw);
  if (typeof text !== "string" || !/^\s*[[{]/.test(text)) return null;
  return parse(text);
}

function node(name, value, depth) {
  const held = value.open ? null : inner(value.raw);
  const shown = held ?? value;
  if (!shown.open || shown.fields.length === 0) {
    return h("div", { class: "json-line" }, label(name), shown.open ? shown.open + shown.close : scalar(value.raw));
  }
  const summary = [
    label(name), shown.open, h("span", { class: "json-count" }, held ? "in a string, " : "", count(shown.fields.length, shown.open === "[" ? "item" : "field")), shown.close,
  ];
  const open = depth < 2 || (depth < 5 && shown.fields.length <= 8 && shown.raw.length < 1500);
  return fold(h("span", null, summary), () => fields(shown.fields, depth + 1), { class: "json-node", open });
}

function fields(all, depth) {
  const list = h("div", { class: "json-fields" });
  const show = (from) => {
    for (const { name, value } of all.slice(from, from + PAGE)) list.append(node(name, value, depth));
    if (from + PAGE < all.length) {
      const more = h("button", { type: "button", class: "quiet", click: () => { more.remove(); show(from + PAGE); } }, `${all.length - from - PAGE} more`);
      list.append(more);
    }
  };
  show(0);
  return list;
}

// view shows text: folded and coloured if it is JSON.
export function view(text) {
  const value = parse(text);
  if (!value) return h("pre", { class: "text" }, text);
  return h("div", { class: "json" }, node(undefined, value, 0));
}

// copyable shows text with a button that copies it.
export function copyable(text, name = "Copy") {
  return h("div", { class: "copyable" }, copying(name, () => text), view(text));
}
