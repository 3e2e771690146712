// The details of a delivery, below its line in the trace: the actions and the
// timeline.

import { h, notice, acting, copying } from "./dom.js";
import { get, post } from "./api.js";
import { last } from "./attempts.js";
import { timeline } from "./timeline.js";

export class Details {
  constructor() {
    this.content = h("div", null, h("p", { class: "none" }, "Loading…"));
    this.wrong = (error) => notice(this.element, error.message, "bad");
    this.again = acting({ class: "small", hidden: true }, "Send again", async () => {
      await post(`deliveries/${this.shown.id}/again`);
      notice(this.element, this.shown.queue ? "The message is in the queue again." : this.shown.subscription ? "The same events were published again." : "The function was called again.");
    }, this.wrong);
    this.curl = copying("Copy as curl", () => this.shown.curl);
    this.save = acting({ class: "quiet" }, "Save as test case", async () => {
      const { file } = await post(`deliveries/${this.shown.id}/case`);
      notice(this.element, `${file} contains the test case, with identities masked. Check its texts for personal data before you commit it.`);
    }, this.wrong);
    this.curl.hidden = this.save.hidden = true;
    this.element = h("div", { class: "delivery-body" }, h("div", { class: "row actions" }, this.again, this.curl, this.save), this.content);
  }

  // load reads the details of the last attempt of a group, again after each change.
  // Messages, the focus on an action and the parts that are open stay.
  async load(group, about) {
    const delivery = last(group);
    if (this.delivery === delivery) return;
    this.delivery = delivery;
    try {
      const d = await get(`deliveries/${delivery.id}`);
      if (this.delivery !== delivery) return; // it has changed again
      this.shown = d;
      this.again.hidden = !d.body && !d.curl;
      this.curl.hidden = !d.curl;
      this.save.hidden = !about?.cases || !d.transcripts?.length;
      const open = new Set([...this.content.querySelectorAll("details.part[open]")].map((part) => part.dataset.part));
      this.content.replaceChildren(timeline(d, group, about, open));
    } catch (error) {
      this.content.replaceChildren(h("p", { class: "notice", "data-tone": "bad", role: "alert" }, error.message));
    }
  }
}
