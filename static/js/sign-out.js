// Whoever signs out leaves no words of theirs in this browser (see keep.js).
document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-signs-out]")) return;
  try {
    for (const key of Object.keys(localStorage)) if (key.startsWith("mentorfolio.draft.")) localStorage.removeItem(key);
  } catch {
    // Nothing was kept where nothing may be kept.
  }
});
