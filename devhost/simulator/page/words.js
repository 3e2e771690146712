// Names of messages.

export const kinds = {
  text: "Text", image: "Image", video: "Video", audio: "Audio", document: "Document", sticker: "Sticker",
  button: "Template button", "button-reply": "Button reply", "list-reply": "List reply", reaction: "Reaction",
};
export const media = ["image", "video", "audio", "document", "sticker"];

// words returns the text of a message on one line.
export function words(entry) {
  if (!entry) return "a message that is not shown";
  if (entry.kind === "reaction") return entry.reaction?.emoji ? `reacted ${entry.reaction.emoji}` : "removed a reaction";
  return entry.text || entry.button?.text || entry.choice?.title || entry.media?.fileName || kinds[entry.kind] || entry.kind || "message";
}
