import { currentStatus } from "./ask.mjs";
import { persist } from "./storage.mjs";

// handleMessage is the work for a message of inbound-messages. Replace it. If it
// throws, it is called again later, five times at most; signal is aborted if
// another consumer has taken over. It must not depend on the row in Messages,
// which may be written later.
export async function handleMessage({ id, data }, signal) {
  const content = data.text ?? data.media?.id ?? data.reaction?.emoji ?? "";
  console.log(`${data.messageId ?? id} ${data.kind} from ${data.conversations.join(" ")}: ${content}`);
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
