// Rows of buttons below a message: what the customer may answer with a tap.

/** Build a row; `choices` are pairs of words and what a tap does. */
export function buttons(className, choices) {
  const row = document.createElement("div");
  row.className = className;
  for (const [words, act] of choices) {
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: words });
    button.addEventListener("click", act);
    row.append(button);
  }
  return row;
}

/** Whether a resolved ticket is solved; `tell` gets the ticket's number and yes or no. */
export function verdict(number, words, tell) {
  const say = (solved) => () => tell({ ticket_number: number, solved });
  return buttons("quick verify", [[words.solved, say(true)], [words.unsolved, say(false)]]);
}
