import { conversationKey, messageKey } from "./keys.mjs";
import { allowing, table } from "./storage.mjs";

// window prints whether free text may be sent: until the latest ReplyBy of a
// person's conversations, one with the phone number and one with the
// business-scoped id. The first row of a conversation is its newest message.
export async function window(conversations) {
  let until = "";
  for (const conversation of conversations) {
    const row = await first("Messages", conversationKey(conversation));
    if ((row?.ReplyBy ?? "") > until) until = row.ReplyBy; // the times sort as strings
  }
  if (until === "") console.log("a template only: no message has been received");
  else if (until > new Date().toISOString()) console.log(`free text until ${until}`);
  else console.log(`a template only, since ${until}`);
}

// currentStatus returns the first row of a message, which is its current
// status, whatever the order of arrival.
export function currentStatus(messageId) {
  return first("MessageStatus", messageKey(messageId));
}

// status prints the current status of a message by the id that sending it
// returned.
export async function status(messageId) {
  const row = await currentStatus(messageId);
  if (!row) console.log("no status yet"); // not a failure: it may arrive later
  else if (row.FailureClass) console.log(`${row.Status}: ${row.FailureClass}, retry: ${row.Retry}`);
  else console.log(row.Status);
}

// first reads the first row of a partition. Where the table does not exist yet
// there is none.
async function first(tableName, partition) {
  const filter = `PartitionKey eq '${partition.replaceAll("'", "''")}'`;
  const pages = table(tableName).listEntities({ queryOptions: { filter } }).byPage({ maxPageSize: 1 });
  try {
    for await (const page of pages) if (page.length > 0) return page[0];
  } catch (error) {
    allowing(404)(error);
  }
  return undefined;
}
