import { setTimeout } from "node:timers/promises";

import { TableClient } from "@azure/data-tables";
import { DefaultAzureCredential } from "@azure/identity";
import { QueueClient } from "@azure/storage-queue";

// stop is aborted at SIGTERM: the consumer finishes the message at hand.
export const stop = new AbortController();

// visibility is for how many seconds a received message is invisible to other
// consumers, unless it is renewed.
export let visibility;

let account;

// open takes an account name, which needs roles for the identity that runs the
// program, or a connection string, as Azurite has one.
export function open(nameOrConnectionString, seconds) {
  account = nameOrConnectionString;
  visibility = seconds;
}

export function queue(name) {
  return account.includes("=")
    ? new QueueClient(account, name)
    : new QueueClient(`https://${account}.queue.core.windows.net/${name}`, new DefaultAzureCredential());
}

export function table(name) {
  return account.includes("=")
    ? TableClient.fromConnectionString(account, name, { allowInsecureConnection: true })
    : new TableClient(`https://${account}.table.core.windows.net`, name, new DefaultAzureCredential());
}

// persist repeats a storage operation until it succeeds: a storage error is not
// the fault of a message, so it pauses the consumer and counts as no attempt.
// After stop, the next error is thrown.
export async function persist(operation) {
  for (;;) {
    try {
      return await operation();
    } catch (error) {
      if (stop.signal.aborted) throw error;
      console.error(`storage, trying again: ${error.code ?? ""} ${error.message}`);
      await sleep(2, stop.signal);
    }
  }
}

// sleep waits. It returns false if the signal is aborted before the time is over.
export async function sleep(seconds, signal) {
  try {
    await setTimeout(seconds * 1000, undefined, { signal });
    return true;
  } catch {
    return false;
  }
}

// allowing returns undefined for an answer of the service with that status,
// and throws other errors.
export function allowing(status) {
  return (error) => {
    if (error.statusCode !== status) throw error;
  };
}
