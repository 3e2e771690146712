// The events that wait for a delivery, and their place in the retry schedule.

import { h, byId, notice, acting } from "./dom.js";
import { post } from "./api.js";
import { count, duration, long, number } from "./format.js";

export function renderWaiting(parts) {
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
export function attemptOf(attempt, maxAttempts) {
  return maxAttempts ? `attempt ${attempt} of ${maxAttempts}` : `attempt ${attempt}`;
}

function countdown() {
  for (const element of document.querySelectorAll(".countdown")) {
    const left = new Date(element.dataset.next) - Date.now();
    element.textContent = left > 0 ? `in ${duration(left)}` : "now";
  }
}

setInterval(countdown, 250);
