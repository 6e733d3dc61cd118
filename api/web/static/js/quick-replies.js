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

/** A score from 1 to 5 by a tap, and words after it for whoever likes; both can be changed by tapping again. */
export function survey(id, words, tell) {
  const row = document.createElement("div");
  const field = Object.assign(document.createElement("input"), { maxLength: 1000, placeholder: words.surveyWords });
  field.setAttribute("aria-label", words.surveyWords);
  const more = document.createElement("form");
  more.append(field, Object.assign(document.createElement("button"), { textContent: words.surveySend }));
  more.hidden = true;
  let score = 0;
  const give = (given) => (event) => {
    score = given;
    row.querySelectorAll(".survey button").forEach((b) => b.setAttribute("aria-pressed", String(b === event.target)));
    more.hidden = false;
    tell({ survey_id: id, score });
  };
  const taps = buttons("quick survey", [1, 2, 3, 4, 5].map((n) => [String(n), give(n)]));
  taps.setAttribute("role", "group");
  taps.setAttribute("aria-label", words.surveyScore);
  more.addEventListener("submit", (event) => {
    event.preventDefault();
    tell({ survey_id: id, score, words: field.value });
    more.hidden = true;
  });
  row.append(taps, more);
  return row;
}
