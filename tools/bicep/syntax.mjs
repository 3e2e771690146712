// Says of each file where its syntax is wrong, a line each, and exits with 1 if
// there is any.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Language, Parser } from "web-tree-sitter";

await Parser.init();
const parser = new Parser();
parser.setLanguage(await Language.load(fileURLToPath(import.meta.resolve("tree-sitter-bicep/tree-sitter-bicep.wasm"))));

function* wrong(node) {
  if (node.isError || node.isMissing) yield node;
  else for (const child of node.children) yield* wrong(child);
}

for (const file of process.argv.slice(2)) {
  for (const node of wrong(parser.parse(readFileSync(file, "utf8")).rootNode)) {
    const { row, column } = node.startPosition;
    const what = node.isMissing ? `${node.type} is missing` : `not understood: ${node.text.split("\n")[0].slice(0, 60)}`;
    console.log(`${file}:${row + 1}:${column + 1}: ${what}`);
    process.exitCode = 1;
  }
}
