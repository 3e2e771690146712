// The trace pane: deliveries, events that wait for a retry, and dead letters.

import { h, byId, icon, empty, notice, acting, copying, fold, List } from "./dom.js";
import { get, post } from "./api.js";
import { clock, clockExact, count, duration, lastPart, later, long, number, person, since } from "./format.js";
import { copyable } from "./json.js";

// Limits of the deliveries that are kept, and shown at first.
const KEPT = 500;
const SHOWN = 60;

let list;
let parts = {};
let deadLetters = [];
const opened = new Set();
const details = new Map();

export function start() {
  const more = h("button", { type: "button", class: "quiet", click: () => { list.limit += 2 * SHOWN; list.show(); } });
  const place = h("div", { class: "deliveries" });
  const nothing = h("div");
  byId("deliveries").append(nothing, place, h("p", { class: "more" }, more));
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
  setInterval(countdown, 250);
}

const rejections = (d) => (d.invocations ?? []).flatMap((i) => i.rejected ?? []);
const failed = (d) => d.outcome !== "delivered" && d.outcome !== "in-progress" || rejections(d).length > 0;

// attempts holds the deliveries of the same events to the same function, the oldest
// first. Only the last one has a line of its own.
const attempts = new Map();
const sameEvents = (d) => `${d.function} ${d.count} ${d.events.map((event) => event.id).join(" ")}`;
const isLast = (d) => attempts.get(sameEvents(d))?.at(-1) === d.id;

function filter() {
  const words = byId("trace-search").value.toLowerCase().split(/\s+/).filter(Boolean);
  const onlyFailed = byId("only-failed").checked;
  list.filter = (d) => isLast(d) && (!onlyFailed || failed(d)) && words.every((word) => searched(d).includes(word));
  list.filtered = onlyFailed || words.length > 0;
  list.show();
}

// searched returns everything of a delivery that can be searched for.
function searched(d) {
  const events = d.events.flatMap((e) => [e.id, e.type, e.message, e.what, e.text, e.who?.phone, e.who?.bsuid]);
  const calls = (d.invocations ?? []).flatMap((i) => [i.id, ...(i.rejected ?? [])]);
  return [d.id, d.function, d.subscription, d.outcome, ...events, ...calls].filter(Boolean).join(" ").toLowerCase();
}

export function update(update, all) {
  parts = all;
  if (update.reset) {
    list.clear();
    opened.clear();
    details.clear();
  }
  if (update.reset) attempts.clear();
  if (update.deliveries || update.reset) {
    for (const d of update.deliveries ?? []) {
      const all = attempts.get(sameEvents(d)) ?? [];
      if (!all.includes(d.id)) attempts.set(sameEvents(d), [...all, d.id]);
    }
    list.put(update.deliveries ?? [], KEPT);
  }
  if (update.deadLetters) {
    deadLetters = update.deadLetters;
    renderDeadLetters();
  }
  if (update.parts?.waiting) renderWaiting();
  if (update.parts?.dropped || update.deliveries || update.reset) {
    const dropped = all.dropped?.deliveries ?? 0;
    byId("trace-hint").textContent = dropped > 0 ? `the last ${number(list.items.size)} of ${number(dropped + list.items.size)} deliveries` : list.items.size > 0 ? count(list.items.size, "delivery", "deliveries") : "";
  }
}

// open shows a delivery.
export function open(id) {
  if (!list.items.has(id)) {
    notice(byId("deliveries"), "This delivery is no longer kept.", "warn");
    return;
  }
  if (!isLast(list.items.get(id))) id = attempts.get(sameEvents(list.items.get(id))).at(-1);
  if (list.filtered) {
    byId("only-failed").checked = false;
    byId("trace-search").value = "";
    filter();
  }
  if (!list.elements.has(id)) {
    list.limit = KEPT;
    list.show();
  }
  const line = list.elements.get(id);
  if (!opened.has(id)) toggle(id);
  line.scrollIntoView({ block: "nearest" });
  line.querySelector("button").focus();
}

const outcomes = {
  "in-progress": ["in progress", ""],
  delivered: ["accepted", "good"],
  failed: ["failed", "bad"],
  "dead-lettered": ["dead-lettered", "bad"],
};

