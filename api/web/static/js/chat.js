// The chat page: one conversation, kept over reloads; messages come by a stream, go by POST.

import "./chat-log.js";
import { composer } from "./composer.js";
import { Outbox, json, post, visitor } from "./outbox.js";

const $ = (selector) => document.querySelector(selector);
const [log, typing, who, problem, offline] = ["#log", "#typing", "#who", "#problem", "#offline"].map($);
const API = "/api/chat/conversations";
const TYPING_MS = 20000; // a bot that has not answered by then will not: say nothing rather than "typing" for ever
let conversation = localStorage.getItem("jiedai.conversation");
let opening = null;
let stream = null;
let last = 0;
let waiting = 0;

const base = () => `${API}/${conversation}`;

async function open() {
  const lang = document.documentElement.lang.startsWith("zh") ? "zh" : "en";
  const answer = await post(API, json({ visitor: visitor(), name: "", lang, consent: log.dataset.consent }));
  conversation = answer.conversation_id;
  localStorage.setItem("jiedai.conversation", conversation);
  listen();
}

function listen() {
  stream?.close();
  stream = new EventSource(`${base()}/events?after=${last}`);
  stream.addEventListener("message", (event) => {
    const message = JSON.parse(event.data);
    receive(message);
    if (message.role === "bot") state().catch(() => {}); // it may just have handed over
  });
  stream.addEventListener("open", () => (offline.hidden = true));
  stream.addEventListener("error", () => (offline.hidden = navigator.onLine));
}

function answeredBy(handler, author = "") {
  who.dataset.handler = handler;
  if (handler !== "agent") who.textContent = who.dataset.bot;
  else if (author || !who.textContent.startsWith(who.dataset.agent)) {
    who.textContent = author ? `${who.dataset.agent} · ${author}` : who.dataset.agent;
  }
  $("#human").hidden = handler === "agent";
}

function think(on) {
  typing.hidden = !on;
  clearTimeout(waiting);
  if (on) waiting = setTimeout(() => think(false), TYPING_MS);
}

function receive(message) {
  if (!log.show(message, base())) return;
  last = Math.max(last, message.seq);
  think(message.role === "customer" && who.dataset.handler !== "agent");
  if (message.role === "agent") answeredBy("agent", message.author);
}

async function state() {
  const answer = await fetch(`${base()}/messages?after=${last}`, { credentials: "same-origin" });
  if (answer.status === 404) throw new Error("gone");
  if (!answer.ok) return;
  const now = await answer.json();
  answeredBy(now.handler);
  $("#urge").hidden = !now.open_ticket;
  now.messages.forEach(receive);
  if (now.waiting_for_bot) think(true);
}

function complain(words) {
  problem.hidden = !words;
  problem.textContent = words;
}

async function deliver(item) {
  if (!conversation) await (opening ??= open().finally(() => (opening = null)));
  if (!item.file) return post(`${base()}/messages`, json({ id: item.id, text: item.text }));
  const form = new FormData();
  form.set("id", item.id);
  form.set("file", item.file);
  return post(`${base()}/pictures`, { body: form });
}

const outbox = new Outbox(deliver, (item, result, reason) => {
  offline.hidden = result !== "waiting";
  if (result === "waiting") return;
  log.settle(item);
  complain(result === "refused" ? (reason ?? "") : "");
  if (result === "refused" && item.text) input.put(item.text);
});

const send = (text) => log.pending(outbox.add({ text }), text);
const sendFile = (file) => log.pending(outbox.add({ file }), `📷 ${file.name}`);
const input = composer($("#composer"), send, sendFile);

for (const id of ["#human", "#urge"]) $(id).addEventListener("click", (event) => send(event.target.textContent));
$("#new").addEventListener("click", () => {
  localStorage.removeItem("jiedai.conversation");
  location.reload();
});
log.addEventListener("quick-reply", (event) => send(event.detail));
log.addEventListener("redo", () => input.focus());
async function tell(path, body) {
  const refusal = await post(`${base()}/${path}`, json(body)).then(() => "", (error) => error.message);
  complain(refusal);
  return !refusal;
}

log.addEventListener("confirm", async ({ detail }) => (await tell("confirm", detail.body)) || detail.failed());
for (const name of ["verify", "survey"]) log.addEventListener(name, ({ detail }) => tell(name, detail));

if (conversation) {
  state().then(listen, () => {
    localStorage.removeItem("jiedai.conversation");
    conversation = null;
  });
}
outbox.resume((item) => log.pending(item, item.text));
