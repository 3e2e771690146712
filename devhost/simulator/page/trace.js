// The trace pane: deliveries, events that wait for a retry, and dead letters.

import { h, byId, empty, notice, List } from "./dom.js";
import { count, number } from "./format.js";
import { Attempts, last } from "./attempts.js";
import { isFailed, line, searched } from "./delivery.js";
import { Details } from "./details.js";
import { renderWaiting } from "./waiting.js";
import { renderDeadLetters } from "./deadletters.js";
import { roving } from "./roving.js";

// Limits of the deliveries that are kept, and shown at first.
const KEPT = 500;
const SHOWN = 60;

let list;
let parts = {};
const attempts = new Attempts(KEPT);
const opened = new Map(); // the details that are shown, by group

export function start() {
  const more = h("button", { type: "button", class: "quiet", click: () => { list.limit += 2 * SHOWN; list.show(); } });
  const place = h("div", { class: "deliveries" });
  const nothing = h("div");
  byId("deliveries").append(nothing, place, h("p", { class: "more" }, more));
  roving(place, ".delivery-line");
  list = new List(place, render, { limit: SHOWN, newestFirst: true, more: (hidden) => {
    more.hidden = hidden === 0;
    more.textContent = `Show ${number(hidden)} earlier`;
    nothing.replaceChildren(...(place.childElementCount > 0 ? [] : [list?.filtered && list.items.size > 0
      ? empty("trace", "No delivery matches", "Search for a text, a number or an id, or clear the search.")
      : empty("trace", "Nothing has been delivered yet", "Write a message, or publish one with devhost send: every delivery to a function appears here.")]));
  } });
  filter();
  byId("only-failed").addEventListener("change", filter);
  byId("trace-search").addEventListener("input", filter);
}

function filter() {
  const words = byId("trace-search").value.toLowerCase().split(/\s+/).filter(Boolean);
  const onlyFailed = byId("only-failed").checked;
  list.filter = (group) => (!onlyFailed || isFailed(last(group))) && words.every((word) => searched(last(group)).includes(word));
  list.filtered = onlyFailed || words.length > 0;
  list.show();
}

export function update(changes, all) {
  parts = all;
  if (changes.reset) {
    list.clear();
    attempts.clear();
    opened.clear();
  }
  if (changes.deliveries || changes.reset) {
    const changed = attempts.put(changes.deliveries ?? []);
    list.items = attempts.groups;
    list.show(new Set(changed.map((group) => group.id)));
  }
  if (changes.deadLetters) renderDeadLetters(changes.deadLetters);
  if (changes.parts?.waiting) renderWaiting(parts);
  if (changes.parts?.dropped || changes.deliveries || changes.reset) {
    const dropped = parts.dropped?.deliveries ?? 0;
    byId("trace-hint").textContent = dropped > 0 ? `the last ${number(attempts.size)} of ${number(dropped + attempts.size)} deliveries` : attempts.size > 0 ? count(attempts.size, "delivery", "deliveries") : "";
  }
}

// open shows a delivery.
export function open(id) {
  const group = attempts.byDelivery.get(id);
  if (!group) {
    notice(byId("deliveries"), "This delivery is no longer kept.", "warn");
    return;
  }
  if (list.filtered) {
    byId("only-failed").checked = false;
    byId("trace-search").value = "";
    filter();
  }
  if (!list.elements.has(group.id)) {
    list.limit = KEPT;
    list.show();
  }
  if (!opened.has(group.id)) toggle(group);
  const element = list.elements.get(group.id);
  element.scrollIntoView({ block: "nearest" });
  element.querySelector("button").focus();
}

// render creates or updates the line of a group. Open details stay open.
function render(group, element) {
  const next = line(group, opened.has(group.id), () => toggle(group));
  if (!element) {
    element = h("article", { class: "delivery" }, next);
  } else {
    const old = element.querySelector(".delivery-line");
    const had = old === document.activeElement;
    old.replaceWith(next);
    if (had) next.focus({ preventScroll: true });
  }
  element.dataset.outcome = last(group).outcome;
  const details = opened.get(group.id);
  if (details) {
    if (!element.contains(details.element)) element.append(details.element);
    details.load(group, parts.about);
  }
  return element;
}

function toggle(group) {
  const element = list.elements.get(group.id);
  const isOpen = !opened.has(group.id);
  if (isOpen) {
    const details = new Details();
    opened.set(group.id, details);
    element.append(details.element);
    details.load(group, parts.about);
  } else {
    opened.get(group.id).element.remove();
    opened.delete(group.id);
  }
  element.querySelector(".delivery-line").setAttribute("aria-expanded", String(isOpen));
}