// render creates or updates the line of a delivery. Open details stay open.
function render(d, element) {
  const [word, tone] = outcomes[d.outcome];
  const took = d.ended ? duration(since(d.started, d.ended)) : "…";
  const outcome = d.status ? `${word} (${d.status})` : word;
  const rejected = rejections(d);
  const before = (attempts.get(sameEvents(d)) ?? []).indexOf(d.id);
  const line = h("button", { type: "button", class: "delivery-line", "aria-expanded": String(opened.has(d.id)), "data-key": d.id, click: () => toggle(d.id) },
    icon("chevron", "turn"),
    h("span", { class: "mono when" }, clock(d.started)),
    h("span", { class: "what", title: d.function }, subject(d)),
    h("span", { class: "outcome" },
      h("span", { class: "tag", "data-tone": tone }, outcome),
      rejected.length ? h("span", { class: "tag", "data-tone": "warn", title: `Kept in rejected-events: ${rejected.join(", ")}` }, `${rejected.length} rejected: ${[...new Set(rejected)].join(", ")}`) : null,
      d.duplicate ? h("span", { class: "tag", title: "These events were accepted before. The fault Duplicates delivers them again." }, "duplicate") : null,
      effects(d)),
    h("span", { class: "attempt hint" }, [d.attempt ? `attempt ${d.attempt}` : d.earlier ? "before the start" : "direct call", before > 0 ? `, ${count(before + 1, "delivery", "deliveries")}` : ""].join("")),
    h("span", { class: "took mono" }, took));
  if (!element) {
    element = h("article", { class: "delivery" }, line);
  } else {
    const had = element.contains(document.activeElement) && element.querySelector("button") === document.activeElement;
    element.querySelector("button").replaceWith(line);
    if (had) line.focus({ preventScroll: true });
  }
  element.dataset.outcome = d.outcome;
  if (opened.has(d.id)) load(d.id, element);
  return element;
}

// subject says what a delivery is about: its only event, or how many there are.
function subject(d) {
  const [first] = d.events;
  if (d.count !== 1 || !first?.what) return [h("strong", null, d.function), ` · ${count(d.count, "event")}`];
  const who = first.who?.phone || first.who?.bsuid ? person(first.who) : "";
  return [h("strong", null, first.what), first.text ? ` ${first.text}` : "", who ? h("span", { class: "hint" }, ` · ${who}`) : null];
}

// effects lists what was written, such as +1 queue.
function effects(d) {
  const written = {};
  for (const output of (d.invocations ?? []).flatMap((i) => (i.error ? [] : i.outputs ?? []))) {
    const target = output.target.split(" ")[0];
    if (target === "http") continue; // the answer, which the line shows
    const kind = { queue: "queue", table: "row", container: "blob" }[target] ?? "output";
    written[kind] = (written[kind] ?? 0) + output.count;
  }
  const text = Object.entries(written).map(([kind, n]) => `+${number(n)} ${kind}${n > 1 && kind !== "queue" ? "s" : ""}`).join(", ");
  return text ? h("span", { class: "hint effects" }, text) : null;
}

function toggle(id) {
  const element = list.elements.get(id);
  const isOpen = !opened.has(id);
  if (isOpen) {
    opened.add(id);
    load(id, element);
  } else {
    opened.delete(id);
    details.delete(id);
    element.querySelector(".delivery-body")?.remove();
  }
  element.querySelector("button").setAttribute("aria-expanded", String(isOpen));
}

// load reads the details of a delivery, again after each change.
async function load(id, element) {
  const item = list.items.get(id);
  if (details.get(id) === item) return;
  details.set(id, item);
  let body = element.querySelector(".delivery-body");
  if (!body) {
    body = h("div", { class: "delivery-body" }, h("p", { class: "none" }, "Loading…"));
    element.append(body);
  }
  try {
    const d = await get(`deliveries/${id}`);
    if (opened.has(id)) body.replaceChildren(...timeline(d, item, body));
  } catch (error) {
    body.replaceChildren(h("p", { class: "notice", "data-tone": "bad", role: "alert" }, error.message));
  }
}

