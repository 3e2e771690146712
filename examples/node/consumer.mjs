// Reads what the functions write: three queues, and the tables Messages and
// MessageStatus.
//
//   node consumer.mjs consume                     handle messages until stopped
//   node consumer.mjs failures                    decide about failed messages until stopped
//   node consumer.mjs files                       learn which files are stored until stopped
//   node consumer.mjs window <conversation>...    may free text be sent?
//   node consumer.mjs status <messageId>          the current status of a sent message
//
// A conversation is <channel id>|<phone number or BSUID>, or an entry of a
// message's conversations.
//
// Replace the functions in work.mjs by your own.

import { status, window } from "./ask.mjs";
import { consume } from "./consume.mjs";
import { open, stop } from "./storage.mjs";
import { fileFailed, fileStored, handleFailure, handleFile, handleMessage } from "./work.mjs";

const usage = `usage: node consumer.mjs consume | failures | files | window <conversation>... | status <messageId>

CONVERSATION_STORAGE   name of the storage account, or a connection string
CONSUMER_VISIBILITY    seconds until a message of a consumer that crashed is
                       visible to others again; default 60`;

function fail(message, exitCode) {
  console.error(message);
  process.exit(exitCode);
}

// At SIGTERM and Ctrl-C consume finishes the message at hand. A second signal
// ends the process at once.
process.once("SIGTERM", () => stop.abort());
process.once("SIGINT", () => stop.abort());

const [command, ...args] = process.argv.slice(2);
const commands = {
  consume: { accepts: args.length === 0, run: () => consume("inbound-messages", handleMessage, "conversation.message.received.v1") },
  failures: { accepts: args.length === 0, run: () => consume("failed-messages", handleFailure, "conversation.message.status.v1") },
  files: { accepts: args.length === 0, run: () => consume("media-results", handleFile, fileStored, fileFailed) },
  window: { accepts: args.length > 0 && args.every((conversation) => conversation.includes("|")), run: () => window(args) },
  status: { accepts: args.length === 1, run: () => status(args[0]) },
};
const visibility = process.env.CONSUMER_VISIBILITY ?? "60";
if (!Object.hasOwn(commands, command ?? "") || !commands[command].accepts) fail(usage, 2);
if (!/^[1-9][0-9]*$/.test(visibility)) fail(`CONSUMER_VISIBILITY is ${visibility}, want a number of seconds\n\n${usage}`, 2);
if (!process.env.CONVERSATION_STORAGE) fail(usage, 2);
try {
  open(process.env.CONVERSATION_STORAGE, Number(visibility));
  await commands[command].run();
} catch (error) {
  fail(error, 1);
}
