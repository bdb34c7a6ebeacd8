// [data-drop-anywhere] is a form with a file input, or a link to the page of one: a file dropped anywhere is sent there.
const target = document.querySelector("[data-drop-anywhere]");
const lit = target?.matches("form") ? target : document.querySelector("main");
let depth = 0;

function hasFiles(event) {
  return [...(event.dataTransfer?.types ?? [])].includes("Files");
}

function formOf(link) {
  const form = document.createElement("form");
  Object.assign(form, { method: "post", enctype: "multipart/form-data", action: link.href, hidden: true });
  const input = Object.assign(document.createElement("input"), { type: "file", name: "file" });
  form.append(document.querySelector("[name=csrfmiddlewaretoken]").cloneNode(), input);
  document.body.append(form);
  return form;
}

if (target) {
  document.addEventListener("dragenter", (event) => {
    if (!hasFiles(event)) return;
    depth += 1;
    lit.classList.add("is-over");
  });
  document.addEventListener("dragleave", (event) => {
    if (!hasFiles(event)) return;
    depth = Math.max(0, depth - 1);
    if (!depth) lit.classList.remove("is-over");
  });
  document.addEventListener("dragover", (event) => {
    if (hasFiles(event)) event.preventDefault();
  });
  document.addEventListener("drop", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    depth = 0;
    lit.classList.remove("is-over");
    const form = target.matches("form") ? target : formOf(target);
    form.querySelector('input[type="file"]').files = event.dataTransfer.files;
    form.requestSubmit();
  });
}
