// A ticket list by keyboard: move, open, tick one, tick a range, search. Without this file every part is a plain form.

import "./inbox.js";
import { $, listen } from "./keys.js";

const links = () => [...document.querySelectorAll(".row-link")];
const boxes = () => [...document.querySelectorAll("input[name=number]")];
const form = $(".list-form");
let last = -1;

/** The row that has the focus, by its place; a tick box counts as its row. */
function current() {
  const row = document.activeElement.closest("tbody tr");
  return row ? [...row.parentElement.children].indexOf(row) : -1;
}

function move(step) {
  const all = links();
  const at = current();
  all[at < 0 ? 0 : Math.min(all.length - 1, Math.max(0, at + step))]?.focus();
}

function tick(at, on, range) {
  const all = boxes();
  const [from, to] = range && last >= 0 ? [Math.min(last, at), Math.max(last, at)] : [at, at];
  for (let i = from; i <= to; i += 1) all[i].checked = on;
  last = at;
  tell();
}

function toggle(event) {
  const at = current();
  if (at < 0) return false;
  const range = event.shiftKey;
  tick(at, range || !boxes()[at].checked, range);
}

function tell() {
  const all = boxes();
  const chosen = all.filter((box) => box.checked).length;
  const words = $("#chosen");
  if (words) words.textContent = `${words.dataset.words} ${chosen}`;
  const whole = $("#all-rows");
  if (!whole) return;
  whole.checked = chosen === all.length;
  whole.indeterminate = chosen > 0 && chosen < all.length;
}

/** Only the field that the chosen action needs is shown. */
function fit() {
  const action = $("#bulk-action")?.value;
  for (const field of document.querySelectorAll(".bulk [data-for]")) field.hidden = !field.dataset.for.split(" ").includes(action);
}

form?.addEventListener("click", (event) => {
  const at = boxes().indexOf(event.target);
  if (at >= 0) tick(at, event.target.checked, event.shiftKey);
  if (event.target.id === "all-rows") {
    for (const box of boxes()) box.checked = event.target.checked;
    tell();
  }
});
$("#bulk-action")?.addEventListener("change", fit);
$("#sort")?.addEventListener("change", (event) => event.target.form.requestSubmit());

listen({
  j: () => move(1),
  k: () => move(-1),
  x: toggle,
  X: toggle,
  "/": () => $("#q").focus(),
});

// keys.js leaves keys typed in fields alone; in a tick box x and j still mean the row.
document.addEventListener("keydown", (event) => {
  if (!event.target.matches("input[name=number]") || event.ctrlKey || event.metaKey || event.altKey) return;
  const act = { j: () => move(1), k: () => move(-1), x: () => toggle(event), X: () => toggle(event) }[event.key];
  if (act) {
    event.preventDefault();
    act();
  }
});

if ($("#all-rows")) $("#all-rows").hidden = false;
fit();
tell();
