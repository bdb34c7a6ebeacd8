// A word about a new password, below its field. The server judges, so that this word and the answer to the form never
// differ; it is asked once typing rests, and not before the password is long enough.
const PAUSE = 700; // milliseconds
const MOST = 1000; // characters; a longer one is refused anyway

// A word that appears moves what is below it, and a button that moves away while it is pressed is missed: words wait.
let released = Promise.resolve();
document.addEventListener("pointerdown", () => {
  released = new Promise((resolve) => {
    for (const end of ["pointerup", "pointercancel"]) {
      document.addEventListener(end, () => setTimeout(resolve), { once: true });
    }
  });
}, { capture: true });

for (const field of document.querySelectorAll("input[data-strength]")) watch(field);

function watch(field) {
  const voice = document.createElement("p");
  voice.className = "field-hint strength";
  voice.setAttribute("role", "status");
  field.after(voice);
  let timer;
  let asked = "";

  field.addEventListener("input", () => {
    clearTimeout(timer);
    asked = "";
    voice.replaceChildren();
    timer = setTimeout(ask, PAUSE);
  });
  field.addEventListener("change", ask);

  async function ask() {
    clearTimeout(timer);
    const password = field.value;
    if (!password || password === asked) return;
    asked = password;
    const missing = field.minLength - [...password].length;
    if (missing > 0) return say("Too short", `${missing} more ${missing === 1 ? "character" : "characters"} to go.`);
    const verdict = await judged(field, password);
    if (verdict && field.value === password) say(verdict.word, verdict.why);
  }

  async function say(word, why) {
    const said = field.value;
    await released;
    if (field.value !== said) return;
    const strong = document.createElement("strong");
    strong.textContent = `${word}.`;
    voice.replaceChildren(strong, why ? ` ${why}` : "");
  }
}

// Null if there is no answer: the form's own answer is enough then.
async function judged(field, password) {
  const { name, email, csrfmiddlewaretoken } = field.form.elements;
  const body = new URLSearchParams({
    password: password.slice(0, MOST),
    name: name?.value ?? "",
    email: email?.value ?? "",
    for: field.dataset.strengthFor ?? "",
    csrfmiddlewaretoken: csrfmiddlewaretoken.value,
  });
  try {
    const answer = await fetch(field.dataset.strength, { method: "POST", body });
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}
