// A part of the page that fetches itself again when the server says that it has changed. One stream feeds them all:
// browsers allow about six connections to a host, and a desk may be open in several tabs.

const PENDING_MS = 1000;
const PENDING_TRIES = 30;
let stream = null;

function events() {
  stream ??= new EventSource(document.body.dataset.events);
  return stream;
}
addEventListener("pagehide", () => stream?.close());

class LiveRegion extends HTMLElement {
  connectedCallback() {
    this.told = () => this.changed();
    events().addEventListener(this.getAttribute("on"), this.told);
    this.tries = 0;
    this.await();
  }

  /** What a job is still making is asked for until it is there, or clearly will not come. */
  await() {
    if (!this.querySelector("[data-pending]") || this.tries >= PENDING_TRIES) return;
    this.tries += 1;
    this.later = setTimeout(() => this.refresh().finally(() => this.await()), PENDING_MS);
  }

  disconnectedCallback() {
    events().removeEventListener(this.getAttribute("on"), this.told);
    clearTimeout(this.later);
  }

  changed() {
    this.refresh();
    // What follows from a message, such as a new suggestion, is made by a job a moment after it.
    const again = Number(this.getAttribute("again"));
    clearTimeout(this.later);
    if (again) this.later = setTimeout(() => this.refresh(), again);
  }

  async refresh() {
    const answer = await fetch(this.getAttribute("src"), { credentials: "same-origin" }).catch(() => null);
    if (!answer?.ok || !this.isConnected) return;
    const html = await answer.text();
    if (html === this.last) return;
    this.last = html;
    const atEnd = this.scrollHeight - this.scrollTop - this.clientHeight < 40;
    // Morphing keeps focus, half-typed words and opened details where they are.
    await window.htmx.swap({ text: html, target: this, sourceElement: this, swap: "innerMorph" });
    if (atEnd && this.id === "thread") this.scrollTop = this.scrollHeight;
  }
}

customElements.define("live-region", LiveRegion);
