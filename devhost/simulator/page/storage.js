// The storage pane: the current queues, tables and containers.

import { h, byId, icon, empty, notice, acting, copying, fold } from "./dom.js";
import { get, post } from "./api.js";
import { bytes, clock, count, date, number } from "./format.js";
import { copyable, view } from "./json.js";

// The pane reads storage again after a change, at most every PAUSE, and in any
// case every LOOK, because other programs write too.
const PAUSE = 700;
const LOOK = 5000;

// An account in Azure is not counted beyond this.
const COUNTED = 1000;

let about = {};
let stores = [];
let selected = null;
let sort = { column: "RowKey", up: true };
let shown = null; // the contents that are shown, to find changes
let opened = new Set();
let filter = "";
const hidden = new Set(); // the columns that a person has turned off
let looking = false;
let again = false;
let timer;

const same = (a, b) => a && b && a.kind === b.kind && a.name === b.name;

export function start() {
  askToClear();
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
    if (about.embedded) where = "files on this machine";
    else if (about.local) where = "an emulator on this machine";
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
export async function open(kind, name, item) {
  select({ kind, name });
  if (!item) return;
  opened.add(item);
  shown = null;
}

async function select(store) {
  selected = store;
  shown = null;
  opened = new Set();
  filter = "";
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

const open1000 = (store) => !about.embedded && store.kind !== "queue" && store.count >= COUNTED;
const counted = (store) => number(store.count) + (open1000(store) ? "+" : "");

function renderContents(contents) {
  if (!contents) return;
  const text = JSON.stringify(contents);
  if (text === shown) return;
  shown = text;
  const kinds = { queue: messages, table: rows, container: blobs };
  const place = byId("contents");
  const focus = place.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  const across = place.querySelector(".grid-scroll")?.scrollLeft ?? 0;
  place.replaceChildren(heading(contents), kinds[contents.kind](contents));
  if (across) place.querySelector(".grid-scroll").scrollLeft = across;
  if (focus) place.querySelector(`[data-key="${CSS.escape(focus)}"]`)?.focus({ preventScroll: true });
}

function heading(contents) {
  const length = (contents.messages ?? contents.rows ?? contents.blobs ?? []).length;
  let part = "";
  if (contents.more) {
    part = `${contents.newest ? "the newest" : "the first"} ${number(length)} of ${contents.kind === "queue" && !about.embedded ? "about " : ""}${counted(contents)}`;
  }
  const search = h("input", { type: "search", class: "search", placeholder: "Filter", value: filter, "data-key": "filter", "aria-label": `Filter the items of ${contents.name}`, input: (event) => {
    filter = event.target.value;
    redraw(contents);
  } });
  return h("div", { class: "contents-head" }, h("h3", null, contents.name), h("span", { class: "hint" }, part), contents.kind === "table" ? columnChooser(contents) : null, search);
}

// redraw renders the same contents in another way.
function redraw(contents) {
  shown = null;
  renderContents(contents);
}

// matches reports whether a text contains all words of the filter.
function matches(text) {
  const lower = text.toLowerCase();
  return filter.toLowerCase().split(/\s+/).every((word) => lower.includes(word));
}

const none = (all, nothing) => h("p", { class: "none" }, all.length > 0 ? "No item matches the filter." : nothing);

// remembered keeps a part open when its list is rendered again.
function remembered(key, summary, make, attributes) {
  const part = fold(summary, make, { ...attributes, open: opened.has(key) });
  part.querySelector("summary").dataset.key = key;
  part.addEventListener("toggle", () => { if (part.open) opened.add(key); else opened.delete(key); });
  return part;
}

function messages(contents) {
  const whole = contents.messages ?? [];
  const repeats = firsts(whole);
  const all = whole.toReversed().filter((message) => matches(message.text ?? ""));
  if (all.length === 0) return none(whole, "The queue is empty.");
  return h("div", { class: "items" }, all.map((message) => {
    const text = message.text ?? "";
    const first = repeats.get(message.id);
    return remembered(message.id, h("span", { class: "item" },
      h("span", { class: "item-name" }, summary(text) || (message.base64 ? "not text" : text.slice(0, 120) || "empty"),
        first ? h("span", { class: "tag", title: "The same source and id: a consumer must handle it once." }, `repeats the one of ${clock(first.inserted)}`) : null),
      h("span", { class: "hint nowrap" }, `${clock(message.inserted)} · ${bytes(message.size)}`)),
    () => (message.base64 ? h("p", { class: "none" }, `${bytes(message.size)} of binary data`) : copyable(text)), { class: "stored" });
  }));
}

// firsts returns the message that each repeated one repeats, by id.
function firsts(messages) {
  const first = new Map();
  const repeats = new Map();
  for (const message of messages) {
    const event = cloudEvent(message.text ?? "");
    const key = event && `${event.source}\n${event.id}`;
    if (!event) continue;
    if (first.has(key)) repeats.set(message.id, first.get(key));
    else first.set(key, message);
  }
  return repeats;
}

function cloudEvent(text) {
  try {
    const event = JSON.parse(text);
    return event?.specversion ? event : null;
  } catch {
    return null;
  }
}

// summary returns the kind of a CloudEvent, and its text, caption or file name.
function summary(text) {
  const event = cloudEvent(text);
  if (!event) return "";
  const data = event.data ?? {};
  const what = data.text ?? data.media?.caption ?? data.media?.fileName ?? data.choice?.title ?? data.button?.text ?? data.reaction?.emoji ?? data.location?.name ?? data.contacts?.[0]?.name ?? data.system?.text ?? data.failure?.class;
  return [data.kind ?? data.status ?? data.value ?? data.field, what].filter(Boolean).join(": ") || event.type;
}

// useful are the columns that are shown first. The keys, the app's own ids and the
// provider's data come last.
const useful = ["Kind", "Text", "Caption", "Status", "ErrorMessage", "FailureClass", "Phone", "Bsuid", "ReceivedAt", "OccurredAt", "ReplyBy"];
const last = ["EventId", "MessageId", "ChannelType", "ChannelId", "Event", "Timestamp", "PartitionKey", "RowKey"];

function ordered(columns) {
  const place = (column) => {
    if (useful.includes(column)) return useful.indexOf(column);
    if (last.includes(column)) return 1000 + last.indexOf(column);
    return 100 + columns.indexOf(column);
  };
  return columns.toSorted((a, b) => place(a) - place(b));
}

const columnsOf = (contents) => ordered(["PartitionKey", "RowKey", ...(contents.columns ?? []), "Timestamp"]);

function columnChooser(contents) {
  return remembered("columns", "Columns", () => h("div", { class: "chooser" }, columnsOf(contents).map((column) => h("label", { class: "inline" },
    h("input", { type: "checkbox", checked: !hidden.has(column), "data-key": `column ${column}`, change: (event) => {
      if (event.target.checked) hidden.delete(column);
      else hidden.add(column);
      redraw(contents);
    } }), column))), { class: "columns-fold" });
}

// middle shortens a long key in its middle: its start and end tell rows apart.
const middle = (text) => (text.length > 36 ? `${text.slice(0, 16)}…${text.slice(-18)}` : text);

// rowJSON returns a row as the table service writes it.
function rowJSON(columns, value, row) {
  const all = {};
  for (const column of columns) {
    const cell = value(row, column);
    if (!cell) continue;
    all[column] = { "Edm.Boolean": () => cell.value === "true", "Edm.Double": () => Number(cell.value), "Edm.Int32": () => Number(cell.value) }[cell.type]?.() ?? cell.value;
  }
  return JSON.stringify(all, null, 2);
}

function rows(contents) {
  if (!contents.rows?.length) return h("p", { class: "none" }, "The table is empty.");
  const every = columnsOf(contents);
  const columns = every.filter((column) => !hidden.has(column));
  if (columns.length === 0) return h("p", { class: "none" }, "All columns are turned off.");
  const value = (row, column) => ({
    PartitionKey: { type: "Edm.String", value: row.partition },
    RowKey: { type: "Edm.String", value: row.key },
    Timestamp: { type: "Edm.DateTime", value: row.timestamp },
  }[column] ?? row.cells[column]);
  if (!every.includes(sort.column)) sort = { column: "RowKey", up: true };
  const compare = (a, b) => {
    const [x, y] = [value(a, sort.column), value(b, sort.column)];
    if (!x || !y) return (x ? -1 : 0) + (y ? 1 : 0);
    const isNumber = x.type === "Edm.Int64" || x.type === "Edm.Double";
    const order = isNumber ? Number(x.value) - Number(y.value) : x.value < y.value ? -1 : Number(x.value > y.value);
    return sort.up ? order : -order;
  };
  const sorted = contents.rows.filter((row) => matches(every.map((column) => value(row, column)?.value ?? "").join("\n"))).toSorted(compare);
  if (sorted.length === 0) return none(contents.rows, "");
  const types = Object.fromEntries(columns.map((column) => [column, [...new Set(contents.rows.map((row) => value(row, column)?.type).filter(Boolean))].join(", ")]));
  const head = columns.map((column) => h("th", { scope: "col", "aria-sort": sort.column === column ? (sort.up ? "ascending" : "descending") : "none" },
    h("button", { type: "button", title: types[column], "data-key": `sort ${column}`, click: () => {
      sort = { column, up: sort.column === column ? !sort.up : true };
      shown = null;
      renderContents(contents);
    } }, column, h("span", { class: "unseen" }, types[column]), h("span", { class: "arrow", "aria-hidden": "true" }, sort.column === column ? (sort.up ? "↑" : "↓") : ""))));
  const body = sorted.map((row) => {
    const key = `${row.partition}\n${row.key}`;
    const line = h("tr", { "data-open": opened.has(key) }, columns.map((column, i) => {
      const cell = value(row, column);
      const isKey = column === "PartitionKey" || column === "RowKey";
      const text = cell ? (isKey ? middle(cell.value) : cell.value.slice(0, 200)) : "";
      if (i > 0) return h("td", { title: cell ? `${cell.type}\n${cell.value.slice(0, 1000)}` : "no value", "data-type": cell?.type }, text);
      return h("th", { scope: "row", title: cell ? `${cell.type}\n${cell.value}` : "no value" }, h("button", {
        type: "button", class: "cell", "aria-expanded": String(opened.has(key)), "data-key": key, click: () => {
          if (opened.has(key)) opened.delete(key);
          else opened.add(key);
          shown = null;
          renderContents(contents);
        },
        "aria-label": `Row ${row.key}${text ? `, ${text}` : ""}`,
      }, icon("chevron"), text));
    }));
    if (!opened.has(key)) return line;
    return [line, h("tr", { class: "whole" }, h("td", { colspan: columns.length }, copying("Copy row as JSON", () => rowJSON(every, value, row)), h("dl", { class: "columns" }, every.map((column) => {
      const cell = value(row, column);
      if (!cell) return null;
      return h("div", null, h("dt", null, column, h("span", null, cell.type)), h("dd", null, /^[[{]/.test(cell.value) ? view(cell.value) : h("span", { class: "mono" }, cell.value || "empty")));
    }))))];
  });
  return h("div", { class: "grid-scroll", tabindex: 0, role: "region", "aria-label": `Rows of ${contents.name}` },
    h("table", { class: "grid" }, h("thead", null, h("tr", null, head)), h("tbody", null, body)));
}

function blobs(contents) {
  const whole = contents.blobs ?? [];
  const all = whole.filter((blob) => matches(blob.name)).toSorted((a, b) => (a.modified < b.modified ? 1 : -1));
  if (all.length === 0) return none(whole, "The container is empty.");
  return h("div", { class: "items" }, all.map((blob) => remembered(blob.name, h("span", { class: "item" },
    h("span", { class: "item-name mono", title: blob.name }, blob.name),
    h("span", { class: "hint nowrap" }, `${date(blob.modified)} ${clock(blob.modified)} · ${bytes(blob.size)}`)),
  () => preview(contents.name, blob), { class: "stored" })));
}

function preview(container, blob) {
  const place = h("div", null, h("p", { class: "none" }, "Loading…"));
  get(`blob?container=${encodeURIComponent(container)}&name=${encodeURIComponent(blob.name)}`).then((content) => {
    if (blob.size === 0) {
      place.replaceChildren(h("p", { class: "none" }, "Empty: left empty by a failed invocation."));
      return;
    }
    const parts = content.base64 ? [h("p", { class: "none" }, `${count(blob.size, "byte")} of binary data`)] : [copyable(content.text ?? "")];
    if (content.cut) parts.unshift(h("p", { class: "none" }, "The start of the blob:"));
    place.replaceChildren(...parts);
  }, (error) => place.replaceChildren(h("p", { class: "notice", "data-tone": "bad", role: "alert" }, error.message)));
  return place;
}
