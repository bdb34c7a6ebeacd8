// A control with data-opens="#id" opens that dialog; a control with data-closes closes the dialog around it.
// Without this file such a control is a link to a separate page.
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  const dialog = opener && document.querySelector(opener.dataset.opens);
  if (dialog instanceof HTMLDialogElement) {
    event.preventDefault();
    dialog.showModal();
    return;
  }
  event.target.closest("[data-closes]")?.closest("dialog")?.close();
});
