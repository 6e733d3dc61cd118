// Review by keyboard: y agrees, x rejects, Space goes on to the next finding.

import "./inbox.js";
import { $, listen } from "./keys.js";

function press(key) {
  $(`[data-key="${key}"]`)?.click();
}

function next(event) {
  if (event.target.matches("button, a, summary")) return false;
  const lines = [...document.querySelectorAll(".queue .line")];
  lines[lines.findIndex((line) => line.classList.contains("current")) + 1]?.click();
}

listen({ y: () => press("y"), x: () => press("x"), " ": next });
$(".proof")?.scrollIntoView({ block: "center" });
$(".queue .line.current")?.scrollIntoView({ block: "nearest" });
