// [data-drop-anywhere] is a form with a file input: a file dropped anywhere on the page is chosen in it. A hidden form
// is sent at once, so that a list of people takes files, too.
const form = document.querySelector("[data-drop-anywhere]");
const input = form?.querySelector('input[type="file"]');
let depth = 0;

function hasFiles(event) {
  return [...(event.dataTransfer?.types ?? [])].includes("Files");
}

function mark(on) {
  (form.hidden ? document.querySelector("main") : form).classList.toggle("is-over", on);
}

if (input) {
  document.addEventListener("dragenter", (event) => {
    if (!hasFiles(event)) return;
    depth += 1;
    mark(true);
  });
  document.addEventListener("dragleave", (event) => {
    if (!hasFiles(event)) return;
    depth = Math.max(0, depth - 1);
    if (!depth) mark(false);
  });
  document.addEventListener("dragover", (event) => {
    if (hasFiles(event)) event.preventDefault();
  });
  document.addEventListener("drop", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    depth = 0;
    mark(false);
    input.files = event.dataTransfer.files;
    form.requestSubmit();
  });
}
