import { createHash } from "node:crypto";

// parse reads the text of a queue message, a CloudEvent. The text is base64
// because the Functions host writes it so. Unknown fields are fine: a version
// may gain some.
export function parse(text, types) {
  const event = JSON.parse(Buffer.from(text, "base64").toString("utf8"));
  if (!types.includes(event?.type)) throw new Error(`the type is ${JSON.stringify(event?.type)}, want ${types.join(" or ")}`);
  for (const name of ["source", "id"]) {
    if (typeof event[name] !== "string" || event[name] === "") throw new Error(`no ${name}: it cannot be deduplicated`);
  }
  return event;
}

// key identifies an event: a redelivery has the same source and id. It is valid
// as a table key.
export function key(event) {
  return createHash("sha256").update(`${event.source}\n${event.id}`).digest("hex");
}
