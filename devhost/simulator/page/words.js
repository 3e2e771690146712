// Names of messages.

export const kinds = {
  text: "Text", image: "Image", video: "Video", audio: "Audio", document: "Document", sticker: "Sticker",
  button: "Template button", "button-reply": "Button reply", "list-reply": "List reply", reaction: "Reaction",
};
// metaKinds are the kinds that the page sends only through Meta.
export const metaKinds = { location: "Location", contacts: "Contact" };

export const media = ["image", "video", "audio", "document", "sticker"];

// words returns the text of a message on one line.
export function words(entry) {
  if (!entry) return "a message that is not shown";
  if (entry.kind === "reaction") return entry.reaction?.emoji ? `reacted ${entry.reaction.emoji}` : "removed a reaction";
  return entry.text || entry.detail || entry.button?.text || entry.choice?.title || entry.media?.fileName || kinds[entry.kind] || entry.kind || "message";
}
