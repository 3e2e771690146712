// Generates TypeScript and C# from each schema file that it is called with and
// prints a JSON object: file -> {typescript, csharp}.
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { compile } from "json-schema-to-typescript";
import { InputData, JSONSchemaInput, FetchingJSONSchemaStore, quicktype } from "quicktype-core";

async function csharp(text) {
  const input = new JSONSchemaInput(new FetchingJSONSchemaStore());
  await input.addSource({ name: JSON.parse(text).title, schema: text });
  const inputData = new InputData();
  inputData.addInput(input);
  const { lines } = await quicktype({ inputData, lang: "csharp", rendererOptions: { framework: "SystemTextJson" } });
  return lines.join("\n");
}

const all = {};
for (const file of process.argv.slice(2)) {
  const text = readFileSync(file, "utf8");
  const schema = JSON.parse(text);
  all[basename(file)] = { typescript: await compile(schema, schema.title, { bannerComment: "" }), csharp: await csharp(text) };
}
console.log(JSON.stringify(all));
