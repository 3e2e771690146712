// Reads lines of {"schema": file name, "document": any JSON} from standard
// input and prints a line for each: "accepted", "refused", or "refused by
// CloudEvents" for a queue message that only the CloudEvents SDK refuses.
// The schemas are in the folder of the first argument. ajv runs in strict mode:
// a keyword that it does not know, or a type that is not stated, is an error.
import { readdirSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import Ajv from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { CloudEvent } from "cloudevents";

const folder = process.argv[2];
const ajv = new Ajv({ strict: true, strictTypes: true, strictTuples: true, strictRequired: true, allErrors: false });
addFormats(ajv);
const validators = {};
for (const name of readdirSync(folder).filter((name) => name.endsWith(".json"))) {
  validators[name] = ajv.compile(JSON.parse(readFileSync(`${folder}/${name}`, "utf8")));
}

function readByCloudEvents(document) {
  try {
    new CloudEvent(document, true);
    return true;
  } catch {
    return false;
  }
}

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  const { schema, document } = JSON.parse(line);
  if (!validators[schema](document)) console.log("refused");
  else if (document.specversion && !readByCloudEvents(document)) console.log("refused by CloudEvents");
  else console.log("accepted");
}