function timeline(d, item, body) {
  const start = d.published ?? d.started;
  const steps = [];
  const step = (time, title, tone, ...more) => steps.push(h("li", { "data-tone": tone },
    h("span", { class: "mono offset", title: clockExact(time) }, steps.length === 0 ? clockExact(time) : `+${duration(since(start, time))}`),
    h("div", { class: "step" }, h("p", { class: "step-title" }, title), more)));
  if (d.published) step(d.published, `Published: ${count(d.count, "event")}`, "good", eventList(d));
  const all = attempts.get(sameEvents(d)) ?? [];
  for (const id of all.slice(0, all.indexOf(d.id))) {
    const earlier = list.items.get(id);
    if (earlier) step(earlier.started, [`Attempt ${earlier.attempt || 1}: ${outcomes[earlier.outcome][0]}${earlier.status ? ` (${earlier.status})` : ""}`, earlier.invocations?.some((i) => i.error) ? `: ${earlier.invocations.find((i) => i.error).error}` : ""], outcomes[earlier.outcome][1]);
  }
  step(d.started, d.earlier ? "Delivered before devhost was started" : d.subscription ? [d.meta ? "Delivered by Meta" : `Delivered by the subscription ${d.subscription}`, d.attempt > 1 ? `, ${attemptOf(d.attempt, d.maxAttempts)}` : "", d.duplicate ? ", a duplicate" : ""] : "Direct call, not from Event Grid", "good",
    d.body ? part(d.subscription || d.header?.["Aeg-Event-Type"] ? `request of ${sender(d)}` : "request", () => [headers(d.url, d.header), copyable(d.body)]) : null);
  for (const [i, invocation] of (d.invocations ?? []).entries()) {
    const t = (d.transcripts ?? []).find((transcript) => transcript.id === invocation.id) ?? null;
    invoked(step, d, invocation, t, i);
  }
  if (d.calls > (d.invocations ?? []).length) step(d.started, `${number(d.calls - d.invocations.length)} more invocations`, "");
  if (d.outcome !== "in-progress") ended(step, d);
  const place = h("div", { class: "row actions" });
  const wrong = (error) => notice(body, error.message, "bad");
  place.append(acting({ class: "small" }, "Send again", async () => {
    await post(`deliveries/${d.id}/again`);
    notice(body, d.subscription ? "The same events were published again." : "The function was called again.");
  }, wrong));
  if (d.curl) place.append(copying("Copy as curl", () => d.curl));
  if (parts.about?.cases && d.transcripts?.length) {
    place.append(acting({ class: "quiet" }, "Save as test case", async () => {
      const { file } = await post(`deliveries/${d.id}/case`);
      notice(body, `${file} contains the test case, with identities masked. Check its texts for personal data before you commit it.`);
    }, wrong));
  }
  return [place, h("ol", { class: "timeline" }, steps)];
}

function eventList(d) {
  const shown = d.events.slice(0, 5);
  const rest = d.count - shown.length;
  return h("ul", { class: "ids" }, shown.map((event) => h("li", null, h("span", null, lastPart(event.type)), " ", h("span", { class: "mono" }, event.id))),
    rest > 0 ? h("li", null, `and ${number(rest)} more`) : null);
}

const part = (heading, make) => fold(heading, () => h("div", null, make()), { class: "part" });

function headers(url, all) {
  return h("pre", { class: "text" }, `POST ${url}\n`, Object.entries(all ?? {}).toSorted().map(([name, value]) => `${name}: ${value}\n`));
}

function invoked(step, d, i, t) {
  const at = (milliseconds) => later(i.started, milliseconds);
  step(i.started, ["Invoked ", h("span", { class: "mono" }, i.id.slice(0, 8))], "good",
    t ? part("request to the handler", () => copyable(t.request)) : h("p", { class: "hint" }, parts.about?.local === false ? "No transcript: the outputs are in an account in Azure." : "The transcript is no longer kept."));
  if (i.status) {
    step(at(i.answered), `The handler answered ${i.status} after ${duration(i.answered)}`, i.status < 300 ? "good" : "bad",
      t ? part("response of the handler", () => copyable(t.response ?? "")) : null,
      t?.logs?.length ? part(count(t.logs.length, "log line"), () => h("pre", { class: "text" }, t.logs.join("\n"))) : null,
      t?.remarks?.length ? h("ul", { class: "remarks" }, t.remarks.map((remark) => h("li", null, remark))) : null);
  }
  if (i.error) {
    step(at(i.took), "The invocation failed", "bad", h("pre", { class: "text bad" }, i.error));
  }
  if (i.outputs?.length) {
    step(at(i.took), i.error ? "These outputs were written before the failure" : "Outputs written", "good", i.outputs.map((output) => {
      const whole = t?.outputs?.find((o) => o.name === output.name);
      const heading = [h("span", null, output.target), h("span", { class: "tag", "data-tone": "good" }, `+${output.count}`)];
      return whole ? part(heading, () => whole.items.map((item) => [item.name ? h("p", { class: "mono item-id" }, item.name) : null, copyable(item.text ?? `base64: ${item.base64 ?? ""}`)])) : h("p", null, heading);
    }));
  } else if (!i.error) {
    step(at(i.took), "No outputs", "");
  }
}

