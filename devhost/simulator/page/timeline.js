// The timeline of a delivery: what happened, step by step.

import { h, fold } from "./dom.js";
import { clockExact, count, duration, lastPart, later, number, since } from "./format.js";
import { copyable } from "./json.js";
import { outcomes } from "./delivery.js";
import { attemptOf } from "./waiting.js";

// timeline shows the last delivery of a group, and its earlier attempts. The parts
// named in open are open.
export function timeline(d, group, about, open) {
  const start = d.published ?? d.started;
  const steps = [];
  const step = (time, title, tone, ...more) => steps.push(h("li", { "data-tone": tone },
    h("span", { class: "mono offset", title: clockExact(time) }, steps.length === 0 ? clockExact(time) : `+${duration(since(start, time))}`),
    h("div", { class: "step" }, h("p", { class: "step-title" }, title), more)));
  const part = (name, heading, make) => fold(heading, () => h("div", null, make()), { class: "part", "data-part": name, open: open.has(name) });
  if (d.published) step(d.published, `Published: ${count(d.count, "event")}`, "good", eventList(d));
  for (const earlier of group.attempts.slice(0, group.attempts.findIndex((attempt) => attempt.id === d.id))) {
    const error = earlier.invocations?.find((i) => i.error)?.error;
    step(earlier.started, [`Attempt ${earlier.attempt || 1}: ${outcomes[earlier.outcome][0]}`, earlier.status ? ` (${earlier.status})` : "", error ? `: ${error}` : ""], outcomes[earlier.outcome][1]);
  }
  step(d.started, delivered(d), "good",
    d.queue && d.body ? part("request", "queue message", () => copyable(d.body)) : d.url ? part("request", isFromEventGrid(d) || d.meta ? `request of ${sender(d)}` : "request", () => [headers(d), d.body ? copyable(d.body) : null]) : null);
  for (const [i, invocation] of (d.invocations ?? []).entries()) {
    invoked(step, part, invocation, d.transcripts?.find((transcript) => transcript.id === invocation.id), about, i);
  }
  if (d.calls > (d.invocations ?? []).length) step(d.started, `${number(d.calls - d.invocations.length)} more invocations`, "");
  if (d.outcome !== "in-progress") ended(step, d);
  return h("ol", { class: "timeline" }, steps);
}

const sender = (d) => (d.meta ? "Meta" : "Event Grid");
const isFromEventGrid = (d) => d.subscription || d.header?.["Aeg-Event-Type"];

function delivered(d) {
  if (d.earlier) return "Delivered before devhost was started";
  if (d.queue) return `Message of the queue ${d.queue}${d.attempt > 1 ? `, dequeue count ${d.attempt}` : ""}`;
  if (!d.subscription) return "Direct call, not from Event Grid";
  return [d.meta ? "Delivered by Meta" : `Delivered by the subscription ${d.subscription}`, d.attempt > 1 ? `, ${attemptOf(d.attempt, d.maxAttempts)}` : "", d.duplicate ? ", a duplicate" : ""];
}

function eventList(d) {
  const shown = d.events.slice(0, 5);
  const rest = d.count - shown.length;
  return h("ul", { class: "ids" }, shown.map((event) => h("li", null, h("span", null, lastPart(event.type)), " ", h("span", { class: "mono" }, event.id))),
    rest > 0 ? h("li", null, `and ${number(rest)} more`) : null);
}

function headers(d) {
  return h("pre", { class: "text" }, `${d.method} ${d.url}\n`, Object.entries(d.header ?? {}).toSorted().map(([name, value]) => `${name}: ${value}\n`));
}

// invoked adds the steps of the invocation i, with its transcript t.
function invoked(step, part, invocation, t, about, i) {
  const at = (milliseconds) => later(invocation.started, milliseconds);
  step(invocation.started, ["Invoked ", h("span", { class: "mono" }, invocation.id.slice(0, 8))], "good",
    t ? part(`request ${i}`, "request to the handler", () => copyable(t.request)) : h("p", { class: "hint" }, about?.local === false ? "No transcript: the outputs are in an account in Azure." : "The transcript is no longer kept."));
  if (invocation.status) {
    step(at(invocation.answered), `The handler answered ${invocation.status} after ${duration(invocation.answered)}`, invocation.status < 300 ? "good" : "bad",
      t ? part(`response ${i}`, "response of the handler", () => copyable(t.response ?? "")) : null,
      t?.logs?.length ? part(`logs ${i}`, count(t.logs.length, "log line"), () => h("pre", { class: "text" }, t.logs.join("\n"))) : null,
      t?.remarks?.length ? h("ul", { class: "remarks" }, t.remarks.map((remark) => h("li", null, remark))) : null);
  }
  if (invocation.error) {
    step(at(invocation.took), "The invocation failed", "bad", h("pre", { class: "text bad" }, invocation.error));
  }
  if (invocation.outputs?.length) {
    step(at(invocation.took), invocation.error ? "These outputs were written before the failure" : "Outputs written", "good", invocation.outputs.map((output) => {
      const whole = t?.outputs?.find((o) => o.name === output.name);
      const heading = [h("span", null, output.target), h("span", { class: "tag", "data-tone": "good" }, `+${output.count}`)];
      return whole ? part(`output ${i} ${output.name}`, heading, () => whole.items.map((item) => [item.name ? h("p", { class: "mono item-id" }, item.name) : null, copyable(item.text ?? `base64: ${item.base64 ?? ""}`)])) : h("p", null, heading);
    }));
  } else if (!invocation.error) {
    step(at(invocation.took), "No outputs", "");
  }
}

function ended(step, d) {
  if (!d.subscription) return;
  if (d.outcome === "delivered") {
    step(d.ended, `${sender(d)} received ${d.status}: the events are delivered`, "good");
    return;
  }
  const answered = d.status ? `${sender(d)} received ${d.status}` : `${sender(d)} received no response`;
  step(d.ended, `${answered} (${d.reason})`, "bad", d.answer ? h("pre", { class: "text bad" }, d.answer) : null);
  if (d.deadLetters) step(d.ended, `${count(d.deadLetters, "event is dead-lettered", "events are dead-lettered")} (${d.deadReason})`, "bad");
  if (d.next) step(d.next, `Next attempt at ${clockExact(d.next)}`, "warn");
}
