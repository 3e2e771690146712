// The rows of a table.

import { h, icon, copying } from "./dom.js";
import { view } from "./json.js";
import { none } from "./kept.js";

const hidden = new Set(); // the columns that a person has turned off

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

export function columnChooser(contents, kept, redraw) {
  return kept.fold("columns", "Columns", () => h("div", { class: "chooser" }, columnsOf(contents).map((column) => h("label", { class: "inline" },
    h("input", { type: "checkbox", checked: !hidden.has(column), "data-key": `column ${column}`, change: (event) => {
      if (event.target.checked) hidden.delete(column);
      else hidden.add(column);
      redraw();
    } }), column))), { class: "columns-fold" });
}

const isKey = (column) => column === "PartitionKey" || column === "RowKey";

// cellOf returns a value with its type; undefined if the row has none.
const cellOf = (row, column) => ({
  PartitionKey: { type: "Edm.String", value: row.partition },
  RowKey: { type: "Edm.String", value: row.key },
  Timestamp: { type: "Edm.DateTime", value: row.timestamp },
}[column] ?? row.cells[column]);

// middle shortens a long key in its middle: its start and end identify the row.
const middle = (text) => (text.length > 36 ? `${text.slice(0, 16)}…${text.slice(-18)}` : text);

// rowJSON returns a row as the table service writes it.
function rowJSON(columns, row) {
  const all = {};
  for (const column of columns) {
    const cell = cellOf(row, column);
    if (!cell) continue;
    all[column] = { "Edm.Boolean": () => cell.value === "true", "Edm.Double": () => Number(cell.value), "Edm.Int32": () => Number(cell.value) }[cell.type]?.() ?? cell.value;
  }
  return JSON.stringify(all, null, 2);
}

function sorted(rows, { column, up }) {
  return rows.toSorted((a, b) => {
    const [x, y] = [cellOf(a, column), cellOf(b, column)];
    if (!x || !y) return (x ? -1 : 0) + (y ? 1 : 0);
    const isNumber = x.type === "Edm.Int64" || x.type === "Edm.Double";
    const order = isNumber ? Number(x.value) - Number(y.value) : x.value < y.value ? -1 : Number(x.value > y.value);
    return up ? order : -order;
  });
}

export function rows(contents, kept, { redraw }) {
  if (!contents.rows?.length) return h("p", { class: "none" }, "The table is empty.");
  const every = columnsOf(contents);
  const columns = every.filter((column) => !hidden.has(column));
  if (columns.length === 0) return h("p", { class: "none" }, "All columns are turned off.");
  if (!every.includes(kept.sort.column)) kept.sort = { column: "RowKey", up: true };
  const shown = sorted(contents.rows.filter((row) => kept.matches(every.map((column) => cellOf(row, column)?.value ?? "").join("\n"))), kept.sort);
  if (shown.length === 0) return none(contents.rows, "");
  return h("div", { class: "grid-scroll", tabindex: 0, role: "region", "aria-label": `Rows of ${contents.name}` },
    h("table", { class: "grid" },
      h("thead", null, h("tr", null, columns.map((column) => heading(column, contents.rows, kept, redraw)))),
      h("tbody", null, shown.map((row) => line(row, columns, every, kept, redraw)))));
}

function heading(column, rows, kept, redraw) {
  const { sort } = kept;
  const types = [...new Set(rows.map((row) => cellOf(row, column)?.type).filter(Boolean))].join(", ");
  return h("th", { scope: "col", "aria-sort": sort.column === column ? (sort.up ? "ascending" : "descending") : "none" },
    h("button", { type: "button", title: types, "data-key": `sort ${column}`, click: () => {
      kept.sort = { column, up: sort.column === column ? !sort.up : true };
      redraw();
    } }, column, h("span", { class: "unseen" }, types), h("span", { class: "arrow", "aria-hidden": "true" }, sort.column === column ? (sort.up ? "↑" : "↓") : "")));
}

function line(row, columns, every, kept, redraw) {
  const key = `${row.partition}\n${row.key}`;
  const isOpen = kept.opened.has(key);
  const cells = columns.map((column, i) => {
    const cell = cellOf(row, column);
    const text = cell ? (isKey(column) ? middle(cell.value) : cell.value.slice(0, 200)) : "";
    const title = cell ? `${cell.type}\n${cell.value.slice(0, 1000)}` : "no value";
    if (i > 0) return h("td", { title, "data-type": cell?.type }, text);
    return h("th", { scope: "row", title }, h("button", {
      type: "button", class: "cell", "aria-expanded": String(isOpen), "data-key": key, click: () => {
        if (isOpen) kept.opened.delete(key);
        else kept.opened.add(key);
        redraw();
      },
      "aria-label": `Row ${row.key}${text ? `, ${text}` : ""}`,
    }, icon("chevron"), text));
  });
  const first = h("tr", { "data-open": isOpen }, cells);
  return isOpen ? [first, whole(row, columns, every)] : first;
}

// whole shows all values of a row.
function whole(row, columns, every) {
  return h("tr", { class: "whole" }, h("td", { colspan: columns.length }, copying("Copy row as JSON", () => rowJSON(every, row)), h("dl", { class: "columns" }, every.map((column) => {
    const cell = cellOf(row, column);
    if (!cell) return null;
    return h("div", null, h("dt", null, column, h("span", null, cell.type)), h("dd", null, /^[[{]/.test(cell.value) ? view(cell.value) : h("span", { class: "mono" }, cell.value || "empty")));
  }))));
}
