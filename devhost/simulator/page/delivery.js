// The line of a delivery in the trace.

import { h, icon } from "./dom.js";
import { clock, count, duration, number, person, since } from "./format.js";
import { last } from "./attempts.js";

export const outcomes = {
  "in-progress": ["in progress", ""],
  delivered: ["accepted", "good"],
  failed: ["failed", "bad"],
  "dead-lettered": ["dead-lettered", "bad"],
};

const rejections = (d) => (d.invocations ?? []).flatMap((i) => i.rejected ?? []);

// isFailed reports whether a delivery failed or has rejected events.
export const isFailed = (d) => d.outcome !== "delivered" && d.outcome !== "in-progress" || rejections(d).length > 0;

// searched returns everything of a delivery that can be searched for.
export function searched(d) {
  const events = d.events.flatMap((e) => [e.id, e.type, e.message, e.what, e.text, e.who?.phone, e.who?.bsuid]);
  const calls = (d.invocations ?? []).flatMap((i) => [i.id, ...(i.rejected ?? [])]);
  return [d.id, d.function, d.subscription, d.queue, d.outcome, ...events, ...calls].filter(Boolean).join(" ").toLowerCase();
}

// line creates the line of the last of several attempts.
export function line(group, isOpen, toggle) {
  const d = last(group);
  const [word, tone] = d.queue && d.outcome === "delivered" ? ["processed", "good"] : outcomes[d.outcome];
  const rejected = rejections(d);
  return h("button", { type: "button", class: "delivery-line", "aria-expanded": String(isOpen), "data-key": group.id, click: toggle },
    icon("chevron", "turn"),
    h("span", { class: "mono when" }, clock(d.started)),
    h("span", { class: "what", title: d.queue ? `${d.function}, a message of the queue ${d.queue}` : d.function }, subject(d)),
    h("span", { class: "outcome" },
      h("span", { class: "tag", "data-tone": tone }, d.status ? `${word} (${d.status})` : word),
      rejected.length ? h("span", { class: "tag", "data-tone": "warn", title: `Kept in rejected-events: ${rejected.join(", ")}` }, `${rejected.length} rejected: ${[...new Set(rejected)].join(", ")}`) : null,
      d.duplicate ? h("span", { class: "tag", title: "These events were accepted before. The fault Duplicates delivers them again." }, "duplicate") : null,
      effects(d)),
    h("span", { class: "attempt hint" }, origin(d), group.attempts.length > 1 ? `, ${count(group.attempts.length, "delivery", "deliveries")}` : ""),
    h("span", { class: "took mono" }, d.ended ? duration(since(d.started, d.ended)) : "…"));
}

function origin(d) {
  if (d.attempt) return `attempt ${d.attempt}`;
  return d.earlier ? "before the start" : "direct call";
}

// subject describes the only event of a delivery, or counts them.
function subject(d) {
  const [first] = d.events;
  if (d.queue) return [h("strong", null, d.function), h("span", { class: "hint" }, ` · ${d.queue}`)];
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
