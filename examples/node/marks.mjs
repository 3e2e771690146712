import { key } from "./event.mjs";
import { allowing, persist, table } from "./storage.mjs";

// After so many milliseconds a claim counts as given up, because its queue
// message is gone: somebody cleared the queue, for example.
const claimLife = 24 * 60 * 60 * 1000;

// The marks are rows of the table Consumed, one for each event. If your work is
// done in a database, keep the marks there, and write Done in the transaction
// that does the work: then no event is ever handled twice.
//
// A mark must outlive the redeliveries of its event: Event Grid retries for 24
// hours, an operator may redeliver later. Delete old ones by their Timestamp.
export async function createMarks() {
  const marks = table("Consumed");
  await marks.createTable();
  const keys = (event) => ({ partitionKey: key(event).slice(0, 2), rowKey: key(event) });

  return {
    // claim inserts the mark of an event. Of several copies of an event, one
    // queue message (owner is its id) gets the claim: it returns "mine". It has
    // it again after a crash or a failure. The others get "claimed" or "done".
    claim(event, owner) {
      const claim = { ...keys(event), Owner: owner, Done: false };
      return persist(async () => {
        try {
          await marks.createEntity(claim);
          return "mine";
        } catch (error) {
          if (error.statusCode !== 409) throw error;
        }
        const found = await marks.getEntity(claim.partitionKey, claim.rowKey);
        if (found.Done) return "done";
        if (found.Owner === owner) return "mine";
        if (Date.now() - Date.parse(found.timestamp) < claimLife) return "claimed";
        // If two take over at once, only one has the current ETag. The other
        // repeats this function.
        await marks.updateEntity(claim, "Replace", { etag: found.etag });
        return "mine";
      });
    },

    // done marks an event as handled.
    done: (event) => persist(() => marks.upsertEntity({ ...keys(event), Owner: "", Done: true }, "Replace")),

    // giveUp removes the claim on an event.
    giveUp: (event) =>
      persist(() => {
        const { partitionKey, rowKey } = keys(event);
        return marks.deleteEntity(partitionKey, rowKey).catch(allowing(404));
      }),
  };
}
