// Prints what Bicep files declare as JSON, {file: {errors, declarations}}. It
// knows the grammar but no types: those need the Bicep compiler.
//
// A literal becomes its JSON value. Any other expression becomes
// {"expression": <its source>}, with "call" and "args" for a function call and
// "each" and "for" for a loop.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Language, Parser } from "web-tree-sitter";

await Parser.init();
const parser = new Parser();
parser.setLanguage(await Language.load(fileURLToPath(import.meta.resolve("tree-sitter-bicep/tree-sitter-bicep.wasm"))));

function* syntaxErrors(node) {
  if (!node.isError && !node.isMissing) {
    for (const child of node.children) yield* syntaxErrors(child);
    return;
  }
  const { row, column } = node.startPosition;
  const what = node.isMissing ? `${node.type} is missing` : `syntax error: ${node.text.split("\n")[0].slice(0, 60)}`;
  yield `${row + 1}:${column + 1}: ${what}`;
}

const named = (node) => node.namedChildren.filter((child) => child.type !== "comment");
const expression = (node) => ({ expression: node.text });
const escapes = { "\\n": "\n", "\\r": "\r", "\\t": "\t" };

function string(node) {
  const parts = named(node);
  if (parts.some((part) => part.type === "interpolation")) return expression(node);
  return parts.map((part) => (part.type === "escape_sequence" ? (escapes[part.text] ?? part.text.slice(1)) : part.text)).join("");
}

// In an array the grammar reads a['b'] as two items, a and ['b'].
function array(node) {
  const items = [];
  let last;
  for (const item of named(node)) {
    if (last?.endIndex === item.startIndex) {
      items.push({ expression: items.pop().expression + item.text });
    } else {
      items.push(value(item));
    }
    last = item;
  }
  return items;
}

function object(node) {
  const properties = {};
  for (const property of named(node)) {
    const [key, content] = named(property);
    if (content) properties[key.type === "string" ? string(key) : key.text] = value(content);
  }
  return properties;
}

function loop(node) {
  const body = node.childForFieldName("body");
  const source = node.text.slice(0, body.startIndex - node.startIndex);
  return { ...expression(node), for: source.replace(/^\[?\s*for\s+|\s*:\s*$/g, ""), each: value(body) };
}

function value(node) {
  switch (node.type) {
    case "string":
      return string(node);
    case "number":
      return Number(node.text);
    case "boolean":
      return node.text === "true";
    case "null":
      return null;
    case "array":
      return array(node);
    case "object":
      return object(node);
    case "for_statement":
      return loop(node);
    case "call_expression": {
      const call = node.childForFieldName("function").text;
      return { ...expression(node), call, args: named(node.childForFieldName("arguments")).map(value) };
    }
    default:
      return expression(node);
  }
}

function declaration(node, decorators, parent) {
  const [name, ...rest] = named(node);
  const d = { kind: node.type.replace("_declaration", ""), name: parent + name.text, decorators };
  if (d.kind === "resource" || d.kind === "module") d.type = string(rest.shift());
  else if (rest[0]?.type === "type") d.type = rest.shift().text;
  d.existing = node.children.some((child) => child.type === "existing");
  const content = rest.shift();
  if (content?.type === "if_statement") {
    const [condition, body] = named(content);
    d.condition = condition.text;
    d.value = value(body);
  } else if (content?.type === "for_statement") {
    const { for: source, each } = loop(content);
    d.for = source;
    d.value = each;
  } else if (content) {
    d.value = value(content);
  }
  return d;
}

function* declarations(node, parent = "") {
  let decorators = {};
  for (const child of named(node)) {
    if (child.type === "decorators") {
      for (const decorator of named(child)) {
        const { call, args } = value(named(decorator)[0]);
        decorators[call] = args;
      }
    } else if (child.type.endsWith("_declaration")) {
      const d = declaration(child, decorators, parent);
      yield d;
      decorators = {};
      if (d.kind === "resource") yield* declarations(child, d.name + "::");
    } else {
      yield* declarations(child, parent);
    }
  }
}

const files = {};
for (const file of process.argv.slice(2)) {
  const root = parser.parse(readFileSync(file, "utf8")).rootNode;
  const errors = [...syntaxErrors(root)];
  files[file] = { errors, declarations: errors.length ? [] : [...declarations(root)] };
}
console.log(JSON.stringify(files));
