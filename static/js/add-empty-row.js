// [data-add-empty-row] contains rows of fields: typing into the last row adds another empty one. Typing a name fills
// the row's detail with the chosen prompt (data-detail), so that rows may have different prompts.
const MOST = 30;

for (const rows of document.querySelectorAll("[data-add-empty-row]")) {
  rows.addEventListener("input", (event) => {
    const row = event.target.closest(".name-row");
    if (row === rows.lastElementChild && rows.querySelectorAll(".name-row").length < MOST) rows.append(another(row));
    const prompt = document.querySelector("[data-detail]:checked");
    const detail = row?.querySelector('[name="detail"]');
    if (event.target.name === "name" && prompt && detail && !detail.value) detail.value = prompt.dataset.detail;
  });
}

function another(row) {
  const copy = row.cloneNode(true);
  const number = row.parentElement.querySelectorAll(".name-row").length;
  copy.setAttribute("aria-label", `Name ${number + 1}`);
  for (const error of copy.querySelectorAll(".field-error")) error.remove();
  for (const field of copy.querySelectorAll(".field")) {
    field.classList.remove("has-error");
    const control = field.querySelector("input, select");
    control.removeAttribute("aria-invalid");
    control.removeAttribute("aria-describedby");
    if (control.tagName === "SELECT") control.selectedIndex = 0;
    else control.value = "";
    control.id = control.id.replace(/^row\d+/, `row${number}`);
    field.querySelector("label").htmlFor = control.id;
  }
  return copy;
}
