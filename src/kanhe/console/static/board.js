// One stop of the tab key for the whole board; arrows move on it. Without scripts each tally is a stop.
const tiles = [...document.querySelectorAll(".board .tile")];
const rows = [...document.querySelectorAll(".board .area")].map((area) => [...area.querySelectorAll(".tile")]);

const stop = (tile) => {
  for (const one of tiles) one.tabIndex = one === tile ? 0 : -1;
};
if (tiles.length) stop(tiles[0]);

const above = (tile, step) => {
  const row = rows.findIndex((one) => one.includes(tile));
  const next = rows[row + step];
  return next && next[Math.min(rows[row].indexOf(tile), next.length - 1)];
};

const next = (tile, key) => {
  const at = tiles.indexOf(tile);
  switch (key) {
    case "ArrowRight": return tiles[at + 1];
    case "ArrowLeft": return tiles[at - 1];
    case "ArrowDown": return above(tile, 1);
    case "ArrowUp": return above(tile, -1);
    case "Home": return tiles[0];
    case "End": return tiles.at(-1);
    default: return undefined;
  }
};

for (const tile of tiles) {
  tile.addEventListener("focus", () => stop(tile));
  tile.addEventListener("keydown", (event) => {
    const to = next(tile, event.key);
    if (!to) return;
    event.preventDefault();
    to.focus();
  });
}
