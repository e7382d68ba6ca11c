// Keys for labelling: 1, 2, 3 and U press or lead to their buttons, arrows move among the categories.
const keyed = new Map([...document.querySelectorAll("main [data-key]")].map((one) => [one.dataset.key, one]));
const said = document.querySelector("[data-label]");
const row = said ? [...said.querySelectorAll("fieldset button")] : [];
for (const hint of document.querySelectorAll("[data-keys]")) hint.hidden = false;

const press = (event) => {
  const button = keyed.get(event.key.toLowerCase());
  if (!button || event.repeat) return;
  event.preventDefault();
  // What it is has to be chosen: 2 only leads there.
  if (row.includes(button)) button.focus();
  else button.click();
};

const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
const move = (event) => {
  const at = row.indexOf(document.activeElement);
  const to = at < 0 ? undefined : row[at + step[event.key]];
  if (!to) return;
  event.preventDefault();
  to.focus();
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key in step) move(event);
  else press(event);
});

// Pressed twice is said once.
said?.addEventListener("submit", () => {
  setTimeout(() => { for (const one of said.querySelectorAll("button")) one.disabled = true; });
});
