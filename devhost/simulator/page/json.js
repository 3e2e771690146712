// JSON as it was written, folded and coloured. Numbers, escapes and repeated
// names stay as they are: nothing is read into values and written anew.

import { h, fold, copying } from "./dom.js";
import { count } from "./format.js";

// The most of a list that is shown at once.
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

  // value reads a value: {raw} of a scalar, {open, members} of the others.
  value(depth = 0) {
    if (depth > 200) throw new SyntaxError("too deep");
    this.space();
    const start = this.at;
    const open = this.text[this.at];
    if (open !== "{" && open !== "[") return { raw: this.scalar() };
    this.at++;
    const close = open === "{" ? "}" : "]";
    const members = [];
    if (!this.take(close)) {
      do {
        let name;
        if (open === "{") {
          this.space();
          name = this.scalar();
          this.expect(":");
        }
        members.push({ name, value: this.value(depth + 1) });
      } while (this.take(","));
      this.expect(close);
    }
    return { open, close, members, raw: this.text.slice(start, this.at) };
  }
}

// parse reads JSON; null if it is none.
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

// unquote is what a JSON text says.
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

// A text that holds JSON is shown as what it holds, and says so.
function inner(raw) {
  if (raw[0] !== '"' || raw.length < 4) return null;
  const text = unquote(raw);
  if (typeof text !== "string" || !/^\s*[[{]/.test(text)) return null;
  return parse(text);
}

function node(name, value, depth) {
  const held = value.open ? null : inner(value.raw);
  const shown = held ?? value;
  if (!shown.open || shown.members.length === 0) {
    return h("div", { class: "json-line" }, label(name), shown.open ? shown.open + shown.close : scalar(value.raw));
  }
  const summary = [
    label(name), shown.open, h("span", { class: "json-count" }, held ? "as text, " : "", count(shown.members.length, shown.open === "[" ? "item" : "member")), shown.close,
  ];
  const open = depth < 2 || (depth < 5 && shown.members.length <= 8 && shown.raw.length < 1500);
  return fold(h("span", null, summary), () => members(shown.members, depth + 1), { class: "json-node", open });
}

function members(all, depth) {
  const list = h("div", { class: "json-members" });
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

// view shows text: folded and coloured if it is JSON, else as it is.
export function view(text) {
  const value = parse(text);
  if (!value) return h("pre", { class: "text" }, text);
  return h("div", { class: "json" }, node(undefined, value, 0));
}

// copyable is a view with a button that copies the text as it is.
export function copyable(text, name = "Copy") {
  return h("div", { class: "copyable" }, copying(name, () => text), view(text));
}
