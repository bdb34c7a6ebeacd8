// The page for use during a conversation: a clock, keyboard shortcuts, and a sidebar that updates without a reload.
clockwork(document.querySelector("[data-timer]"));
keys(document.querySelector("[data-keys]"));
live(document.querySelector("[data-live]"));

function clockwork(timer) {
  if (!timer) return;
  const words = timer.querySelector("[data-timer-words]");
  const start = timer.querySelector("[data-timer-start]");
  const length = Number(timer.dataset.minutes);
  const planned = Date.parse(timer.dataset.begins);
  const key = `began:${location.pathname}`;
  const near = Date.now() > planned - 15 * 60_000 && Date.now() < planned + (length + 60) * 60_000;
  let began = Number(attempt(() => sessionStorage.getItem(key))) || (near ? planned : 0);
  start.hidden = Boolean(began);
  start.addEventListener("click", () => {
    began = Date.now();
    attempt(() => sessionStorage.setItem(key, began));
    start.hidden = true;
    tell();
  });
  tell();
  setInterval(tell, 10_000);

  function tell() {
    if (!began) return;
    const past = Math.floor((Date.now() - began) / 60_000);
    if (past < 0) words.textContent = `begins in ${-past} min`;
    else if (past < length) words.textContent = `${past} of ${length} minutes`;
    else words.textContent = past === length ? "time to close" : `${past - length} min over`;
    timer.classList.toggle("is-late", past >= length - 5);
  }
}

function keys(list) {
  if (!list) return;
  const on = list.querySelector("[data-keys-on]");
  list.hidden = false;
  on.checked = attempt(() => localStorage.getItem("talk-keys")) !== "off";
  on.addEventListener("change", () => attempt(() => localStorage.setItem("talk-keys", on.checked ? "on" : "off")));
  document.addEventListener("keydown", (event) => {
    const field = event.target.closest("input, textarea, select");
    if (event.key === "Escape") field?.blur();
    if (field || !on.checked || event.ctrlKey || event.metaKey || event.altKey) return;
    const pressed = {
      n: () => document.querySelector('[data-focus="n"] textarea'),
      s: () => document.querySelector('[data-focus="s"] textarea'),
      a: () => document.querySelector('[data-key="a"]'),
      p: () => document.querySelector("[data-point]"),
    }[event.key];
    if (pressed) {
      event.preventDefault();
      pressed()?.focus();
    } else if (event.key === "?") {
      event.preventDefault();
      list.open = !list.open;
    }
  });
}

// Send forms in the background and replace only the changed part of the page, so that the notes stay untouched.
function live(side) {
  side?.addEventListener("submit", async (event) => {
    event.preventDefault();
    const form = event.target;
    const data = new FormData(form, event.submitter);
    if (!event.submitter?.name && form.querySelector("button[name]")) {
      const first = form.querySelector("button[name]");
      data.set(first.name, first.value);
    }
    const place = [...side.querySelectorAll("form")].indexOf(form);
    try {
      const answer = await fetch(form.action, { method: "POST", body: data });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.querySelector("[data-live]");
      if (!answer.ok || !fresh) throw new Error(answer.status);
      side.replaceChildren(...fresh.childNodes);
      const again = side.querySelectorAll("form")[place];
      (again?.querySelector("input[data-key]") ?? again?.querySelector("button"))?.focus();
    } catch {
      tell(form, "That did not go through. What you wrote is still here; please press again.");
    }
  });
}

function tell(form, words) {
  const said = form.querySelector(".field-error") ?? document.createElement("p");
  said.className = "field-error";
  said.setAttribute("role", "alert");
  said.textContent = words;
  form.append(said);
}

// The browser's storage may be full or disabled; then this page works, but forgets its clock and its switch.
function attempt(act) {
  try {
    return act();
  } catch {
    return null;
  }
}
