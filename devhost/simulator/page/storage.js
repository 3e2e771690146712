// The storage pane: the current queues, tables and containers.

import { h, byId, empty, notice, acting } from "./dom.js";
import { get, post } from "./api.js";
import { number } from "./format.js";
import { Kept } from "./kept.js";
import { blobs } from "./blobs.js";
import { messages } from "./queue.js";
import { columnChooser, rows } from "./table.js";
import { roving } from "./roving.js";

// The pane reads storage again after a change, at most every PAUSE, and in any
// case every LOOK, because other programs write too.
const PAUSE = 700;
const LOOK = 5000;

// An account in Azure is not counted beyond this.
const COUNTED = 1000;

const views = { queue: messages, table: rows, container: blobs };

let about = {};
let stores = [];
let selected = null;
let shown = null; // the contents that are shown, to find changes
let kept = new Kept();
let looking = false;
let again = false;
let timer;

const same = (a, b) => a && b && a.kind === b.kind && a.name === b.name;

export function start() {
  askToClear();
  roving(byId("stores"), ".store");
  roving(byId("contents"), ".stored > summary");
  roving(byId("contents"), ".cell");
  roving(byId("contents"), "thead button");
  setInterval(() => { if (!document.hidden) look(); }, LOOK);
}

function askToClear() {
  const ask = h("button", { type: "button", class: "quiet", click: () => {
    const yes = acting({ class: "small danger" }, "Remove everything", async () => {
      await post("storage/clear");
      shown = null;
      await look();
      askToClear();
    }, (error) => { askToClear(); notice(byId("storage-notice"), error.message, "bad"); });
    const no = h("button", { type: "button", class: "quiet", click: askToClear }, "Cancel");
    byId("storage-clear").replaceChildren(h("span", { class: "row" }, no, yes));
    yes.focus();
  } }, "Clear");
  ask.hidden = !about.local;
  byId("storage-clear").replaceChildren(ask);
}

export function update({ parts }) {
  if (parts?.about) {
    about = parts.about;
    let where = "an account in Azure, which can't be cleared here";
    if (about.embedded) where = "local files";
    else if (about.local) where = "local emulator";
    byId("storage-hint").textContent = where;
    askToClear();
  }
  if (parts && "storage" in parts) look();
}

// look reads storage.
async function look() {
  if (looking) {
    again = true;
    return;
  }
  looking = true;
  clearTimeout(timer);
  const begun = Date.now();
  try {
    stores = await get("storage");
    if (!stores.some((store) => same(store, selected))) selected = stores[0] ?? null;
    const contents = selected ? await get(path(selected)) : null;
    notice(byId("storage-notice"), "");
    renderStores();
    if (!selected || same(contents, selected)) renderContents(contents);
  } catch (error) {
    notice(byId("storage-notice"), `Storage can't be read: ${error.message}`, "bad");
  }
  // Slow storage is read less often.
  timer = setTimeout(() => {
    looking = false;
    if (again) {
      again = false;
      look();
    }
  }, Math.min(LOOK, Math.max(PAUSE, 4 * (Date.now() - begun))));
}

const path = (store) => `storage/${store.kind}/${encodeURIComponent(store.name)}`;

// open shows a store or a blob of a container.
export function open(kind, name, item) {
  select({ kind, name });
  if (item) kept.opened.add(item);
}

async function select(store) {
  if (!same(store, selected)) kept = new Kept();
  selected = store;
  shown = null;
  renderStores();
  try {
    const contents = await get(path(store));
    notice(byId("storage-notice"), "");
    if (same(contents, selected)) renderContents(contents);
  } catch (error) {
    notice(byId("storage-notice"), error.message, "bad");
  }
}

const headings = { queue: "Queues", table: "Tables", container: "Containers" };

function renderStores() {
  const groups = Object.keys(headings).map((kind) => {
    const of = stores.filter((store) => store.kind === kind);
    if (of.length === 0) return null;
    return h("div", { class: "stores-group" }, h("h3", null, headings[kind]), h("div", { class: "stores-list" }, of.map((store) => h("button", {
      type: "button", class: "store", "aria-pressed": String(same(store, selected)), "data-key": `${kind}/${store.name}`, click: () => select(store),
    }, h("span", null, store.name), h("span", { class: "number" }, counted(store))))));
  });
  const focus = document.activeElement?.dataset?.key;
  byId("stores").replaceChildren(...groups.filter(Boolean));
  if (focus) byId("stores").querySelector(`[data-key="${CSS.escape(focus)}"]`)?.focus();
  if (stores.length === 0) {
    shown = null;
    byId("contents").replaceChildren(empty("storage", "Nothing is stored yet", "Write a message: the queue message and the row that the app writes appear here."));
  }
}

const isOpenEnded = (store) => !about.embedded && store.kind !== "queue" && store.count >= COUNTED;
const counted = (store) => number(store.count) + (isOpenEnded(store) ? "+" : "");

function renderContents(contents) {
  if (!contents) return;
  const text = JSON.stringify(contents);
  if (text === shown) return;
  shown = text;
  const redraw = () => { shown = null; renderContents(contents); };
  const place = byId("contents");
  const focus = place.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  const across = place.querySelector(".grid-scroll")?.scrollLeft ?? 0;
  place.replaceChildren(heading(contents, redraw), views[contents.kind](contents, kept, { redraw, look, local: about.local }));
  if (across) place.querySelector(".grid-scroll").scrollLeft = across;
  if (focus) place.querySelector(`[data-key="${CSS.escape(focus)}"]`)?.focus({ preventScroll: true });
}

function heading(contents, redraw) {
  const length = (contents.messages ?? contents.rows ?? contents.blobs ?? []).length;
  let part = "";
  if (contents.more) {
    part = `${contents.newest ? "the newest" : "the first"} ${number(length)} of ${contents.kind === "queue" && !about.embedded ? "about " : ""}${counted(contents)}`;
  }
  const search = h("input", { type: "search", class: "search", placeholder: "Filter", value: kept.filter, "data-key": "filter", "aria-label": `Filter the items of ${contents.name}`, input: (event) => {
    kept.filter = event.target.value;
    redraw();
  } });
  return h("div", { class: "contents-head" }, h("h3", null, contents.name), h("span", { class: "hint" }, part), contents.kind === "table" ? columnChooser(contents, kept, redraw) : null, search);
}
