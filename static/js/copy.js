// A button with data-copy="#id" copies the value or the words of that element, and says so, also to a screen reader.
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
    await navigator.clipboard.writeText(source.value ?? source.innerText);
    return true;
  } catch {
    select(source);
    return false;
  }
}

// Where the browser allows no writing to the clipboard, the words are at least selected.
function select(source) {
  if (typeof source.select === "function") source.select();
  else getSelection().selectAllChildren(source);
}
