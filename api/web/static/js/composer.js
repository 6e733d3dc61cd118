// The customer's input: it grows, sends by Enter, and keeps what was typed over a reload.

const KEPT = "jiedai.typing";

/** Wire the form; `send(text)` and `sendFile(file)` take what goes out. */
export function composer(form, send, sendFile) {
  const text = form.querySelector("textarea");
  const picture = form.querySelector("input[type=file]");

  function changed() {
    text.rows = Math.min(6, Math.max(1, text.value.split("\n").length));
    sessionStorage.setItem(KEPT, text.value);
  }

  function put(value) {
    text.value = value;
    changed();
    text.focus();
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (text.value.trim()) send(text.value);
    put("");
  });
  text.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  });
  text.addEventListener("input", changed);
  text.addEventListener("paste", (event) => {
    const files = [...event.clipboardData.files].filter((file) => file.type.startsWith("image/"));
    if (files.length) event.preventDefault();
    files.forEach(sendFile);
  });
  picture.addEventListener("change", () => {
    [...picture.files].forEach(sendFile);
    picture.value = "";
  });
  text.value = sessionStorage.getItem(KEPT) ?? "";
  changed();
  return { put, focus: () => text.focus() };
}
