// [data-answer-by-key] is a form of rows ([data-answer]) with radio buttons: y, n and l answer the row that has the
// focus, and go on to the next; the arrows up and down move between rows.
const answers = [...document.querySelectorAll("[data-answer-by-key] [data-answer]")];
for (const hint of document.querySelectorAll(".only-with-script")) hint.hidden = false;

function go(index) {
  const row = answers[Math.max(0, Math.min(index, answers.length))];
  if (row) row.querySelector("input:checked").focus();
  else document.querySelector("[data-answer-by-key] .button").focus();
  row?.scrollIntoView({ block: "nearest" });
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("textarea, select, input:not([type=radio])")) return;
  const here = answers.findIndex((row) => row.contains(document.activeElement));
  const value = { y: "y", n: "n", l: "" }[event.key];
  if (value !== undefined) {
    const row = answers[here === -1 ? 0 : here];
    row.querySelector(`input[value="${value}"]`).checked = true;
    go((here === -1 ? 0 : here) + 1);
  } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    go(here + (event.key === "ArrowDown" ? 1 : -1));
  } else return;
  event.preventDefault();
});
