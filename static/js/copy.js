// A button with data-copy="#id" copies the value or text of that element, and confirms it, also to screen readers.
const voice = document.createElement("div");
voice.className = "visually-hidden";
voice.setAttribute("role", "status");
document.body.append(voice);

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  const source = button && document.querySelector(button.dataset.copy);
  if (!source) return;
  event.preventDefault();
  const said = (await copied(source)) ? "Copied" : "Press Ctrl+C to copy";
  voice.textContent = said;
  const label = button.dataset.label ?? (button.dataset.label = button.textContent);
  button.textContent = said;
  setTimeout(() => (button.textContent = label), 2500);
});

async function copied(source) {
  try {
    await navigator.clipboard.writeText(source.value ?? source.innerText.trimEnd());
    return true;
  } catch {
    select(source);
    return false;
  }
}

// If the browser doesn't allow writing to the clipboard, select the text instead.
function select(source) {
  if (typeof source.select === "function") source.select();
  else getSelection().selectAllChildren(source);
}
