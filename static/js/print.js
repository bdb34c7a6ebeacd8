// A button that prints the page. It is hidden in the HTML, because it needs this script.
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
