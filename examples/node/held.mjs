import { persist, sleep, visibility } from "./storage.mjs";

// hold keeps a received message invisible to other consumers until delete,
// showAfter or release is called. It renews the visibility three times in each
// period. signal is aborted if another consumer has received the message.
export function hold(messages, item, report) {
  const renewal = new AbortController();
  const lost = new AbortController();
  let receipt = item.popReceipt;

  // Without a text, an update keeps the message's.
  async function update(seconds) {
    ({ popReceipt: receipt } = await messages.updateMessage(item.messageId, receipt, undefined, seconds));
  }

  async function renew() {
    while (!lost.signal.aborted && (await sleep(visibility / 3, renewal.signal))) {
      try {
        await update(visibility);
      } catch (error) {
        if (isLost(error)) lost.abort();
        else console.error(`storage, renewing again: ${error.code ?? ""} ${error.message}`);
      }
    }
  }
  const renewed = renew();

  async function release() {
    renewal.abort();
    await renewed;
  }

  // finish does the last operation on the message. If another consumer has
  // received it, there is nothing left to do.
  async function finish(operation) {
    await release();
    await persist(async () => {
      try {
        if (!lost.signal.aborted) return await operation();
      } catch (error) {
        if (!isLost(error)) throw error;
      }
      report("another consumer has it");
    });
  }

  return {
    signal: lost.signal,
    release,
    delete: () => finish(() => messages.deleteMessage(item.messageId, receipt)),
    showAfter: (seconds) => finish(() => update(seconds)),
  };
}

// isLost reports whether a receipt is no longer valid, or the message is
// deleted.
function isLost(error) {
  return error.code === "MessageNotFound" || error.code === "PopReceiptMismatch";
}
