// Hashes papers where they are: they never leave the browser. Without scripts hashes are written by hand.
const pick = document.getElementById("pick");
const field = document.getElementById("papers");

const hex = (bytes) => [...new Uint8Array(bytes)].map((one) => one.toString(16).padStart(2, "0")).join("");

if (pick && field && crypto.subtle) {
  pick.parentElement.hidden = false;
  pick.addEventListener("change", async () => {
    for (const file of pick.files) {
      const digest = hex(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
      const line = `${digest}  ${file.name.replace(/\s+/g, " ")}`;
      field.value = [field.value.trimEnd(), line].filter(Boolean).join("\n");
    }
    pick.value = "";
  });
}
