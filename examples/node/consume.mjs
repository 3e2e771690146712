import { parse } from "./event.mjs";
import { hold } from "./held.mjs";
import { createMarks } from "./marks.mjs";
import { persist, queue, sleep, stop, visibility } from "./storage.mjs";

// How often a message is handled before it goes to the poison queue.
const mostAttempts = 5;

// consume handles the messages of a queue until it is stopped, one at a time.
// Run several processes for more throughput. In a batch, a message that kills
// the process would use up the attempts of the others.
//
// What is guaranteed, with any number of processes:
//
// - Each message is handled at least once, or is in the poison queue after five
//   attempts. Only errors of handle, and crashes, count as attempts. A message
//   that cannot be read goes to the poison queue at once.
// - A message that was handled is not handled again, also if Event Grid delivers
//   it again. There are two exceptions: the process stops after handle has begun
//   and before the mark is written, or it stalls for longer than the visibility
//   timeout, so that another consumer takes over.
// - So if handle stores its result under key(event), in one step, the result
//   exists once.
//
// The order of the steps makes this true: claim, handle, mark as done, delete.
// After a crash between two of them the queue shows the message again, and the
// mark tells what is left to do.
export async function consume(queueName, handle, ...types) {
  const messages = queue(queueName);
  const poison = queue(`${queueName}-poison`);
  await messages.createIfNotExists();
  await poison.createIfNotExists();
  const marks = await createMarks();
  while (!stop.signal.aborted) {
    const received = await persist(() => messages.receiveMessages({ numberOfMessages: 1, visibilityTimeout: visibility }));
    const [item] = received.receivedMessageItems;
    if (item) await take(item, { messages, poison, marks, types, handle });
    else await sleep(1, stop.signal);
  }
}

// take handles one message. It throws only storage errors, during the shutdown.
async function take(item, { messages, poison, marks, types, handle }) {
  const report = (text) => console.error(`${item.messageId}: ${text}`);
  const held = hold(messages, item, report);
  try {
    let event;
    try {
      event = parse(item.messageText, types);
    } catch (error) {
      report(`cannot be read, goes to the poison queue: ${error.message}`);
      await setAside(poison, item);
      return await held.delete();
    }
    let state;
    try {
      state = await marks.claim(event, item.messageId);
    } catch (error) {
      await held.showAfter(0); // not started, so others can have it now
      throw error;
    }
    if (state === "done") return await held.delete();
    if (state === "claimed") {
      report("a copy of this message is being handled: looking again later");
      return await held.showAfter(visibility);
    }
    // Checked before the work, which may kill the process.
    if (item.dequeueCount > mostAttempts) {
      report(`attempted ${mostAttempts} times, goes to the poison queue`);
      await setAside(poison, item);
      await marks.giveUp(event); // so that it is handled if it is moved back
      return await held.delete();
    }
    try {
      await handle(event, held.signal);
    } catch (error) {
      report(`attempt ${item.dequeueCount} failed: ${error?.stack ?? error}`);
      return await held.showAfter(Math.ceil((item.dequeueCount * visibility) / 6));
    }
    await marks.done(event);
    await held.delete();
  } finally {
    await held.release();
  }
}

// setAside puts a copy of a message into the poison queue, where it never
// expires.
async function setAside(poison, item) {
  await persist(() => poison.sendMessage(item.messageText, { messageTimeToLive: -1 }));
}
