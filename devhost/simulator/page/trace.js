// The trace pane: every delivery, what waits to come again, and dead letters.

import { h, byId, icon, empty, notice, acting, copying, fold, List } from "./dom.js";
import { get, post } from "./api.js";
import { clock, clockExact, count, duration, lastPart, later, long, number, since } from "./format.js";
import { copyable } from "./json.js";

// How many deliveries are kept, and shown at first.
const KEPT = 500;
const SHOWN = 60;

let list;
let parts = {};
let letters = [];
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
    nothing.replaceChildren(...(place.childElementCount > 0 ? [] : [list?.filter && list.items.size > 0
      ? empty("trace", "No delivery has failed", "Switch a fault on below, and send something.")
      : empty("trace", "Nothing has been delivered yet", "Write a message in the conversation, or publish with devhost send: every delivery to a function appears here.")]));
  } });
  list.show();
  byId("only-failed").addEventListener("change", (event) => {
    list.filter = event.target.checked ? failed : null;
    list.show();
  });
  setInterval(countdown, 250);
}

const failed = (d) => d.outcome !== "taken" && d.outcome !== "under-way";

export function update(update, all) {
  parts = all;
  if (update.reset) {
    list.clear();
    opened.clear();
    details.clear();
  }
  if (update.deliveries || update.reset) list.put(update.deliveries ?? [], KEPT);
  if (update.letters) {
    letters = update.letters;
    renderLetters();
  }
  if (update.parts?.waiting) renderWaiting();
  if (update.parts?.forgotten || update.deliveries || update.reset) {
    const gone = all.forgotten?.deliveries ?? 0;
    byId("trace-hint").textContent = gone > 0 ? `the last ${number(list.items.size)} of ${number(gone + list.items.size)} deliveries` : list.items.size > 0 ? count(list.items.size, "delivery", "deliveries") : "";
  }
}

