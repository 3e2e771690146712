// Elements. All text is inserted as text, never as HTML.

const SVG = "http://www.w3.org/2000/svg";

// h creates an element. Attributes whose value is a function are listeners.
// Attributes and children that are null, undefined or false are left out.
export function h(name, attributes, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") element.addEventListener(key, value);
    else if (key === "value") element.value = value;
    else element.setAttribute(key, value === true ? "" : String(value));
  }
  element.append(...children.flat(3).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export function icon(name, className) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("aria-hidden", "true");
  if (className) svg.setAttribute("class", className);
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#icon-${name}`);
  svg.append(use);
  return svg;
}

export const byId = (id) => document.getElementById(id);

// fold creates a part that opens when its heading is clicked. The content is
// created when it is first opened.
export function fold(heading, make, attributes) {
  const details = h("details", attributes, h("summary", null, icon("chevron", "turn"), heading));
  let made = false;
  const fill = () => {
    if (!details.open || made) return;
    made = true;
    details.append(make());
  };
  details.addEventListener("toggle", fill);
  if (details.open) fill();
  return details;
}

// empty shows what to do in an empty pane.
export function empty(picture, title, ...text) {
  return h("div", { class: "empty" }, icon(picture), h("strong", null, title), h("p", null, ...text));
}

// notice shows a message in a pane until it is closed or replaced.
export function notice(place, text, tone) {
  place.querySelector(":scope > .notice")?.remove();
  if (!text) return;
  const close = h("button", { type: "button", "aria-label": "Close this message", click: () => element.remove() }, icon("close"));
  const element = h("p", { class: "notice", "data-tone": tone, role: tone === "bad" ? "alert" : "status" }, h("span", null, text), close);
  place.prepend(element);
}

// announce sends a message to screen readers.
export function announce(text) {
  byId("announcement").textContent = text;
}

// acting creates a button for an action that takes time. The button is disabled
// meanwhile. failed is called with the error.
export function acting(attributes, label, act, failed) {
  const button = h("button", { type: "button", ...attributes, click: async () => {
    button.disabled = true;
    try {
      await act(button);
    } catch (error) {
      failed(error);
    } finally {
      button.disabled = false;
    }
  } }, label);
  return button;
}

// copying creates a button that copies the result of text().
export function copying(label, text) {
  const button = h("button", { type: "button", class: "quiet", click: async () => {
    try {
      await navigator.clipboard.writeText(text());
      button.textContent = "Copied";
    } catch {
      button.textContent = "The browser refused to copy";
    }
    announce(button.textContent);
    setTimeout(() => { button.textContent = label; }, 1600);
  } }, label);
  return button;
}

// List renders the newest items of a list, and renders only the changed ones
// again. The focus stays.
export class List {
  constructor(place, render, { limit = 100, newestFirst = false, more }) {
    Object.assign(this, { place, render, limit, newestFirst, more, items: new Map(), elements: new Map() });
  }

  clear() {
    this.items.clear();
    this.elements.clear();
    this.place.replaceChildren();
  }

  // keep adds items or replaces those of the same id, and drops the oldest above
  // the bound. It shows nothing.
  keep(items, bound) {
    for (const item of items) this.items.set(item.id, item);
    for (const id of this.items.keys()) {
      if (this.items.size <= bound) break;
      this.items.delete(id);
    }
  }

  show(changed = new Set()) {
    const all = [...this.items.values()].filter(this.filter ?? (() => true));
    const shown = all.slice(-this.limit);
    if (this.newestFirst) shown.reverse();
    const focus = document.activeElement?.closest?.("[data-key]")?.dataset.key;
    const kept = new Set(shown.map((item) => item.id));
    for (const [id, element] of this.elements) {
      if (!kept.has(id)) {
        element.remove();
        this.elements.delete(id);
      }
    }
    let before = null;
    for (const item of shown) {
      let element = this.elements.get(item.id);
      if (!element || changed.has(item.id)) {
        const next = this.render(item, element);
        if (element && next !== element) element.replaceWith(next);
        element = next;
        this.elements.set(item.id, element);
      }
      const after = before ? before.nextSibling : this.place.firstChild;
      if (after !== element) this.place.insertBefore(element, after);
      before = element;
    }
    if (focus && !document.activeElement?.closest?.("[data-key]")) {
      this.place.querySelector(`[data-key="${CSS.escape(focus)}"]`)?.focus({ preventScroll: true });
    }
    this.hidden = all.length - shown.length;
    this.more?.(this.hidden);
  }
}
