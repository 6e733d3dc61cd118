// What every staff page has by keyboard: help, going to another page, moving in the list.

const GO_MS = 1200;
let goUntil = 0;

export const $ = (selector) => document.querySelector(selector);

export function move(step) {
  const lines = [...document.querySelectorAll(".queue .line")];
  const focused = lines.indexOf(document.activeElement);
  const at = focused >= 0 ? focused : lines.findIndex((line) => line.classList.contains("current"));
  lines[Math.min(lines.length - 1, Math.max(0, at + step))]?.focus();
}

function help() {
  const dialog = $("#help");
  if (!dialog.open) dialog.showModal();
}

function go(key) {
  goUntil = 0;
  const link = $(`[data-go="${CSS.escape(key)}"]`);
  if (link) link.click();
  return Boolean(link);
}

/** Listen for keys outside of fields; a handler that returns false leaves the key to the browser. */
export function listen(keys) {
  const all = { j: () => move(1), k: () => move(-1), "?": help, ...keys };
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.matches("input, textarea, select") || $("dialog[open]")) return;
    if (goUntil > event.timeStamp && go(event.key)) return void event.preventDefault();
    if (event.key === "g") goUntil = event.timeStamp + GO_MS;
    const act = all[event.key];
    if (act && act(event) !== false) event.preventDefault();
  });
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-help]")) help();
  for (const open of document.querySelectorAll("details.menu[open]")) {
    if (!open.contains(event.target)) open.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const open = $("details.menu[open]");
  if (!open) return;
  open.open = false;
  open.querySelector("summary").focus();
});
