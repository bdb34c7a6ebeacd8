// Notes save themselves: a form with data-notes is sent while one writes, and a copy stays in this browser until the server
// has it. So neither a lost connection nor a closed tab loses a word, and two windows never write over each other.
for (const form of document.querySelectorAll("[data-notes]")) keep(form);

function keep(form) {
  const said = form.querySelector("[data-notes-said]");
  const fields = [...form.querySelectorAll("textarea")];
  const base = (field) => form.elements[field.name.replace("_notes", "_base")];
  const prefix = `notes:${form.dataset.notes}:`;
  const key = prefix + Math.random().toString(36).slice(2);
  const QUIET = 1200; // milliseconds without a key
  const LONGEST_WAIT = 60_000;
  const stored = new Map(fields.map((field) => [field, field.value]));
  let timer = 0;
  let wait = 1000;
  let busy = false;

  const changed = () => fields.filter((field) => field.value !== stored.get(field));
  const clock = () => new Date().toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  const later = (delay) => {
    clearTimeout(timer);
    timer = setTimeout(save, delay);
  };

  function copy() {
    const words = changed().map((field) => [field.name, { words: field.value, base: base(field).value }]);
    try {
      if (words.length) localStorage.setItem(key, JSON.stringify({ at: clock(), words }));
      else localStorage.removeItem(key);
    } catch {
      // No room, or not allowed: the page still saves to the server.
    }
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
        said.textContent = "You seem to be signed out. Your words are kept in this browser: sign in, and open this page again.";
        return;
      }
      const told = await answer.json();
      if (answer.status === 422) {
        said.textContent = `${told.error} Your words are kept in this browser.`;
        return;
      }
      if (!answer.ok) throw new Error(answer.status);
      for (const [field, words] of sent) take(field, words, told.kept[field.name]);
      said.textContent = told.both || `Saved at ${clock()}`;
      wait = 1000;
    } catch {
      said.textContent = "No connection. Your words are kept in this browser, and sent as soon as it is back.";
      later(wait);
      wait = Math.min(wait * 2, LONGEST_WAIT);
    } finally {
      busy = false;
      copy();
    }
    if (changed().length && wait === 1000) later(QUIET);
  }

  // What the server holds now. Where it kept something of another window, that is put below what was written meanwhile.
  function take(field, sent, kept) {
    const mine = sent.replaceAll("\r\n", "\n").trim();
    const same = kept.words === mine;
    if (!same) {
      const at = field.selectionStart;
      if (field.value === sent) field.value = kept.words;
      else if (kept.words.startsWith(mine)) field.value += kept.words.slice(mine.length);
      else return; // Begun from the same words as before, so that the server keeps both once more.
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
    // The page that comes back shows whether it went well; until then the copy stays.
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

  // What an earlier window could not send is offered back, with the words it began from: so both are kept if need be.
  function offer() {
    for (const name of Object.keys(localStorage).filter((one) => one.startsWith(prefix))) {
      const kept = JSON.parse(localStorage.getItem(name));
      const news = kept.words.filter(([field, { words }]) => !form.elements[field].value.includes(words.trim()));
      if (!news.length) {
        localStorage.removeItem(name);
        continue;
      }
      ask(name, kept.at, news);
      return;
    }
  }

  function ask(name, at, news) {
    const box = document.createElement("div");
    box.className = "notice notes-offer";
    const words = document.createElement("p");
    words.textContent = `This browser kept words from ${at} that were not saved.`;
    const back = button("Put them back", () => {
      for (const [field, { words: text, base: begun }] of news) {
        form.elements[field].value = text;
        base(form.elements[field]).value = begun;
      }
      later(0);
    });
    const go = button("Let them go", () => {});
    for (const one of [back, go]) {
      one.addEventListener("click", () => {
        localStorage.removeItem(name);
        box.remove();
      });
    }
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
