// The attempts to deliver the same events to the same function. They share a line
// of the trace.

export class Attempts {
  constructor(kept) {
    this.kept = kept;
    this.clear();
  }

  clear() {
    this.groups = new Map(); // by the events, the one with the newest attempt last
    this.byDelivery = new Map(); // the group of a delivery, by its id, the oldest first
  }

  get size() { return this.byDelivery.size; }

  // put adds deliveries or replaces those of the same id, and drops the oldest. It
  // returns the groups that changed.
  put(deliveries) {
    const changed = new Set();
    for (const d of deliveries) {
      const id = events(d);
      const group = this.groups.get(id) ?? { id, attempts: [] };
      const place = group.attempts.findIndex((attempt) => attempt.id === d.id);
      if (place >= 0) {
        group.attempts[place] = d;
      } else {
        group.attempts.push(d);
        this.groups.delete(id);
        this.groups.set(id, group);
        this.byDelivery.set(d.id, group);
      }
      changed.add(group);
    }
    for (const [id, group] of this.byDelivery) {
      if (this.size <= this.kept) break;
      this.byDelivery.delete(id);
      group.attempts = group.attempts.filter((attempt) => attempt.id !== id);
      if (group.attempts.length === 0) this.groups.delete(group.id);
      changed.add(group);
    }
    return [...changed].filter((group) => group.attempts.length > 0);
  }
}

// events identifies the events of a delivery and their function. Each HTTP request
// is a group of its own.
function events(d) {
  const isRequest = !d.subscription && d.events.some((event) => /^https?:/.test(event.type));
  return isRequest || d.events.length === 0 ? d.id : [d.function, d.count, ...d.events.map((event) => event.id)].join(" ");
}

export const last = (group) => group.attempts.at(-1);
