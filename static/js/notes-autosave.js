// Autosave for notes: the form [data-notes-autosave="7"], of the meeting with that id, is sent while typing, and a copy
// is stored in the browser (local-drafts.js) until the server has it. So a lost connection or a closed tab loses
// nothing, and two tabs never overwrite each other.
for (const form of document.querySelectorAll("[data-notes-autosave]")) autosave(form);

function autosave(form) {
  const said = form.querySelector("[data-notes-said]");
  const fields = [...form.querySelectorAll("textarea")];
  const base = (field) => form.elements[field.name.replace("_notes", "_base")];
  const drafts = localDrafts.open("notes", form.dataset.notesAutosave);
  const slot = Math.random().toString(36).slice(2); // unique to this tab
  const QUIET = 1200; // milliseconds after the last key press
  const LONGEST_WAIT = 60_000;
  const stored = new Map(fields.map((field) => [field, field.value]));
  let timer = 0;
  let wait = 1000;
  let busy = false;
  let kept = true; // whether the text is in local storage

  const changed = () => fields.filter((field) => field.value !== stored.get(field));
  const clock = () => localDrafts.when(Date.now());
  const later = (delay) => {
    clearTimeout(timer);
    timer = setTimeout(save, delay);
  };

  function copy() {
    const words = changed().map((field) => [field.name, { words: field.value, base: base(field).value }]);
    if (words.length) kept = drafts.write(slot, { words });
    else drafts.remove(slot);
  }

  async function save() {
    const now = changed();
    if (busy || !now.length) return;
    busy = true;
    const sent = new Map(now.map((field) => [field, field.value]));
    const data = new FormData();
    data.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    for (const [field, words] of sent) {
      data.set(field.name, words);
      data.set(base(field).name, base(field).value);
    }
    try {
      const answer = await fetch(form.action, { method: "POST", body: data, headers: { Accept: "application/json" } });
      if (answer.redirected || [401, 403, 404].includes(answer.status)) {
        const next = kept ? "Your words are kept in this browser: sign in, and open this page again." : "Copy your words before you leave.";
        said.textContent = `You seem to be signed out. ${next}`;
        return;
      }
      const told = await answer.json();
      if (answer.status === 422) {
        said.textContent = kept ? `${told.error} Your words are kept in this browser.` : told.error;
        return;
      }
      if (!answer.ok) throw new Error(answer.status);
      for (const [field, words] of sent) take(field, words, told.kept[field.name]);
      said.textContent = told.both || `Saved at ${clock()}`;
      wait = 1000;
    } catch {
      const next = kept ? "Your words are kept in this browser, and" : "Please leave this page open: your words are";
      said.textContent = `No connection. ${next} sent as soon as it is back.`;
      later(wait);
      wait = Math.min(wait * 2, LONGEST_WAIT);
    } finally {
      busy = false;
      copy();
    }
    if (changed().length && wait === 1000) later(QUIET);
  }

  // Apply the server's text. If it includes text from another tab, append that to what was typed meanwhile.
  function take(field, sent, kept) {
    const mine = sent.replaceAll("\r\n", "\n").trim();
    const same = kept.words === mine;
    if (!same) {
      const at = field.selectionStart;
      if (field.value === sent) field.value = kept.words;
      else if (kept.words.startsWith(mine)) field.value += kept.words.slice(mine.length);
      else return; // Keep the old base, so that the server merges both again.
      field.setSelectionRange(at, at);
    }
    base(field).value = kept.base;
    stored.set(field, same ? sent : kept.words);
  }

  form.addEventListener("input", () => {
    copy();
    if (!said.textContent.startsWith("No connection")) said.textContent = "";
    later(wait > 1000 ? wait : QUIET);
  });
  form.addEventListener("submit", () => {
    clearTimeout(timer);
    // Keep the copy until the next page shows that saving succeeded.
  });
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === "s") {
      event.preventDefault();
      save();
    }
  });
  document.addEventListener("visibilitychange", () => document.hidden && save());
  addEventListener("online", save);
  offer();

  // Offer text that an earlier tab could not send, with the base it started from, so that the server can merge both.
  function offer() {
    for (const [earlier, entry] of drafts.entries()) {
      const news = entry.words.filter(([field, { words }]) => !form.elements[field].value.includes(words.trim()));
      if (news.length) return ask(earlier, entry.at, news);
      drafts.remove(earlier);
    }
  }

  function ask(earlier, at, news) {
    const box = document.createElement("div");
    box.className = "notice notes-offer";
    const words = document.createElement("p");
    words.textContent = `This browser kept words from ${localDrafts.when(at)} that were not saved.`;
    const answered = () => {
      drafts.remove(earlier);
      box.remove();
    };
    const back = button("Put them back", () => {
      answered();
      for (const [field, { words: text, base: begun }] of news) {
        form.elements[field].value = text;
        base(form.elements[field]).value = begun;
      }
      copy();
      later(0);
    });
    const go = button("Let them go", answered);
    box.append(words, back, go);
    form.prepend(box);
  }

  function button(label, press) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "button quiet small";
    made.textContent = label;
    made.addEventListener("click", press);
    return made;
  }
}
