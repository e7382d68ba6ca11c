// Passkeys: ask the server what to ask, let the browser ask the device, send back what it says.
// Without this script a password and a code do the same.

const encode = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

const decode = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0));

const send = async (where, body, csrf) => {
  const response = await fetch(where, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRF-Token": csrf },
    body: JSON.stringify(body),
  });
  const told = await response.json();
  if (!response.ok) throw new Error(told.error?.[document.documentElement.lang.slice(0, 2)] ?? "");
  return told;
};

const ids = (list) => (list ?? []).map((one) => ({ ...one, id: decode(one.id) }));

const create = async (asked) => {
  const made = await navigator.credentials.create({
    publicKey: {
      ...asked,
      challenge: decode(asked.challenge),
      user: { ...asked.user, id: decode(asked.user.id) },
      excludeCredentials: ids(asked.excludeCredentials),
    },
  });
  return {
    id: made.id,
    rawId: encode(made.rawId),
    type: made.type,
    response: {
      clientDataJSON: encode(made.response.clientDataJSON),
      attestationObject: encode(made.response.attestationObject),
      transports: made.response.getTransports?.() ?? [],
    },
  };
};

const get = async (asked) => {
  const made = await navigator.credentials.get({
    publicKey: { ...asked, challenge: decode(asked.challenge), allowCredentials: ids(asked.allowCredentials) },
  });
  const { authenticatorData, clientDataJSON, signature, userHandle } = made.response;
  return {
    id: made.id,
    rawId: encode(made.rawId),
    type: made.type,
    response: {
      authenticatorData: encode(authenticatorData),
      clientDataJSON: encode(clientDataJSON),
      signature: encode(signature),
      userHandle: userHandle ? encode(userHandle) : null,
    },
  };
};

const button = document.getElementById("passkey");
const said = document.getElementById("passkey-said");

const act = async () => {
  const { ask, answer, way, csrf, next } = button.dataset;
  button.disabled = true;
  said.textContent = "";
  try {
    const asked = await send(ask, {}, csrf);
    const credential = way === "create" ? await create(asked) : await get(asked);
    const label = document.getElementById("label")?.value ?? "";
    const { to } = await send(answer, { credential, label, next }, csrf);
    location.assign(to);
  } catch (error) {
    // The browser's own words are neither translated nor meant for people.
    said.textContent = (error.name === "Error" && error.message) || said.dataset.failed;
    button.disabled = false;
  }
};

if (button && window.PublicKeyCredential) {
  button.hidden = false;
  button.addEventListener("click", act);
}
