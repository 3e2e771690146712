// Checks Kusto queries and runs them on rows. Standard input is
// {schemas: {table: "(column: type, ...)"}, runs: [{query, now, tables: {table: [row, ...]}}]};
// the output has {errors, rows} for each run.
//
// Kusto's language service finds the errors and parses the query. It runs nothing,
// so the operators and functions that the alerts use are below.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

globalThis.window ??= globalThis;
const require = createRequire(import.meta.url);
require("@kusto/language-service-next/bridge.js");
require("@kusto/language-service-next");
const { GlobalState, KustoCode, Symbols, Syntax } = Kusto.Language;

const kind = (node) => System.Enum.toString(Syntax.SyntaxKind, node.Kind);
const children = (node) => Array.from({ length: node.ChildCount }, (_, i) => node.GetChild(i)).filter(Boolean);
const items = (list) => children(list).map((element) => element.GetChild(0));
const text = (node) => node.ToString(Syntax.IncludeTrivia.Interior).trim();
const unsupported = (node) => new Error(`tools/kusto/run.mjs does not support ${kind(node)}: ${text(node)}`);
const part = (node, name) => children(node).find((child) => kind(child) === name);
const args = (call) => items(part(part(call, "ExpressionList"), "List"));

const empty = (value) => value === undefined || value === null;
const string = (value) => (empty(value) ? "" : typeof value === "object" ? JSON.stringify(value) : String(value));
const functions = {
  bag_keys: (bag) => Object.keys(bag ?? {}),
  isnotempty: (value) => string(value) !== "",
  parse_json: (value) => {
    try {
      return JSON.parse(value);
    } catch {
      return value;
    }
  },
  parse_url: (value) => ({ Path: new URL(value).pathname }),
  split: (value, by) => string(value).split(by),
  tobool: (value) => (empty(value) ? null : string(value).toLowerCase() === "true"),
  tolong: (value) => (empty(value) ? null : Number(value)),
  tostring: string,
};
const times = { h: 3600e3, m: 60e3, s: 1e3 };
const comparable = (value) => (typeof value === "string" && /^\d{4}-\d\d-\d\dT/.test(value) ? Date.parse(value) : value);
const compare = (test) => (a, b) => !empty(a) && !empty(b) && test(comparable(a), comparable(b));
const operators = {
  AndExpression: (a, b) => a && b,
  OrExpression: (a, b) => a || b,
  EqualExpression: (a, b) => string(a) === string(b),
  NotEqualExpression: (a, b) => string(a) !== string(b),
  LessThanExpression: compare((a, b) => a < b),
  GreaterThanExpression: compare((a, b) => a > b),
  GreaterThanOrEqualExpression: compare((a, b) => a >= b),
  MultiplyExpression: (a, b) => a * b,
  SubtractExpression: (a, b) => a - b,
  StartsWithExpression: (a, b) => string(a).toLowerCase().startsWith(b.toLowerCase()),
  EndsWithExpression: (a, b) => string(a).toLowerCase().endsWith(b.toLowerCase()),
};

function evaluate(node, row, now) {
  const value = (of) => evaluate(of, row, now);
  const all = children(node);
  switch (kind(node)) {
    case "NameReference":
      return row[text(node)];
    case "StringLiteralExpression":
      return JSON.parse(text(node));
    case "LongLiteralExpression":
      return Number(text(node));
    case "BooleanLiteralExpression":
      return text(node) === "true";
    case "TimespanLiteralExpression":
      return Number.parseInt(text(node)) * times[text(node).at(-1)];
    case "PathExpression":
      return value(all[0])?.[text(all[2])];
    case "ElementExpression":
      return value(all[0])?.[value(all[1].GetChild(1))];
    case "ParenthesizedExpression":
      return value(all[1]);
    case "InExpression":
      return items(part(all[2], "List")).map(value).includes(value(all[0]));
    case "FunctionCallExpression": {
      const name = text(all[0]);
      if (name === "ago") return now - value(args(node)[0]);
      if (functions[name]) return functions[name](...args(node).map(value));
      throw unsupported(node);
    }
    default:
      if (operators[kind(node)]) return operators[kind(node)](value(all[0]), value(all[2]));
      throw unsupported(node);
  }
}

