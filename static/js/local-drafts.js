// Stores typed text that the server doesn't have yet in the browser's local storage. Keys are
// "mentorfolio.local-drafts.<user>.<kind>.<id>.<slot>", so that users who share a browser see only their own text. A
// plain script, not a module, because imports would need the hashed names of static files; load it before the scripts
// that use it.
const localDrafts = (() => {
  const PREFIX = "mentorfolio.local-drafts.";
  const OLD_PREFIXES = ["mentorfolio.draft.", "notes:"]; // used by earlier versions
  const EXPIRES_AFTER = 60 * 24 * 3600 * 1000; // milliseconds
  const user = document.body.dataset.user;
  const list = document.querySelector("[data-unsaved-words]"); // on the page that asks before signing out

  dropExpired();
  if (list) tellUnsaved();
  // Signing out deletes all stored text from this browser (the server's answer, too: Clear-Site-Data). If there is any
  // of this user, ask first.
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-signs-out]")) return;
    if (list || !keys(`${PREFIX}${user}.`).length) return keys(PREFIX, ...OLD_PREFIXES).forEach(remove);
    event.preventDefault();
    location.assign(event.target.action);
  });
  return { open, when };

  // List what would be lost, the latest first, each with a link to the page that can still save it.
  function tellUnsaved() {
    const start = `${PREFIX}${user}.`;
    const found = new Map();
    for (const key of keys(start)) {
      const [kind, id] = key.slice(start.length).split(".");
      const place = list.dataset[kind]?.replace("/1/", `/${id}/`);
      const at = read(key)?.at;
      if (place && at) found.set(place, { kind, at: Math.max(at, found.get(place)?.at ?? 0) });
    }
    for (const [place, { kind, at }] of [...found].sort(([, a], [, b]) => b.at - a.at)) {
      const link = document.createElement("a");
      link.href = place;
      link.textContent = `${kind === "notes" ? "Notes of a meeting" : "A message"}, ${when(at)}`;
      const item = document.createElement("li");
      item.append(link);
      list.querySelector("ul").append(item);
    }
    list.hidden = !found.size;
  }

  // The store for one object, such as ("notes", 7). Tabs that must not overwrite each other use different slots.
  function open(kind, id) {
    const start = `${PREFIX}${user}.${kind}.${id}.`;
    bringOver(kind, id, start);
    return {
      // Slots with their entries; an entry is the text, and "at", in milliseconds since 1970.
      entries: () => keys(start).map((key) => [key.slice(start.length), read(key)]).filter(([, entry]) => entry),
      // Returns whether the text was stored: the storage may be full or disabled.
      write: (slot, entry) => write(start + slot, { at: Date.now(), ...entry }),
      remove: (slot) => remove(start + slot),
    };
  }

  // "14:05", or "3 May, 14:05" on another day.
  function when(at) {
    const moment = new Date(at);
    const time = moment.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
    if (moment.toDateString() === new Date().toDateString()) return time;
    return `${moment.toLocaleDateString("en-GB", { day: "numeric", month: "long" })}, ${time}`;
  }

  function keys(...starts) {
    return attempt((storage) => Object.keys(storage).filter((key) => starts.some((start) => key.startsWith(start)))) ?? [];
  }

  function read(key) {
    const entry = attempt((storage) => JSON.parse(storage.getItem(key)));
    return entry?.words && typeof entry.words === "object" ? entry : null;
  }

  function write(key, entry) {
    const kept = attempt((storage) => {
      storage.setItem(key, JSON.stringify(entry));
      return true;
    });
    return kept === true;
  }

  function remove(key) {
    attempt((storage) => storage.removeItem(key));
  }

  function attempt(act) {
    try {
      return act(localStorage);
    } catch {
      return null;
    }
  }

  // Move text stored by an earlier version to its new key. The old keys of notes contain no user, but only the owner of
  // a meeting can open its page and so request its id here.
  function bringOver(kind, id, start) {
    const old = { message: `mentorfolio.draft.${user}.${id}`, notes: `notes:${id}:` }[kind];
    for (const key of keys(old)) {
      const slot = key.slice(old.length);
      if (kind === "message" && slot) continue; // the key of another message whose id starts with the same digits
      const entry = read(key);
      if (!entry) continue;
      const moved = { ...entry, at: typeof entry.at === "number" ? entry.at : today(entry.at) };
      remove(key); // before storing, because full storage has no room for both
      if ((read(start + slot)?.at ?? 0) >= moved.at) continue;
      if (!write(start + slot, moved)) write(key, entry);
    }
  }

  // Notes of earlier versions have only the time of day, such as "14:05".
  function today(time) {
    const [hours, minutes] = String(time).split(":").map(Number);
    return new Date().setHours(hours, minutes, 0, 0) || Date.now();
  }

  function dropExpired() {
    const expired = (key) => !(read(key)?.at > Date.now() - EXPIRES_AFTER);
    keys(PREFIX, "mentorfolio.draft.").filter(expired).forEach(remove);
  }
})();
