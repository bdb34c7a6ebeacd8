// Whoever signs out leaves no words of theirs in this browser (see keep.js and notes.js).
document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-signs-out]")) return;
  try {
    for (const key of Object.keys(localStorage)) if (/^(mentorfolio\.draft\.|notes:)/.test(key)) localStorage.removeItem(key);
  } catch {
    // Nothing was kept where nothing may be kept.
  }
});
