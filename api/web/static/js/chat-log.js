// The message list. Every text is set as text, never as HTML: customers, documents and models are untrusted.

import { confirmCard } from "./confirm-card.js";
import { formLink } from "./form-link.js";
import { buttons, survey, verdict } from "./quick-replies.js";

function element(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

export class ChatLog extends HTMLElement {
  seen = new Set();

  /** Show a message of the server once, in its place. */
  show(message, base) {
    if (this.seen.has(message.seq)) return false;
    this.seen.add(message.seq);
    const bubble = this.bubble(message.role, message);
    for (const file of message.attachments) {
      const image = element("img");
      image.src = `${base}/attachments/${file.id}`;
      image.alt = file.file_name;
      image.addEventListener("load", () => this.toEnd());
      bubble.append(image);
    }
    if (message.text) bubble.append(element("div", "body", message.text));
    this.extras(bubble, message, base);
    this.insert(bubble, message);
    return true;
  }

  /** What waits to be sent stays below what was said; its own words replace it when they come back. */
  insert(bubble, message) {
    if (message.role === "customer") {
      const waits = [...this.querySelectorAll(".pending")].find((b) => b.dataset.text === message.text);
      waits?.remove();
    }
    this.insertBefore(bubble, this.querySelector(".pending"));
    this.toEnd();
  }

  toEnd() {
    this.scrollTop = this.scrollHeight;
  }

  bubble(role, message) {
    const bubble = element("article", `bubble ${role}`);
    const name = { customer: this.dataset.me, bot: this.dataset.bot }[role] ?? message.author;
    const by = element("div", "by", name);
    if (message.ai) by.append(element("span", "badge ai", this.dataset.ai));
    bubble.append(by);
    return bubble;
  }

  extras(bubble, message, base) {
    const data = message.data;
    if (data.citations?.length) bubble.append(this.sources(data.citations));
    if (data.kind === "card") {
      this.retire();
      bubble.classList.add("wide");
      const redo = () => this.emit("redo");
      bubble.append(confirmCard(data.card, this.dataset, (detail) => this.emit("confirm", detail), redo));
    }
    if (data.kind === "filed") {
      this.retire();
      bubble.append(element("p", "receipt", `${this.dataset.ticket} T-${data.ticket_number}`));
    }
    if (["filed", "form"].includes(data.kind)) bubble.append(formLink(base, data.ticket_number, this.dataset.form));
    this.querySelectorAll(".quick:not(.verify, .survey)").forEach((row) => row.remove());
    if (["confirmed", "reopened", "expired"].includes(data.kind)) this.querySelectorAll(".verify").forEach((row) => row.remove());
    if (data.kind === "verify") bubble.append(verdict(data.ticket_number, this.dataset, (said) => this.emit("verify", said)));
    if (data.kind === "survey") bubble.append(survey(data.survey_id, this.dataset, (said) => this.emit("survey", said)));
    if (data.quick_replies) {
      bubble.append(buttons("quick", data.quick_replies.map((reply) => [reply, () => this.emit("quick-reply", reply)])));
    }
  }

  /** An older card must not be sent any more. */
  retire() {
    this.querySelectorAll(".card").forEach((card) => card.setAttribute("inert", ""));
  }

  sources(citations) {
    const details = element("details", "sources");
    details.append(element("summary", "", `${this.dataset.source} ${citations.length}`));
    const list = element("ol");
    for (const source of citations) list.append(element("li", "", `${source.title} (v${source.version})`));
    details.append(list);
    return details;
  }

  /** Show what was just typed until the server has it. */
  pending(item, preview) {
    const bubble = this.bubble("customer", { author: "" });
    bubble.classList.add("pending");
    bubble.dataset.item = item.id;
    bubble.dataset.text = item.text ?? "";
    bubble.append(element("div", "body", preview));
    this.append(bubble);
    this.toEnd();
  }

  settle(item) {
    this.querySelector(`[data-item="${item.id}"]`)?.remove();
  }

  emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

customElements.define("chat-log", ChatLog);
