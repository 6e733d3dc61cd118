// A link to the ticket's form, shown once it is known that something is missing: the category comes a moment later.

const LOOKS_MS = [1000, 4000, 12000];

/** Make the link; `base` is the conversation's address in the interface. */
export function formLink(base, number, words) {
  const link = document.createElement("a");
  link.className = "form-link";
  link.href = `${base.replace("/api/chat/conversations", "/chat")}/forms/${number}`;
  link.textContent = words;
  link.hidden = true;
  look(link, `${base}/forms/${number}`, [...LOOKS_MS]);
  return link;
}

function look(link, address, waits) {
  if (!waits.length) return;
  setTimeout(async () => {
    const answer = await fetch(address, { credentials: "same-origin" }).catch(() => null);
    if (answer?.ok && (await answer.json()).missing.length) link.hidden = false;
    else look(link, address, waits);
  }, waits.shift());
}
