// Verify an inclusion proof in the reader's own browser: RFC 9162, section 2.1.3.2, over the very
// bytes of the entry, and the Ed25519 signature of the checkpoint where the browser knows Ed25519.

const bytes = (base64) => Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
const unhex = (hex) => Uint8Array.from(hex.match(/../g) ?? [], (two) => parseInt(two, 16));
const hex = (some) => Array.from(some, (one) => one.toString(16).padStart(2, "0")).join("");

async function sha256(...parts) {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return new Uint8Array(await crypto.subtle.digest("SHA-256", joined));
}

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

/** The root that the path leads to, or null where the path cannot be one. BigInt: beyond 32 bits. */
export async function rootOf(entry, index, size, path) {
  let [fn, sn] = [BigInt(index), BigInt(size) - 1n];
  if (fn > sn) return null;
  let node = await sha256(LEAF, entry);
  for (const step of path) {
    if (sn === 0n) return null;
    if (fn & 1n || fn === sn) {
      node = await sha256(NODE, step, node);
      while (!(fn & 1n) && fn !== 0n) [fn, sn] = [fn >> 1n, sn >> 1n];
    } else {
      node = await sha256(NODE, node, step);
    }
    [fn, sn] = [fn >> 1n, sn >> 1n];
  }
  return sn === 0n ? node : null;
}

/** true or false; null where this browser does not know Ed25519. C2SP signed-note. */
export async function signed(note, verifier) {
  const [name, id, ...key] = verifier.split("+");
  const cut = note.indexOf("\n\n") + 1;
  const text = new TextEncoder().encode(note.slice(0, cut));
  const line = note.slice(cut + 1).split("\n").map((one) => one.split(" "))
    .find((one) => one[0] === "\u2014" && one[1] === name && hex(bytes(one[2]).slice(0, 4)) === id);
  if (!line) return false;
  try {
    const raw = bytes(key.join("+")).slice(1);
    const known = await crypto.subtle.importKey("raw", raw, "Ed25519", false, ["verify"]);
    return await crypto.subtle.verify("Ed25519", known, bytes(line[2]).slice(4), text);
  } catch {
    return null;
  }
}

/** What the checkpoint says, or null: the proof is worth nothing if the signed text says otherwise. */
function vouches(note, size, root) {
  const [, told, base64] = note.split("\n");
  return told === size && hex(bytes(base64)) === root;
}

async function verify(box) {
  const { raw, index, size, root, path, note, verifier } = box.dataset;
  const steps = path ? path.split(" ").map(unhex) : [];
  const found = await rootOf(bytes(raw), index, size, steps);
  if (!found || hex(found) !== root || !vouches(note, size, root)) return [box.dataset.fails, false];
  const by = await signed(note, verifier);
  if (by === false) return [box.dataset.forged, false];
  return [`${box.dataset.holds} ${by ? box.dataset.signed : box.dataset.unsigned}`, true];
}

for (const box of document.querySelectorAll("[data-proof]")) {
  // Only where the page is served safely does a browser compute hashes.
  if (!globalThis.crypto?.subtle) continue;
  box.hidden = false;
  box.querySelector("button").addEventListener("click", async () => {
    const output = box.querySelector("output");
    const [told, holds] = await verify(box);
    output.textContent = told;
    output.className = holds ? "met" : "stopped";
  });
}
