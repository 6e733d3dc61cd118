// What the customer typed goes out at least once with a stable id: the server makes it once. Nothing typed is lost.

const RETRY_MS = 3000;
const KEPT = "jiedai.outbox";

/** A random id; randomUUID itself exists only on HTTPS and localhost, and a shop's test phone may have neither. */
export function newId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");
}

export class Outbox {
  /** @param {(item: object) => Promise<void>} deliver  throws a Refused for what will never be accepted */
  constructor(deliver, onChange) {
    this.deliver = deliver;
    this.onChange = onChange;
    this.items = [];
    this.busy = false;
    addEventListener("online", () => this.flush());
  }

  add(item) {
    const added = { ...item, id: newId() };
    this.items.push(added);
    this.keep();
    // The caller shows the item first: its outcome must find it there.
    queueMicrotask(() => this.flush());
    return added;
  }

  /** Take up what a closed page had not sent; files are gone with it, words are not. */
  resume(show) {
    this.items = JSON.parse(sessionStorage.getItem(KEPT) ?? "[]");
    this.items.forEach(show);
    this.flush();
  }

  keep() {
    sessionStorage.setItem(KEPT, JSON.stringify(this.items.filter((item) => !item.file)));
  }

  done(item, result, reason) {
    this.items.shift();
    this.keep();
    this.onChange(item, result, reason);
  }

  async flush() {
    if (this.busy) return;
    this.busy = true;
    try {
      while (this.items.length) {
        const item = this.items[0];
        try {
          await this.deliver(item);
          this.done(item, "sent");
        } catch (error) {
          if (error instanceof Refused) {
            this.done(item, "refused", error.message);
            continue;
          }
          this.onChange(item, "waiting");
          setTimeout(() => this.flush(), RETRY_MS);
          return;
        }
      }
    } finally {
      this.busy = false;
    }
  }
}

/** The server understood and said no; the sentence is for the customer. */
export class Refused extends Error {}

/** POST and read JSON; a problem document with a 4xx is a Refused, anything else may be tried again. */
export async function post(path, options) {
  const answer = await fetch(path, { method: "POST", credentials: "same-origin", ...options });
  if (answer.ok) return answer.json();
  const problem = await answer.json().catch(() => ({ title: answer.statusText }));
  if (answer.status >= 400 && answer.status < 500 && answer.status !== 429) throw new Refused(problem.title);
  throw new Error(problem.title);
}

export function json(body) {
  return { headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}

/** Who this browser is: a random id that it keeps. */
export function visitor() {
  if (!localStorage.getItem("jiedai.visitor")) localStorage.setItem("jiedai.visitor", newId());
  return localStorage.getItem("jiedai.visitor");
}