// open shows a delivery, wherever it is in the list.
export function open(id) {
  if (!list.items.has(id)) {
    notice(byId("deliveries"), "This delivery is not kept any more.", "warn");
    return;
  }
  if (list.filter) {
    list.filter = null;
    byId("only-failed").checked = false;
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
  "under-way": ["under way", ""],
  taken: ["taken", "good"],
  failed: ["failed", "bad"],
  dead: ["dead letter", "bad"],
};

// render makes the line of a delivery, or brings it up to date in place: what
// is open stays as it is.
function render(d, element) {
  const [word, tone] = outcomes[d.outcome];
  const took = d.ended ? duration(since(d.started, d.ended)) : "…";
  const problem = d.outcome === "failed" && d.status ? `${d.status} ${word}` : word;
  const line = h("button", { type: "button", class: "delivery-line", "aria-expanded": String(opened.has(d.id)), "data-key": d.id, click: () => toggle(d.id) },
    icon("chevron", "turn"),
    h("span", { class: "mono when" }, clock(d.started)),
    h("span", { class: "function" }, d.function),
    h("span", { class: "events" }, count(d.count, "event")),
    h("span", { class: "outcome" }, h("span", { class: "tag", "data-tone": tone }, problem), d.repeated ? h("span", { class: "tag", title: "These events had been taken already: they come twice on request" }, "again") : null),
    h("span", { class: "attempt hint" }, d.attempt ? `attempt ${d.attempt}` : "called directly"),
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

// load asks for all that is known of a delivery, anew whenever it has changed.
async function load(id, element) {
  const item = list.items.get(id);
  if (details.get(id) === item) return;
  details.set(id, item);
  let body = element.querySelector(".delivery-body");
  if (!body) {
    body = h("div", { class: "delivery-body" }, h("p", { class: "none" }, "Reading…"));
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
  step(d.started, d.subscription ? [`Delivered by ${d.subscription}`, d.attempt > 1 ? `, attempt ${d.attempt} of ${d.maxAttempts}` : "", d.repeated ? ", although they had been taken" : ""] : "Called directly, not by Event Grid", "good",
    d.body ? part("what was posted", () => [headers(d.url, d.header), copyable(d.body)]) : null);
  for (const [i, invocation] of (d.invocations ?? []).entries()) {
    const t = (d.transcripts ?? []).find((transcript) => transcript.id === invocation.id) ?? null;
    invoked(step, d, invocation, t, i);
  }
  if (d.calls > (d.invocations ?? []).length) step(d.started, `${number(d.calls - d.invocations.length)} more invocations`, "");
  if (d.outcome !== "under-way") ended(step, d);
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
      notice(body, `${file} holds the test case, with identities masked. Look for texts that tell too much before you commit it.`);
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
    t ? part("request to the handler", () => copyable(t.request)) : h("p", { class: "hint" }, "Its transcript is not kept any more."));
  if (i.status) {
    step(at(i.answered), `The handler answered ${i.status} after ${duration(i.answered)}`, i.status < 300 ? "good" : "bad",
      t ? part("answer of the handler", () => copyable(t.response ?? "")) : null,
      t?.logs?.length ? part(count(t.logs.length, "log line"), () => h("pre", { class: "text" }, t.logs.join("\n"))) : null,
      t?.remarks?.length ? h("ul", { class: "remarks" }, t.remarks.map((remark) => h("li", null, remark))) : null);
  }
  if (i.error) {
    step(at(i.took), "The invocation failed", "bad", h("pre", { class: "text bad" }, i.error));
  }
  if (i.outputs?.length) {
    step(at(i.took), i.error ? "Some outputs were written all the same" : "Outputs written", "good", i.outputs.map((output) => {
      const whole = t?.outputs?.find((o) => o.name === output.name);
      const heading = [h("span", null, output.target), h("span", { class: "tag", "data-tone": "good" }, `+${output.count}`)];
      return whole ? part(heading, () => whole.items.map((item) => [item.name ? h("p", { class: "mono item-id" }, item.name) : null, copyable(item.text ?? `base64: ${item.base64 ?? ""}`)])) : h("p", null, heading);
    }));
  } else if (!i.error) {
    step(at(i.took), "There was nothing to write", "");
  }
}

function ended(step, d) {
  if (!d.subscription) return;
  if (d.outcome === "taken") {
    step(d.ended, `Event Grid was answered ${d.status}: the events have arrived`, "good");
    return;
  }
  const answered = d.status ? `Event Grid was answered ${d.status}` : "Event Grid got no answer";
  const answer = d.answer ? h("pre", { class: "text bad" }, d.answer) : null;
  step(d.ended, `${answered} (${d.reason})`, "bad", answer);
  if (d.dead) step(d.ended, `${count(d.dead, "event is a dead letter", "events are dead letters")} (${d.deadAs})`, "bad");
  if (d.next) step(d.next, `Due again at ${clockExact(d.next)}`, "warn");
}

// renderWaiting shows what waits, and where it is in Event Grid's schedule.
function renderWaiting() {
  const { soonest = [], count: all = 0, schedule = [] } = parts.waiting ?? {};
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
  const hurry = acting({ class: "quiet" }, "Don't wait", () => post("hurry"), (error) => notice(place, error.message, "bad"));
  place.replaceChildren(h("section", { class: "waiting", "aria-label": "Waiting" },
    h("div", { class: "waiting-head" }, h("h3", null, `${count(all, "event waits", "events wait")}`), h("span", { class: "hint" }, scale === 1 ? "" : `pauses pass ${number(scale)} times faster than in Azure`), hurry),
    shown.map((w) => h("div", { class: "wait" },
      h("p", null, h("strong", null, w.function), ` · ${count(w.count, "event")} · `, reason(w), h("span", { class: "countdown", "data-next": w.next })),
      w.attempts > 0 && !w.deadLetterAs ? h("ol", { class: "schedule", "aria-label": `Attempt ${w.attempts} of ${w.maxAttempts} failed` }, schedule.map((seconds, i) => h("li", {
        "data-state": i < Math.min(w.attempts, schedule.length) - 1 ? "over" : i === Math.min(w.attempts, schedule.length) - 1 ? "now" : "next",
      }, long(seconds)))) : null)),
    groups.size > shown.length ? h("p", { class: "hint" }, "and others later") : null));
  if (had) hurry.focus();
  countdown();
}

function reason(w) {
  if (w.deadLetterAs) return `will be a dead letter (${w.deadLetterAs}) `;
  if (w.attempts === 0) return "held back on request, due ";
  return `attempt ${w.attempts} of ${w.maxAttempts} failed (${w.lastOutcome}), again `;
}

function countdown() {
  for (const element of document.querySelectorAll(".countdown")) {
    const left = new Date(element.dataset.next) - Date.now();
    element.textContent = left > 0 ? `in ${duration(left)}` : "now";
  }
}

function renderLetters() {
  const place = byId("letters");
  if (letters.length === 0) {
    place.replaceChildren();
    return;
  }
  place.replaceChildren(h("section", { class: "letters", "aria-label": "Dead letters" },
    h("h3", null, "Dead letters"),
    letters.map((letter) => {
      const [container, ...rest] = (letter.blob ?? "").split("/");
      const name = rest.join("/");
      return h("div", { class: "letter" },
        h("p", null, h("span", { class: "mono" }, clock(letter.at)), ` ${letter.function} · ${count(letter.count, "event")} · after ${count(letter.attempts, "attempt")} · `, h("span", { class: "tag", "data-tone": "bad" }, letter.reason)),
        letter.blob
          ? h("button", { type: "button", class: "quiet mono", click: () => document.dispatchEvent(new CustomEvent("pane", { detail: { pane: "storage", kind: "container", name: container, item: name } })) }, letter.blob)
          : h("p", { class: "hint" }, "Lost: there was nowhere to keep them."));
    })));
}
