// A form with data-passkey asks the browser for a passkey before it is sent: "create" makes one, "get" uses one.
// The question is in data-passkey-options, or is fetched from data-passkey-options-at; the answer goes into the field
// "credential", both as JSON with binary values in base64url. Such a form is hidden in the HTML, because it needs this
// script and a browser that has passkeys; what has data-passkey-missing says so instead.
const able = Boolean(window.PublicKeyCredential && navigator.credentials);

for (const missing of document.querySelectorAll("[data-passkey-missing]")) missing.hidden = able;

for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!able) break;
  form.hidden = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (form.dataset.passkeyAsking) return;
    form.dataset.passkeyAsking = "1";
    ask(form).finally(() => delete form.dataset.passkeyAsking);
  });
}

async function ask(form) {
  const said = form.querySelector("[data-passkey-said]");
  said.hidden = true;
  try {
    const { publicKey } = await optionsOf(form);
    const credential =
      form.dataset.passkey === "create"
        ? await navigator.credentials.create({ publicKey: toCreate(publicKey) })
        : await navigator.credentials.get({ publicKey: toGet(publicKey) });
    form.elements.credential.value = JSON.stringify(toSend(credential));
    form.submit();
  } catch (error) {
    said.textContent = inWords(error, form.dataset.passkey);
    said.hidden = false;
  }
}

async function optionsOf(form) {
  if (form.dataset.passkeyOptions) return JSON.parse(form.dataset.passkeyOptions);
  const answer = await fetch(form.dataset.passkeyOptionsAt, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`${answer.status}`);
  return (await answer.json()).request_options;
}

function inWords(error, act) {
  const creating = act === "create";
  if (error.name === "NotAllowedError") {
    return creating
      ? "No passkey was made: it was cancelled, or took too long. Press the button to try again."
      : "No passkey was used: it was cancelled, took too long, or this device has none for this site. Try again, or sign in another way.";
  }
  if (error.name === "InvalidStateError" && creating) {
    return "This device already has a passkey for your account. Use that one, or choose another device or key.";
  }
  if (error.name === "SecurityError") {
    return "Passkeys work only at this site’s own address. Check the address at the top of your browser.";
  }
  if (["NotSupportedError", "ConstraintError"].includes(error.name)) {
    return "This device or key can’t keep a passkey that asks for your finger, face or PIN. Try another.";
  }
  return "That didn’t work, and nothing was changed. Check your connection, then try again.";
}

function toCreate(options) {
  return {
    ...options,
    challenge: toBytes(options.challenge),
    user: { ...options.user, id: toBytes(options.user.id) },
    excludeCredentials: (options.excludeCredentials ?? []).map(withBytes),
  };
}

function toGet(options) {
  return {
    ...options,
    challenge: toBytes(options.challenge),
    allowCredentials: (options.allowCredentials ?? []).map(withBytes),
  };
}

function withBytes(credential) {
  return { ...credential, id: toBytes(credential.id) };
}

function toSend(credential) {
  const response = {};
  for (const part of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[part]) response[part] = toText(credential.response[part]);
  }
  return {
    id: credential.id,
    rawId: toText(credential.rawId),
    type: credential.type,
    response,
    clientExtensionResults: credential.getClientExtensionResults(),
  };
}

function toBytes(text) {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

function toText(buffer) {
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
