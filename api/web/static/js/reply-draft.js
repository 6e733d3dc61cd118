// An unsent reply outlives a reload, a refused request and the way to another ticket; it is kept for each ticket.

const $ = (selector) => document.querySelector(selector);
const key = () => `jiedai.reply.${$("#work")?.dataset.number}`;

function mark() {
  const chip = $("#from-draft");
  if (chip) chip.hidden = !$("#suggestion-id").value;
}

/** Put words into the reply box; `suggestion` is the suggestion they come from, empty where they are typed. */
export function write(text, suggestion = "") {
  const box = $("#reply");
  if (!box) return;
  box.value = text;
  $("#suggestion-id").value = suggestion;
  box.dispatchEvent(new Event("input", { bubbles: true }));
  box.focus();
  box.setSelectionRange(text.length, text.length);
}

export function keep() {
  const box = $("#reply");
  if (!box) return;
  if (!box.value.trim()) {
    $("#suggestion-id").value = "";
    sessionStorage.removeItem(key());
  } else {
    sessionStorage.setItem(key(), JSON.stringify({ text: box.value, suggestion: $("#suggestion-id").value }));
  }
  grow(box);
  mark();
}

export function restore() {
  const box = $("#reply");
  const kept = box && sessionStorage.getItem(key());
  if (!kept || box.value) return;
  const { text, suggestion } = JSON.parse(kept);
  box.value = text;
  $("#suggestion-id").value = suggestion;
  grow(box);
  mark();
}

export function forget() {
  sessionStorage.removeItem(key());
}

function grow(box) {
  box.rows = Math.min(10, Math.max(3, box.value.split("\n").length));
}
