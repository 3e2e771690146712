// The statuses of a message of the business, and the buttons that publish them.

import { h, byId, notice, announce } from "./dom.js";
import { post } from "./api.js";
import { number } from "./format.js";
import { progress } from "./bubble.js";
import { how, wrong } from "./compose.js";

const names = ["Sent", "Delivered", "Read", "Failed"];
const ranks = { sent: 1, failed: 1.5, delivered: 2, read: 3 };

let failing = null; // the id of the message whose error code is being chosen
let chosenCode = "131047";

// ticks show the status as the phone of the sender does.
export function ticks(entry) {
  const best = (entry.statuses ?? []).map((s) => s.status.toLowerCase()).toSorted((a, b) => (ranks[b] ?? 0) - (ranks[a] ?? 0))[0];
  const marks = { sent: "✓", delivered: "✓✓", read: "✓✓", failed: "!" };
  if (!best) return h("span", { class: "hint" }, "no status yet");
  return h("span", { class: "ticks", "data-status": best, title: best }, marks[best] ?? best, h("span", { class: "unseen" }, best));
}

export function statuses(entry, context, key) {
  const known = entry.statuses ?? [];
  const hidden = (entry.statusCount ?? 0) - known.length;
  return [
    known.length ? h("ol", { class: "statuses", "aria-label": "Statuses in the order of publishing" },
      hidden > 0 ? h("li", { class: "hint" }, `${number(hidden)} earlier`) : null,
      known.map((s, i) => status(s, `${key} status ${i}`))) : null,
    h("div", { class: "status-buttons", role: "group", "aria-label": "Publish a status" }, names.map((name) => h("button", {
      type: "button", class: "small", "data-key": `${key} ${name}`, "aria-expanded": name === "Failed" ? String(failing === entry.id) : null,
      click: () => (name === "Failed" ? fail(entry, context) : publish(entry, { status: name }, context)),
    }, name))),
    failing === entry.id ? failure(entry, context, key) : null,
  ];
}

function status(s, key) {
  const failure = s.event.result?.failure;
  return h("li", null,
    h("p", { class: "state" }, h("strong", null, s.status), s.code ? h("span", { class: "mono" }, s.code) : null, s.message ? h("span", null, s.message) : null, progress(s.event, key)),
    failure ? advice(failure) : null);
}

function advice(failure) {
  return h("div", { class: "advice" },
    h("p", null, h("span", { class: "tag", "data-tone": failure.retry === "never" ? "bad" : "warn" }, failure.class), h("span", { class: "tag" }, `retry: ${failure.retry}`)),
    h("p", null, failure.advice));
}

function fail(entry, context) {
  const before = failing;
  failing = failing === entry.id ? null : entry.id;
  context.draw([before, entry.id].filter((id) => id !== null));
  if (failing === null) return;
  const form = context.elementOf(entry.id).querySelector(".failure");
  form.scrollIntoView({ block: "nearest" });
  form.querySelector("select").focus({ preventScroll: true });
}

// failure is the form for the error code of a failed status. Class and advice are
// shown once the app has classified the code.
function failure(entry, context, key) {
  const { codes } = context;
  const own = !codes.known.some(({ code }) => code === chosenCode);
  const choose = h("select", { id: `${key} code`, "data-key": `${key} code`, change: () => { chosenCode = choose.value; context.draw([entry.id]); } },
    codes.known.map(({ code, message }) => h("option", { value: code, selected: code === chosenCode }, `${code} ${message}`)),
    h("option", { value: "", selected: own }, "Another code…"));
  const other = own ? h("input", { type: "text", inputmode: "numeric", "aria-label": "Error code", placeholder: "Error code, such as 470", value: chosenCode, "data-key": `${key} other`, input: () => { chosenCode = other.value.trim(); } }) : null;
  const classified = codes.classified[chosenCode];
  return h("form", { class: "failure", submit: (event) => {
    event.preventDefault();
    if (!chosenCode) {
      other.focus();
      return;
    }
    failing = null;
    publish(entry, { status: "Failed", code: chosenCode }, context);
  } },
  h("label", { for: `${key} code` }, "Error code"), choose, other,
  classified ? [h("p", { class: "hint" }, "The app classifies this code as:"), advice(classified)] : h("p", { class: "hint" }, "The app's class and advice appear here after the first status with this code."),
  h("button", { type: "submit", class: "small primary" }, "Send failed status"));
}

async function publish(entry, what, context) {
  try {
    await post("statuses", { ...how(), status: { messageId: entry.messageId, to: entry.person, ...what } });
    notice(byId("composer"), "");
    announce(`Status ${what.status} is published`);
    context.draw([entry.id]);
  } catch (error) {
    wrong(error);
  }
}
