import { currentStatus } from "./ask.mjs";
import { persist } from "./storage.mjs";

// handleMessage is the work for a message of inbound-messages. Replace it. If it
// throws, it is called again later, five times at most; signal is aborted if
// another consumer has taken over. It must not depend on the row in Messages,
// which may be written later.
export async function handleMessage({ id, data }, signal) {
  const content = data.text ?? data.media?.blob ?? data.media?.id ?? data.reaction?.emoji ?? "";
  console.log(`${data.messageId ?? id} ${data.kind} from ${data.conversations.join(" ")}: ${content}`);
}

// The types of the messages of media-results.
export const fileStored = "conversation.media.stored.v1";
export const fileFailed = "conversation.media.failed.v1";

// handleFile is the work for a message of media-results. Replace it. The source and
// subject are those of the message with the file, which may be handled before or
// after: keep the result where the message is or will be.
export async function handleFile({ type, subject, data }) {
  if (type === fileFailed) console.log(`${subject} has no file, ${data.reason}: ${data.detail}`);
  else console.log(`${subject} has the file ${data.container}/${data.blob}: ${data.mimeType}, ${data.size} bytes`);
}

// handleFailure is the work for a message of failed-messages. Replace what it
// prints. It reads the current status first: a message that is reported as
// failed may have been delivered since.
export async function handleFailure({ data }) {
  const current = await persist(() => currentStatus(data.messageId));
  let decision = "do not send it again";
  if (current && current.Rank >= 20) decision = `${current.Status} since, nothing to do`;
  else if (data.failure.retry === "backoff") decision = "send it again later";
  else if (data.failure.retry === "check-first") decision = "it may have been sent, ask before you send it again";
  console.log(`${data.messageId} failed, ${data.failure.class} ${data.error?.code ?? "without a code"}: ${decision}`);
}
