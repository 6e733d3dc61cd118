// The jobs screen: its parts look for news by themselves; decisions by keyboard, and where the focus goes after one.

import "./inbox.js";
import { $, listen } from "./keys.js";

const EVERY_MS = 5000;
let decisions = 0;

class PollRegion extends HTMLElement {
  connectedCallback() {
    this.timer = setInterval(() => this.look(), EVERY_MS);
    this.seen = () => this.look();
    document.addEventListener("visibilitychange", this.seen);
  }

  disconnectedCallback() {
    clearInterval(this.timer);
    document.removeEventListener("visibilitychange", this.seen);
  }

  /** While somebody decides, nothing moves under their hands; a page that nobody sees asks for nothing. */
  get rests() {
    return document.hidden || Boolean(this.querySelector("details.menu[open]"));
  }

  async look() {
    if (this.rests) return;
    const before = decisions;
    const answer = await fetch(this.getAttribute("src"), { credentials: "same-origin" }).catch(() => null);
    $("#stale").hidden = Boolean(answer?.ok);
    if (!answer?.ok) return;
    const html = await answer.text();
    // An answer that was asked for before a decision shows what is no longer so.
    if (before !== decisions || this.rests || !this.isConnected) return;
    await window.htmx.swap({ text: html, target: this, sourceElement: this, swap: "innerMorph" });
  }
}

customElements.define("poll-region", PollRegion);

const jobs = () => [...document.querySelectorAll(".job")];
const current = () => document.activeElement.closest(".job");

function move(step) {
  const all = jobs();
  const at = all.indexOf(current());
  all[at < 0 ? 0 : Math.min(all.length - 1, Math.max(0, at + step))]?.focus();
}

function open(what) {
  const menu = current()?.querySelector(`[data-do="${what}"]`);
  if (!menu) return false;
  menu.open = true;
  menu.querySelector("input").focus();
}

listen({ j: () => move(1), k: () => move(-1), r: () => open("retry"), x: () => open("drop") });

// A menu that was opened is there to write a reason in.
document.addEventListener("toggle", (event) => {
  if (event.target.matches?.("details.menu[open]")) event.target.querySelector("input[name=reason]")?.focus();
}, true);

let place = -1;
document.addEventListener("submit", (event) => (place = jobs().indexOf(event.target.closest(".job"))), true);

document.addEventListener("htmx:after:swap", (event) => {
  if (event.detail.ctx.request?.method !== "POST") return;
  decisions += 1;
  if ($("#outcome .problem")) return; // refused: what was typed stays
  for (const menu of document.querySelectorAll("#jobs details.menu[open]")) {
    menu.open = false;
    menu.querySelector("form").reset();
  }
  const all = jobs();
  (place < 0 || !all.length ? $("#outcome") : all[Math.min(place, all.length - 1)]).focus();
});

function failed(words) {
  $("#outcome").replaceChildren(Object.assign(document.createElement("p"), { className: "problem", textContent: words }));
}

document.addEventListener("htmx:before:response", (event) => {
  const { status } = event.detail.ctx.response;
  if (status < 400) return;
  event.preventDefault(); // a problem document is no page: what is on the screen stays
  const words = $("#outcome").dataset;
  failed(status === 401 ? words.signedOut : words.failed);
});
document.addEventListener("htmx:error", () => failed($("#outcome").dataset.failed));
