// The confirm card: each field with where it was read; the customer edits, submits, or says it again.

function element(tag, values) {
  return Object.assign(document.createElement(tag), values);
}

function source(field, words) {
  const kind = field.evidence[0]?.kind;
  return { text: words.fromText, picture: words.fromPicture, record: words.fromRecord }[kind] ?? "";
}

function input(field, words) {
  if (!field.candidates?.length) {
    return element("input", { value: field.value ?? "", placeholder: words.missing, maxLength: 60, autocomplete: "off" });
  }
  const select = element("select");
  select.append(new Option(words.choose, ""), ...field.candidates.map((value) => new Option(value, value)));
  return select;
}

function row(field, words) {
  const before = field.candidates?.length ? "" : field.value;
  const label = element("label", { className: "row" });
  const box = input(field, words);
  const where = element("small", { textContent: source(field, words) });
  const read = where.textContent;
  box.addEventListener("input", () => {
    const changed = box.value.trim() !== before;
    where.textContent = changed ? words.changed : read;
    label.classList.toggle("changed", changed);
  });
  label.append(element("span", { textContent: field.label }), box, where);
  return { label, box, name: field.name, before };
}

/** Build a card; `onConfirm` gets `{body, failed}`, the body with only what the customer changed. */
export function confirmCard(card, words, onConfirm, onRedo) {
  const form = element("form", { className: "card" });
  const rows = [...card.fields, ...card.missing.map((m) => ({ ...m, value: "", evidence: [] }))];
  const shown = rows.map((field) => row(field, words));
  const submit = element("button", { className: "primary", textContent: words.submit });
  const redo = element("button", { type: "button", textContent: words.redo });
  const actions = element("div", { className: "actions" });
  actions.append(submit, redo);
  form.append(element("h2", { textContent: words.cardTitle }), ...shown.map((r) => r.label), actions);
  redo.addEventListener("click", onRedo);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const changed = shown.filter((r) => r.box.value.trim() !== r.before);
    const corrections = Object.fromEntries(changed.map((r) => [r.name, r.box.value.trim()]));
    submit.disabled = true;
    submit.textContent = words.sending;
    const failed = () => {
      submit.disabled = false;
      submit.textContent = words.submit;
    };
    onConfirm({ body: { case_id: card.case_id, corrections }, failed });
  });
  return form;
}
