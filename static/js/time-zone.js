// Tells the sign-up form where the reader's clock is. Without it the account starts on London time, and Settings changes it.
for (const field of document.querySelectorAll("[data-time-zone]")) {
  field.value = Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";
}
