// The keys of the tables, as the app builds them:
//
// - A GUID is in lower case. A phone number is its digits, without +.
// - A missing channel id or identity is "-". A part that is "-" becomes "~2d".
// - In each part / \ # ? | ~ and the control characters U+0000 to U+001F and
//   U+007F to U+009F become ~ and two lower-case hexadecimal digits.
// - A part that is then longer than 200 UTF-16 units becomes its first 160,
//   without splitting an escape or a surrogate pair, ~~, and the first 32
//   hexadecimal digits of the SHA-256 of the original part in UTF-8.
// - PartitionKey of Messages is <channel id>|<identity>; of MessageStatus it is
//   the message id.

import { createHash } from "node:crypto";

const guid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
// A phone number as people write it.
const number = /^\+?[0-9 ()][0-9 ()-]*$/;
// A part that is escaped already, as in a message's conversations.
const escapedPart =
  /^(?:[^/\\#?|~\x00-\x1f\x7f-\x9f]|~(?:2f|5c|23|3f|7c|7e|[01][0-9a-f]|7f|[89][0-9a-f]))*(?:~~[0-9a-f]{32})?$|^~2d$/;

// messageKey returns the partition key of a message's statuses.
export function messageKey(messageId) {
  return keyPart(lowerGuid(messageId.trim()));
}

// conversationKey returns the partition key of a conversation's messages:
// <channel id>|<phone number or BSUID>, or the key itself.
export function conversationKey(conversation) {
  const bar = conversation.indexOf("|");
  const channel = lowerGuid(conversation.slice(0, bar).trim());
  return `${conversationPart(channel)}|${conversationPart(phoneNumber(conversation.slice(bar + 1)))}`;
}

function conversationPart(text) {
  if (text === "" || text === "-") return "-";
  return text.length <= 200 && escapedPart.test(text) ? text : keyPart(text);
}

// keyPart escapes a part of a key.
function keyPart(text) {
  if (text === "-") return "~2d";
  let escaped = "";
  let kept = "";
  for (const character of text) {
    escaped += /[/\\#?|~\x00-\x1f\x7f-\x9f]/.test(character)
      ? `~${character.charCodeAt(0).toString(16).padStart(2, "0")}`
      : character;
    if (escaped.length <= 160) kept = escaped;
  }
  if (escaped.length <= 200) return escaped;
  return `${kept}~~${createHash("sha256").update(text).digest("hex").slice(0, 32)}`;
}

function lowerGuid(id) {
  return guid.test(id) ? id.toLowerCase() : id;
}

// phoneNumber returns the digits of a phone number, and any other identity
// unchanged. Fewer than seven digits with signs between them are not a number.
function phoneNumber(text) {
  const trimmed = text.trim();
  if (!number.test(trimmed)) return trimmed;
  const digits = trimmed.replace(/[^0-9]/g, "");
  const signs = trimmed.replace(/^\+/, "").length > digits.length;
  return digits === "" || (signs && digits.length < 7) ? trimmed : digits;
}
