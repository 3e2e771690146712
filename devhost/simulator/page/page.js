// The page: passes the updates of the server to the panes.

import { byId } from "./dom.js";
import { listen } from "./api.js";
import { number } from "./format.js";
import * as conversation from "./conversation.js";
import * as trace from "./trace.js";
import * as storage from "./storage.js";
import * as faults from "./faults.js";

const state = { parts: {} };
const panes = [conversation, trace, storage, faults];
let queued = [];

function apply() {
  const updates = queued;
  queued = [];
  for (const update of updates) {
    Object.assign(state.parts, update.parts);
    for (const pane of panes) pane.update(update, state.parts);
    if (update.parts) about(update.parts);
  }
}

function about(changed) {
  if (changed.about) {
    byId("about").textContent = changed.about.topic;
    byId("about").title = `The topic of ${changed.about.app}`;
  }
  if ("pending" in changed || "ready" in changed) connected();
}

let connection = "connecting";

function connected(next = connection) {
  connection = next;
  const { pending = 0, ready = true } = state.parts;
  let text = { connecting: "Connecting", lost: "devhost does not answer. Reconnecting" }[next];
  let shown = next;
  if (!text) {
    text = pending > 0 ? `${number(pending)} not delivered yet` : "Live";
    if (!ready) [text, shown] = ["The host is starting", "waiting"];
  }
  byId("connection").dataset.state = shown;
  byId("connection-text").textContent = text;
}

// Updates are applied with the next frame; in a hidden page twice a second.
function update(data) {
  queued.push(data);
  if (queued.length > 1) return;
  if (document.hidden) setTimeout(apply, 500);
  else requestAnimationFrame(apply);
}

export function show(pane) {
  document.body.dataset.pane = pane;
  for (const tab of document.querySelectorAll(".tabs button")) {
    tab.setAttribute("aria-pressed", String(tab.dataset.pane === pane));
  }
}

for (const tab of document.querySelectorAll(".tabs button")) {
  tab.addEventListener("click", () => show(tab.dataset.pane));
}
// A pane can open an item of another one: a delivery, a blob.
document.addEventListener("pane", (event) => {
  show(event.detail.pane);
  if (event.detail.pane === "trace") trace.open(event.detail.delivery);
  if (event.detail.pane === "storage") storage.open(event.detail.kind, event.detail.name, event.detail.item);
});

for (const pane of panes) pane.start();
listen(update, connected);
