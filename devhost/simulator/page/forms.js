// The forms of the kinds of messages: their fields, and the message that they
// describe.

import { h } from "./dom.js";
import { media } from "./words.js";
import { chooser } from "./chooser.js";

const empty = (name) => name || undefined;

// input creates a field with a label.
export function input(fields, name, label, attributes) {
  fields[name] = h("input", { type: "text", id: `compose-${name}`, autocomplete: "off", ...attributes });
  return h("div", { class: "field" }, h("label", { for: `compose-${name}` }, label), fields[name]);
}

// form returns the elements of the form of a kind, and the function that returns its
// message. write creates the field for text.
export function form(kind, write) {
  const fields = {};
  const field = (name, label, attributes) => input(fields, name, label, attributes);
  const value = (name) => empty(fields[name].value.trim());
  const submit = (label) => h("button", { type: "submit", class: "primary" }, label);
  const wide = (element) => h("div", { class: "wide" }, element);
  if (media.includes(kind)) return withFile(kind, write);
  switch (kind) {
    case "text": {
      const line = write("Message", "Message");
      return { elements: [line.element], message: () => ({ kind, text: line.text() }) };
    }
    case "button":
      return {
        elements: [h("div", { class: "fields" }, field("buttonText", "Button", { value: "Unsubscribe" }), field("payload", "Payload", { placeholder: "same as the text" })), submit("Press the button")],
        message: () => ({ kind, button: { text: value("buttonText") ?? "", payload: value("payload") } }),
      };
    case "button-reply":
      return {
        elements: [h("div", { class: "fields" }, field("choiceId", "Id", { value: "yes" }), field("choiceTitle", "Title", { value: "Yes" })), submit("Press the button")],
        message: () => ({ kind: "interactive", choice: { id: value("choiceId") ?? "", title: value("choiceTitle") ?? "" } }),
      };
    case "list-reply":
      return {
        elements: [h("div", { class: "fields" }, field("choiceId", "Id", { value: "size-m" }), field("choiceTitle", "Title", { value: "Medium" }), wide(field("choiceDescription", "Description", { value: "Fits most" }))), submit("Choose the list item")],
        message: () => ({ kind: "interactive", choice: { list: true, id: value("choiceId") ?? "", title: value("choiceTitle") ?? "", description: value("choiceDescription") } }),
      };
    case "location":
      return {
        elements: [h("div", { class: "fields" }, field("latitude", "Latitude", { value: "44.53461", inputmode: "decimal" }), field("longitude", "Longitude", { value: "-110.83772", inputmode: "decimal" }), wide(field("place", "Place", { value: "Example Park" }))), submit("Send the location")],
        message: () => ({ kind, location: { latitude: Number(value("latitude")), longitude: Number(value("longitude")), name: value("place") } }),
      };
    case "contacts":
      return {
        elements: [h("div", { class: "fields" }, field("contactName", "Name", { value: "Ada Example" }), field("contactPhone", "Phone number", { value: "14255550199" })), submit("Send the contact")],
        message: () => ({ kind, contacts: [{ name: value("contactName"), phone: value("contactPhone") }] }),
      };
  }
  return { elements: [], message: () => ({ kind }) };
}

// withFile is the form of a message with a file.
function withFile(kind, write) {
  const chosen = chooser(kind);
  const line = write("Caption", "Caption");
  const animated = kind === "sticker" ? h("input", { type: "checkbox" }) : null;
  return {
    elements: [chosen.element, animated ? h("label", { class: "inline" }, animated, "Animated") : null, line.element],
    message: async () => ({ kind, text: empty(line.text()), media: { ...await chosen.upload(), animated: animated?.checked || undefined } }),
    clear: chosen.clear,
  };
}
