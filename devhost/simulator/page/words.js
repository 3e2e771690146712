// What messages are called.

export const kinds = {
  text: "Text", image: "Image", video: "Video", audio: "Audio", document: "Document", sticker: "Sticker",
  button: "Template button", "button-reply": "Button reply", "list-reply": "List reply", reaction: "Reaction",
};
export const media = ["image", "video", "audio", "document", "sticker"];

// words are what a message says, on one line.
export function words(entry) {
  if (!entry) return "a message that is not shown here";
  if (entry.kind === "reaction") return entry.reaction?.emoji ? `reacted ${entry.reaction.emoji}` : "took a reaction away";
  return entry.text || entry.button?.text || entry.choice?.title || entry.media?.fileName || kinds[entry.kind] || entry.kind || "message";
}
