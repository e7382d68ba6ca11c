// What scripts add to every page: copy buttons and keys. Without them nothing is missing.
const root = document.body.dataset.root;

for (const button of document.querySelectorAll("button.copy")) {
  if (!navigator.clipboard) break;
  button.hidden = false;
  const said = button.textContent;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.textContent = document.body.dataset.copied;
    setTimeout(() => { button.textContent = said; }, 1500);
  });
}

const problems = document.getElementById("problems");
if (problems) problems.focus();

const typing = (element) => element.closest("input, textarea, select, [contenteditable]");
let leading = 0;

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  const search = document.querySelector("[data-search]");
  if (event.key === "/" && search) {
    event.preventDefault();
    search.focus();
  } else if (event.key === "/") {
    location.assign(`${root}obligations#q`);
  } else if (event.key === "?") {
    location.assign(`${root}glossary#keys`);
  } else if (event.key === "g") {
    leading = event.timeStamp;
  } else if (event.timeStamp - leading < 1200) {
    leading = 0;
    document.querySelector(`.side a[data-key="${CSS.escape(event.key)}"]`)?.click();
  }
});

if (location.hash === "#q") document.querySelector("[data-search]")?.focus();