// named returns the names and expressions of a list.
function named(list) {
  return items(list).map((item) => {
    if (kind(item) === "SimpleNamedExpression") return { name: text(item.GetChild(0)), expression: item.GetChild(2) };
    return { name: text(item), expression: item };
  });
}

function aggregate(call, rows, now) {
  const [first, second] = args(call);
  const value = (node) => (row) => evaluate(node, row, now);
  switch (text(call.GetChild(0))) {
    case "count":
      return rows.length;
    case "countif":
      return rows.filter(value(first)).length;
    case "sum":
      return rows.reduce((sum, row) => sum + value(first)(row), 0);
    case "sumif":
      return rows.filter(value(second)).reduce((sum, row) => sum + value(first)(row), 0);
    case "take_anyif":
      return rows.filter(value(second)).map(value(first))[0] ?? "";
    default:
      throw unsupported(call);
  }
}

function summarize(operator, rows, now) {
  const by = part(operator, "SummarizeByClause");
  const keys = by ? named(part(by, "List")) : [];
  const keysOf = (row) => Object.fromEntries(keys.map((key) => [key.name, evaluate(key.expression, row, now)]));
  const groups = new Map(keys.length === 0 ? [["{}", []]] : []);
  for (const row of rows) {
    const key = JSON.stringify(keysOf(row));
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  const lists = children(operator).filter((child) => kind(child) === "List");
  return [...groups].map(([key, group]) => ({
    ...JSON.parse(key),
    ...Object.fromEntries(named(lists.at(-1)).map((column) => [column.name, aggregate(column.expression, group, now)])),
  }));
}

function apply(operator, rows, now) {
  const list = children(operator).filter((child) => kind(child) === "List").at(-1);
  const computed = (row) => Object.fromEntries(named(list).map((column) => [column.name, evaluate(column.expression, row, now)]));
  switch (kind(operator)) {
    case "FilterOperator":
      return rows.filter((row) => evaluate(operator.GetChild(2), row, now));
    case "ExtendOperator":
      return rows.map((row) => ({ ...row, ...computed(row) }));
    case "ProjectOperator":
      return rows.map(computed);
    case "MvExpandOperator": {
      const [{ name, expression }] = items(list).map((item) => ({ name: text(item.GetChild(0).GetChild(0)), expression: item.GetChild(0).GetChild(2) }));
      return rows.flatMap((row) => evaluate(expression, row, now).map((value) => ({ ...row, [name]: value })));
    }
    case "SummarizeOperator":
      return summarize(operator, rows, now);
    default:
      throw unsupported(operator);
  }
}

function rowsOf(node, tables, now) {
  if (kind(node) !== "PipeExpression") return tables[text(node)] ?? [];
  return apply(node.GetChild(2), rowsOf(node.GetChild(0), tables, now), now);
}

const input = JSON.parse(readFileSync(0, "utf8"));
const symbols = Object.entries(input.schemas).map(([name, schema]) => new Symbols.TableSymbol.$ctor7(name, schema, null));
const globals = GlobalState.Default.WithDatabase(new Symbols.DatabaseSymbol.ctor("logs", symbols));
const results = input.runs.map(({ query, now, tables }) => {
  const code = KustoCode.ParseAndAnalyze(query, globals);
  const diagnostics = code.GetDiagnostics();
  const errors = Array.from({ length: diagnostics.Count }, (_, i) => diagnostics.getItem(i).Message);
  if (errors.length > 0 || !tables) return { errors, rows: [] };
  const statement = items(children(code.Syntax).filter((child) => kind(child) === "List").at(-1))[0];
  return { errors, rows: rowsOf(statement.GetChild(0), tables, Date.parse(now)) };
});
console.log(JSON.stringify(results));
