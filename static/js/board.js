// The board: dropping a card on another column submits the matching button of its menu. The server's response is shown;
// if it can't be reached, the card moves back, with a message. Without this file the menu does the same.
const board = () => document.querySelector("[data-board]");
let dragged = null;

function prepare() {
  for (const card of document.querySelectorAll("[data-card]")) card.draggable = true;
}

document.addEventListener("dragstart", (event) => {
  const card = event.target.closest?.("[data-card]");
  if (!card) return;
  dragged = card;
  card.classList.add("is-dragged");
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", card.querySelector("a").textContent);
});

document.addEventListener("dragend", () => {
  dragged?.classList.remove("is-dragged");
  dragged = null;
  over(null);
});

document.addEventListener("dragover", (event) => {
  const column = dragged && event.target.closest?.("[data-stage]");
  over(column ?? null);
  if (column) event.preventDefault();
});

document.addEventListener("drop", (event) => {
  const column = dragged && event.target.closest?.("[data-stage]");
  if (!column) return;
  event.preventDefault();
  move(dragged, column);
});

function over(column) {
  for (const one of document.querySelectorAll("[data-stage]")) one.classList.toggle("is-over", one === column);
}

async function move(card, column) {
  const from = { list: card.parentElement, before: card.nextElementSibling };
  const button = [...card.querySelectorAll("button[name=stage]")].find((one) => one.value === column.dataset.stage);
  if (!button) return;
  column.querySelector(".cards").prepend(card);
  card.classList.add("is-saving");
  try {
    const answer = await fetch(button.form.action, { method: "POST", body: new FormData(button.form, button) });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!answer.ok || !page.querySelector("[data-board]")) throw new Error(`${answer.status}`);
    show(page);
  } catch {
    card.classList.remove("is-saving");
    from.list.insertBefore(card, from.before);
    say("That could not be saved just now, so the card is back where it was. Reload the page and try again.");
  }
}

// Replace the board and the messages (with their undo buttons) with those of the server's response.
function show(page) {
  board().replaceWith(page.querySelector("[data-board]"));
  document.querySelector(".messages").replaceChildren(...page.querySelector(".messages").childNodes);
  prepare();
}

function say(words) {
  const message = document.createElement("div");
  message.className = "message warning";
  message.append(Object.assign(document.createElement("p"), { textContent: words }));
  document.querySelector(".messages").replaceChildren(message);
}

// Only one menu is open at a time; Escape closes it and returns the focus.
document.addEventListener(
  "toggle",
  (event) => {
    if (!event.target.matches?.("[data-menu]") || !event.target.open) return;
    for (const other of document.querySelectorAll("[data-menu][open]")) other.open = other === event.target;
  },
  true,
);

document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && event.target.closest?.("[data-menu][open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

prepare();
