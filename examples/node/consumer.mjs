// A consumer of what the functions write. To a queue, messages come at least
// once and in any order; that makes most of what is below.
//
//   node consumer.mjs consume                     take all waiting messages
//   node consumer.mjs window <conversation>...    may free text be sent?
//   node consumer.mjs status <messageId>          what became of what was sent?

import { createHash } from "node:crypto";

import { DefaultAzureCredential } from "@azure/identity";
import { TableClient } from "@azure/data-tables";
import { QueueClient } from "@azure/storage-queue";

// In Azure, CONVERSATION_STORAGE is the account's name, and whoever runs this
// needs roles on it; for Azurite it is a connection string.
const storage = process.env.CONVERSATION_STORAGE ?? "";
const local = storage.includes("=");

function queue(name) {
  return local
    ? new QueueClient(storage, name)
    : new QueueClient(`https://${storage}.queue.core.windows.net/${name}`, new DefaultAzureCredential());
}

function table(name) {
  return local
    ? TableClient.fromConnectionString(storage, name, { allowInsecureConnection: true })
    : new TableClient(`https://${storage}.table.core.windows.net`, name, new DefaultAzureCredential());
}

// A message that fails this often is set aside for somebody to look at.
const mostAttempts = 5;

async function consume() {
  const messages = queue("inbound-messages");
  const poison = queue("inbound-messages-poison");
  const done = table("Consumed");
  await poison.createIfNotExists();
  await done.createTable();
  for (;;) {
    // Whoever has not deleted a message in a minute loses it to another.
    const { receivedMessageItems } = await messages.receiveMessages({ numberOfMessages: 32, visibilityTimeout: 60 });
    if (receivedMessageItems.length === 0) return;
    for (const item of receivedMessageItems) {
      try {
        // The Functions host writes base64.
        const event = JSON.parse(Buffer.from(item.messageText, "base64").toString("utf8"));
        if (await isNew(done, event)) {
          handle(event);
          await remember(done, event);
        }
      } catch (error) {
        if (item.dequeueCount < mostAttempts) continue; // it comes again
        await poison.sendMessage(item.messageText);
      }
      await messages.deleteMessage(item.messageId, item.popReceipt);
    }
  }
}

// A message is told by its source and its id together. Where the work is done
// in a database, keep this mark there, in the transaction that does the work.
function mark(event) {
  const hash = createHash("sha256").update(`${event.source}\n${event.id}`).digest("hex");
  return { partitionKey: hash.slice(0, 2), rowKey: hash };
}

async function isNew(done, event) {
  const { partitionKey, rowKey } = mark(event);
  try {
    await done.getEntity(partitionKey, rowKey);
    return false;
  } catch (error) {
    if (error.statusCode === 404) return true;
    throw error;
  }
}

async function remember(done, event) {
  await done.upsertEntity(mark(event), "Replace");
}

// The work. All of it is in the message: the row in Messages may not be there
// yet.
function handle({ data }) {
  const what = data.text ?? data.media?.id ?? data.reaction?.emoji ?? "";
  console.log(`${data.messageId} ${data.kind} from ${data.conversations.join(" ")}: ${what}`);
}

// Free text may be sent until the latest ReplyBy of all the conversations that
// a person has: one for a phone number, one for a business-scoped id. The
// newest row of a conversation comes first.
async function window(conversations) {
  const rows = table("Messages");
  let until = "";
  for (const conversation of conversations) {
    const filter = `PartitionKey eq '${conversation.replaceAll("'", "''")}'`;
    for await (const row of rows.listEntities({ queryOptions: { filter } })) {
      if ((row.ReplyBy ?? "") > until) until = row.ReplyBy; // the times sort as texts
      break;
    }
  }
  const open = until > new Date().toISOString();
  console.log(open ? `free text until ${until}` : `a template only, since ${until || "ever"}`);
}

// The statuses of a message have its id, which sending it returned, as
// partition. The first row is the status that counts. None is no failure: it
// may not have come yet.
async function status(messageId) {
  const filter = `PartitionKey eq '${messageId.replaceAll("'", "''")}'`;
  for await (const row of table("MessageStatus").listEntities({ queryOptions: { filter } })) {
    console.log(row.FailureClass ? `${row.Status}: ${row.FailureClass}, retry: ${row.Retry}` : row.Status);
    return;
  }
  console.log("no status yet");
}

const [command, ...args] = process.argv.slice(2);
const commands = { consume, window: () => window(args), status: () => status(args[0].toLowerCase()) };
if (!storage || !commands[command]) {
  console.error("set CONVERSATION_STORAGE, and call: node consumer.mjs consume | window <conversation>... | status <messageId>");
  process.exit(2);
}
await commands[command]();
