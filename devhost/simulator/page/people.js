// The conversations: the messages of each person. A person has a phone number, a
// BSUID, or both.

export const identities = (person) => [person?.phone, person?.bsuid].filter(Boolean);

// conversations groups messages by person. The one with the newest message is first.
export function conversations(entries) {
  const byIdentity = new Map();
  for (const entry of entries) {
    const ids = identities(entry.person);
    if (ids.length === 0) ids.push("");
    const found = [...new Set(ids.map((id) => byIdentity.get(id)).filter(Boolean))];
    const [chat = { ids: new Set(), person: {}, entries: [] }, ...others] = found;
    for (const other of others) { // a message has shown that they are the same person
      for (const id of other.ids) chat.ids.add(id);
      chat.entries.push(...other.entries);
      chat.person = { ...other.person, ...chat.person };
    }
    for (const id of ids) chat.ids.add(id);
    for (const id of chat.ids) byIdentity.set(id, chat);
    chat.entries.push(entry);
    if (entry.person?.phone) chat.person.phone = entry.person.phone;
    if (entry.person?.bsuid) chat.person.bsuid = entry.person.bsuid;
  }
  const all = [...new Set(byIdentity.values())];
  for (const chat of all) chat.entries.sort((a, b) => a.id - b.id);
  return all.toSorted((a, b) => b.entries.at(-1).id - a.entries.at(-1).id);
}

// replyBy returns the end of the customer service window of a conversation; null if
// the app has reported none.
export function replyBy(chat) {
  const all = (chat?.entries ?? []).map((entry) => entry.event?.result?.replyBy).filter((time) => time && !time.startsWith("0001"));
  return all.toSorted((a, b) => new Date(a) - new Date(b)).at(-1) ?? null;
}