const sender = (d) => (d.meta ? "Meta" : "Event Grid");

function ended(step, d) {
  if (!d.subscription) return;
  if (d.outcome === "delivered") {
    step(d.ended, `${sender(d)} received ${d.status}: the events are delivered`, "good");
    return;
  }
  const answered = d.status ? `${sender(d)} received ${d.status}` : `${sender(d)} received no response`;
  const answer = d.answer ? h("pre", { class: "text bad" }, d.answer) : null;
  step(d.ended, `${answered} (${d.reason})`, "bad", answer);
  if (d.deadLetters) step(d.ended, `${count(d.deadLetters, "event is dead-lettered", "events are dead-lettered")} (${d.deadReason})`, "bad");
  if (d.next) step(d.next, `Next attempt at ${clockExact(d.next)}`, "warn");
}

// renderWaiting shows the waiting events and their place in the retry schedule.
function renderWaiting() {
  const { soonest = [], count: all = 0, schedule = [], metaSchedule = [] } = parts.waiting ?? {};
  const pauses = (w) => w.subscription === "meta" ? metaSchedule : schedule;
  const place = byId("waiting");
  const had = place.contains(document.activeElement);
  if (all === 0) {
    place.replaceChildren();
    return;
  }
  const groups = new Map();
  for (const w of soonest ?? []) {
    const key = [w.function, w.attempts, w.lastOutcome, w.deadLetterAs, w.attempts === 0 ? "" : w.next].join("|");
    const group = groups.get(key) ?? { ...w, count: 0 };
    group.count++;
    groups.set(key, group);
  }
  const scale = parts.about?.timeScale ?? 1;
  const shown = [...groups.values()].slice(0, 6);
  const deliverNow = acting({ class: "quiet" }, "Deliver now", () => post("deliver-now"), (error) => notice(place, error.message, "bad"));
  place.replaceChildren(h("section", { class: "waiting", "aria-label": "Waiting" },
    h("div", { class: "waiting-head" }, h("h3", null, `${count(all, "event waits", "events wait")}`), h("span", { class: "hint" }, scale === 1 ? "" : `pauses are ${number(scale)} times shorter than in production`), deliverNow),
    shown.map((w) => h("div", { class: "wait" },
      h("p", null, h("strong", null, w.function), ` · ${count(w.count, "event")} · `, reason(w), h("span", { class: "countdown", "data-next": w.next })),
      w.attempts > 0 && !w.deadLetterAs ? h("ol", { class: "schedule", "aria-label": `${attemptOf(w.attempts, w.maxAttempts)} failed` }, pauses(w).map((seconds, i, { length }) => h("li", {
        "data-state": i < Math.min(w.attempts, length) - 1 ? "over" : i === Math.min(w.attempts, length) - 1 ? "now" : "next",
      }, long(seconds)))) : null)),
    groups.size > shown.length ? h("p", { class: "hint" }, "and more later") : null));
  if (had) deliverNow.focus();
  countdown();
}

function reason(w) {
  if (w.deadLetterAs) return `will be ${w.subscription === "meta" ? "dropped" : "dead-lettered"} (${w.deadLetterAs}) `;
  if (w.attempts === 0) return "delayed by a fault, due ";
  return `${attemptOf(w.attempts, w.maxAttempts)} failed (${w.lastOutcome}), next attempt `;
}

// attemptOf counts an attempt. Meta has no maximum: only the time limits its attempts.
function attemptOf(attempt, maxAttempts) {
  return maxAttempts ? `attempt ${attempt} of ${maxAttempts}` : `attempt ${attempt}`;
}

function countdown() {
  for (const element of document.querySelectorAll(".countdown")) {
    const left = new Date(element.dataset.next) - Date.now();
    element.textContent = left > 0 ? `in ${duration(left)}` : "now";
  }
}

function renderDeadLetters() {
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
