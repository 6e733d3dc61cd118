// <count-down due warn words>: keeps a deadline's words true while somebody looks; without script they stand as sent.

const EVERY_MS = 15_000;
const MINUTE_MS = 60_000;
const ICONS = { ok: "○", near: "◐", late: "●" };

class CountDown extends HTMLElement {
  connectedCallback() {
    this.timer = setInterval(() => this.show(), EVERY_MS);
    this.show();
  }

  disconnectedCallback() {
    clearInterval(this.timer);
  }

  show() {
    const clock = this.querySelector(".clock");
    const left = this.querySelector(".left");
    const now = Date.now();
    const due = Date.parse(this.getAttribute("due"));
    const warn = Date.parse(this.getAttribute("warn") ?? "");
    const [ok, near, late, days, hours, minutes] = this.getAttribute("words").split("|");
    const state = now >= due ? "late" : now >= warn ? "near" : "ok";
    const span = Math.floor(Math.abs(due - now) / MINUTE_MS);
    const length = span >= 2880 ? `${Math.floor(span / 1440)} ${days}` : span >= 120 ? `${Math.floor(span / 60)} ${hours}` : `${span} ${minutes}`;
    clock.className = `clock ${state}`;
    clock.querySelector("i").textContent = ICONS[state];
    left.textContent = `${{ ok, near, late }[state]} ${length}`;
  }
}

customElements.define("count-down", CountDown);
