// The agenda: move a point by dragging its dots, or with Alt and the arrow keys. Both use the page's own forms.
const agenda = document.querySelector("[data-agenda]");
const form = document.querySelector("[data-place-form]");

if (agenda && form) {
  document.querySelector("[data-agenda-hint]").hidden = false;
  for (const point of agenda.children) point.append(handle(point));
  let dragged = null;
  let home = 0;

  agenda.addEventListener("dragstart", (event) => {
    dragged = event.target.closest("[data-place-url]");
    home = [...agenda.children].indexOf(dragged);
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", "");
    event.dataTransfer.setDragImage(dragged, 0, 0);
    dragged.classList.add("is-dragged");
  });
  agenda.addEventListener("dragover", (event) => {
    const over = event.target.closest("[data-place-url]");
    if (!dragged) return;
    event.preventDefault();
    if (!over || over === dragged) return;
    const box = over.getBoundingClientRect();
    agenda.insertBefore(dragged, event.clientY > box.top + box.height / 2 ? over.nextElementSibling : over);
  });
  agenda.addEventListener("drop", (event) => event.preventDefault());
  agenda.addEventListener("dragend", () => {
    const place = [...agenda.children].indexOf(dragged);
    dragged.classList.remove("is-dragged");
    if (place !== home) {
      form.action = dragged.dataset.placeUrl;
      form.elements.position.value = place;
      form.submit();
    }
    dragged = null;
  });
  agenda.addEventListener("keydown", (event) => {
    if (!event.altKey || event.target.closest("textarea, input, select")) return;
    const wish = { ArrowUp: "[data-up]", ArrowDown: "[data-down]" }[event.key];
    const button = wish && event.target.closest("[data-place-url]")?.querySelector(wish);
    if (!button) return;
    event.preventDefault();
    button.click();
  });
  // After a move the page reloads at the moved point: focus it, so that the keyboard can continue there.
  const moved = location.hash.startsWith("#item-") && document.querySelector(location.hash);
  if (moved) moved.focus({ preventScroll: true });
}

function handle(point) {
  const dots = document.createElement("span");
  dots.className = "drag-handle";
  dots.draggable = true;
  dots.title = "Drag to move";
  dots.setAttribute("aria-hidden", "true");
  dots.textContent = "⠿";
  return dots;
}
