// How much is unread, beside the inbox's link. On the desk a live region renews it; elsewhere it is asked for once.

async function show(count) {
  const answer = await fetch(count.getAttribute("src"), { credentials: "same-origin" }).catch(() => null);
  if (!answer?.ok || count.textContent.trim()) return;
  const part = new DOMParser().parseFromString(await answer.text(), "text/html");
  count.replaceChildren(...part.body.children);
}

const count = document.querySelector("#inbox-count");
if (count) show(count);
