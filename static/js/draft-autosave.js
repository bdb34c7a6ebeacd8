// [data-draft-autosave="7"] is a form that htmx saves while typing; 7 is the id of the message. The text is also stored
// in the browser (local-drafts.js) until the server has saved it, so that a crash or a lost connection loses nothing.
// Stored text is offered for restoring (#kept-words), connection errors are shown in #draft-trouble, and saving is
// retried after growing pauses.
const PAUSES = [2, 5, 10, 20, 40, 60]; // seconds
const SLOT = ""; // the same slot for all tabs: the latest text wins

for (const form of document.querySelectorAll("form[data-draft-autosave]")) autosave(form);
for (const place of document.querySelectorAll("[data-forget-draft]")) localDrafts.open("message", place.dataset.forgetDraft).remove(SLOT);

function autosave(form) {
  const drafts = localDrafts.open("message", form.dataset.draftAutosave);
  const trouble = document.querySelector("#draft-trouble");
  let saved = words(form); // the text the server has
  let sent = ""; // the text in the current request
  let clean = true;
  let kept = true; // whether the text is in local storage
  let failures = 0;
  let timer = 0;
  let waiting = null; // the form of "I sent it", submitted once the latest text is saved

  const now = () => {
    clearTimeout(timer);
    form.dispatchEvent(new Event("save-now"));
  };
  const say = (reason) => {
    clearTimeout(timer);
    waiting = null;
    if (trouble.textContent !== reason) trouble.textContent = reason;
  };
  const tryAgain = (reason) => {
    const pause = PAUSES[Math.min(failures++, PAUSES.length - 1)];
    say(`${reason} ${kept ? "Your words are kept in this browser, and we" : "Please leave this page open: we"} try again by ourselves.`);
    trouble.dataset.pause = pause;
    timer = setTimeout(now, pause * 1000);
  };

  const signedOut = (next) => {
    if (kept) say(`You were signed out, so this isn’t saved. Your words are kept in this browser. ${next}`);
    else say("You were signed out, so this isn’t saved. Copy your words before you leave.");
  };

  offer(form, drafts, now);

  form.addEventListener("input", () => {
    clean = false;
    kept = drafts.write(SLOT, { version: form.elements.version.value, words: read(form) });
  });
  form.addEventListener("htmx:beforeRequest", () => (sent = words(form)));
  form.addEventListener("draft-saved", ({ detail }) => {
    failures = 0;
    clearTimeout(timer);
    trouble.textContent = "";
    saved = sent;
    clean = words(form) === saved;
    if (clean) drafts.remove(SLOT);
    if (!waiting) return;
    waiting.elements.version.value = detail.version; // the version that was just saved
    waiting.requestSubmit();
  });
  // The response may contain new fields.
  document.addEventListener("htmx:afterSettle", () => clean && (saved = words(form)));
  // A response that is not a preview, such as the sign-in page, must not replace it.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr, serverResponse, requestConfig } = event.detail;
    if (requestConfig.elt !== form || xhr.status !== 200 || serverResponse.includes('id="preview"')) return;
    event.detail.shouldSwap = false;
    signedOut("Sign in again in another tab, then reload this page.");
  });
  // In development, an error page would replace this page and its text.
  form.addEventListener("htmx:beforeOnLoad", (event) => event.detail.xhr.status >= 400 && event.stopPropagation());
  form.addEventListener("htmx:sendError", () => tryAgain("No connection, so this isn’t saved yet."));
  form.addEventListener("htmx:timeout", () => tryAgain("The connection is slow, so this isn’t saved yet."));
  form.addEventListener("htmx:responseError", (event) => {
    const { status } = event.detail.xhr;
    if (status === 404) say("This draft is gone, so your words weren’t saved. Copy them before you leave.");
    else if (status === 403) signedOut("Reload this page.");
    else tryAgain("Something went wrong on our side, so this isn’t saved yet.");
  });
  addEventListener("online", () => failures && now());
  // After the browser's Back button, the page and its version may be outdated: reload.
  addEventListener("pageshow", (event) => event.persisted && location.reload());
  form.addEventListener("submit", () => (clean = true)); // the form itself submits the text now

  // "I sent it" freezes the server's text, so save the latest text first.
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-sends]") || words(form) === saved) return;
    event.preventDefault();
    waiting = event.target;
    now();
  });

  // If the user leaves between typing and saving, the browser sends the text as the page closes.
  addEventListener("pagehide", () => {
    if (clean || words(form) === saved) return;
    const body = new URLSearchParams(new FormData(form));
    fetch(form.action, { method: "POST", body, keepalive: true, headers: { "HX-Request": "true" } }).catch(() => {});
  });
}

// Text stored on an earlier visit, if the server doesn't have it.
function offer(form, drafts, save) {
  const box = document.querySelector("#kept-words");
  const [, kept] = drafts.entries().find(([slot]) => slot === SLOT) ?? [];
  if (!kept) return;
  const here = read(form);
  if (Object.entries(kept.words).every(([name, value]) => plain(here[name] ?? "") === plain(value))) return drafts.remove(SLOT);

  box.querySelector("time").textContent = localDrafts.when(kept.at);
  box.querySelector("[data-since]").hidden = kept.version === form.elements.version.value;
  const typed = Object.entries(kept.words).filter(([name, value]) => name.startsWith("field_") && value);
  const letter = [kept.words.subject, kept.words.body, ...typed.map(([, value]) => value)].filter(Boolean).join("\n\n");
  box.querySelector(".letter-body").textContent = letter;
  box.hidden = false;

  box.querySelector("[data-take]").addEventListener("click", () => {
    // Send the version the text was based on, so that the server also keeps a version saved since.
    form.elements.version.value = kept.version;
    for (const [name, value] of Object.entries(kept.words)) control(form, name).value = value;
    box.hidden = true;
    form.elements.body.focus();
    save();
  });
  box.querySelector("[data-leave]").addEventListener("click", () => {
    drafts.remove(SLOT);
    box.hidden = true;
    form.elements.body.focus();
  });
}

// A field from when the text was stored may be missing from the form now; submit its text nevertheless.
function control(form, name) {
  const found = form.elements.namedItem(name);
  if (found) return found;
  const made = document.createElement("input");
  made.type = "hidden";
  made.name = name;
  form.append(made);
  return made;
}

function read(form) {
  const found = {};
  for (const [name, value] of new FormData(form)) {
    if (name === "channel" || name === "subject" || name === "body" || name.startsWith("field_")) found[name] = value;
  }
  return found;
}

function words(form) {
  return JSON.stringify(Object.entries(read(form)).map(([name, value]) => [name, plain(value)]).sort());
}

function plain(text) {
  return text.replaceAll("\r\n", "\n").trim();
}
