// [data-inserts="#form"] lists merge fields as <code data-insert>: a click inserts one at the last cursor position in
// the subject or message of that form. Without this file users type or copy them.
for (const list of document.querySelectorAll("[data-inserts]")) {
  const form = document.querySelector(list.dataset.inserts);
  let last = form.elements.namedItem("body");
  form.addEventListener("focusin", (event) => {
    if (["subject", "body"].includes(event.target.name)) last = event.target;
  });
  for (const code of list.querySelectorAll("[data-insert]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "insert";
    button.setAttribute("aria-label", `Insert ${code.textContent}`);
    code.replaceWith(button);
    button.append(code);
    button.addEventListener("click", () => write(last, code.textContent));
  }
}

function write(control, words) {
  control.focus();
  // execCommand is deprecated but supports the browser's undo; if it is missing, set the text directly.
  if (document.execCommand?.("insertText", false, words)) return;
  control.setRangeText(words, control.selectionStart, control.selectionEnd, "end");
  control.dispatchEvent(new Event("input", { bubbles: true }));
}
