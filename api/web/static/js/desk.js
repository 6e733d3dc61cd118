// The desk's keyboard, the draft's buttons and what happens around a swap.

import "./count-down.js";
import "./lights.js";
import "./live-region.js";
import "./inbox.js";
import { $, listen } from "./keys.js";
import { forget, keep, restore, write } from "./reply-draft.js";

let sent = null;

function take() {
  const draft = $("#draft");
  if (draft && $('[data-act="accept"]')) write(draft.dataset.text, draft.dataset.id);
  copilot(false);
}

function copilot(open) {
  document.body.classList.toggle("copilot-open", open);
  document.querySelectorAll("[data-copilot]").forEach((button) => button.setAttribute("aria-expanded", open));
  if (open) $("#copilot [data-copilot]").focus();
}

function openMenu(id, field) {
  const menu = $(id);
  if (!menu) return;
  if (menu.closest(".copilot-pane")) copilot(true);
  menu.open = true;
  $(field).focus();
}

function summary() {
  const button = $("#confirm-summary");
  if (!button) return openMenu("#resolve-menu", "#action");
  copilot(true);
  button.scrollIntoView({ block: "nearest" });
  button.focus();
}

function record() {
  const box = $("#record-text");
  if (!box) return;
  copilot(true);
  box.focus();
}

const undo = () => openMenu('#joined [id^="part-"]', '#joined [id^="part-"] textarea'); // the latest stands first

function back() {
  if (document.body.classList.contains("copilot-open")) return copilot(false);
  $(".queue .line.current")?.focus();
}

listen({
  a: take,
  e: take,
  n: () => $("#reply")?.focus(),
  r: () => openMenu("#reject-menu", "#reason"),
  s: summary,
  t: () => openMenu("#steps-menu", "#steps-menu .pop button, #steps-menu .pop summary"),
  i: record,
  m: () => openMenu("#merge-menu", "#merge-menu a, #merge-menu input:not([type=hidden]), #merge-menu textarea"),
  u: undo,
  Escape: back,
});

document.addEventListener("click", (event) => {
  const at = event.target;
  if (at.closest("[data-act]")) take();
  else if (at.closest("[data-ask]")) write(at.closest("[data-ask]").dataset.ask);
  else if (at.closest("[data-copilot]")) copilot(!document.body.classList.contains("copilot-open"));
  else if (at.closest('.copilot-pane a[href^="#turn-"]')) copilot(false);
});

document.addEventListener("submit", (event) => event.target.matches('[hx-target="#work"]') && (sent = event.target), true);
document.addEventListener("input", (event) => event.target.id === "reply" && keep());
document.addEventListener("keydown", (event) => {
  if (!event.target.matches("textarea, input")) return;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) event.target.form?.requestSubmit();
  if (event.key === "Escape") event.target.blur();
});

function toast(words, href) {
  const box = $("#toast");
  box.replaceChildren(href ? Object.assign(document.createElement("a"), { href, textContent: words }) : words);
  box.hidden = false;
  setTimeout(() => (box.hidden = true), 8000);
}

document.addEventListener("htmx:before:response", (event) => {
  const { status } = event.detail.ctx.response;
  if (status < 400) return;
  event.preventDefault(); // a problem document is no page: what is on the screen stays
  const words = $("#toast").dataset;
  if (status === 401) toast(words.signedOut, `/sign-in?next=${encodeURIComponent(location.pathname)}`);
  else toast(words.failed);
});
document.addEventListener("htmx:error", () => toast($("#toast").dataset.failed));

function showNewest() {
  const thread = $("#thread");
  if (thread) thread.scrollTop = thread.scrollHeight;
}

document.addEventListener("htmx:after:swap", () => {
  if (!$("#reply")) return;
  // Many things swap parts of this page, and the swap that brings a whole ticket may be told of late or not at all, its
  // form being gone. So whether it has come is seen by the form: it is no longer in the page.
  if (sent && !sent.isConnected) {
    if (sent.id === "reply-form" && !$("#work .problem")) forget();
    sent = null;
    showNewest();
  }
  restore();
});
restore();
showNewest();
$(".queue .line.current")?.scrollIntoView({ block: "nearest" });
