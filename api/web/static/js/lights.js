// A fact and its evidence light up together, whichever of the two is pointed at or focused.

function namesOf(target) {
  const holder = target.closest?.("[data-lights], [data-marks]");
  return holder ? (holder.dataset.lights ?? holder.dataset.marks).split(" ") : [];
}

function light(event, on) {
  for (const name of namesOf(event.target)) {
    const escaped = CSS.escape(name);
    const evidence = document.querySelectorAll(`[data-marks~="${escaped}"]`);
    document.querySelectorAll(`[data-lights="${escaped}"]`).forEach((node) => node.classList.toggle("lit", on));
    evidence.forEach((node) => node.classList.toggle("lit", on));
    if (on && event.target.closest("[data-lights]")) evidence[0]?.scrollIntoView({ block: "nearest" });
  }
}

for (const [name, on] of [["mouseover", true], ["mouseout", false], ["focusin", true], ["focusout", false]]) {
  document.addEventListener(name, (event) => light(event, on));
}
