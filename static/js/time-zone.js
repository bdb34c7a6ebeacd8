// Fills in the browser's time zone on the sign-up form. Without it the account starts with London time, which can be
// changed in Settings.
for (const field of document.querySelectorAll("[data-time-zone]")) {
  field.value = Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";
}
