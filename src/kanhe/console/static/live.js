// What happens, as it happens. Where the stream is not there, the page stays as it was served.
const list = document.getElementById("live");
const note = document.getElementById("live-note");
const MOST = 12;

const line = (told) => {
  const item = document.createElement("li");
  const time = document.createElement("time");
  const now = new Date();
  time.dateTime = now.toISOString();
  time.textContent = now.toLocaleTimeString([], { hour12: false });
  const word = document.createElement("b");
  word.className = told.tag.endsWith(":stopped") ? "stopped" : "soon";
  word.textContent = list.dataset[told.tag.split(":").pop()] ?? told.tag;
  if (told.judged?.why) {
    // Nothing was found: nobody could look.
    word.className = "soon";
    word.textContent += list.dataset.unseen;
  }
  const link = document.createElement("a");
  link.href = told.decision ? `${list.dataset.decisions}/${encodeURIComponent(told.decision)}` : list.dataset.decisions;
  // As text, never as HTML: names of rules are written by people.
  link.textContent = told.rule || told.code || told.decision || told.tag;
  item.append(time, " ", word, " ", link);
  return item;
};

const count = (entries) => {
  for (const cell of document.querySelectorAll("[data-count]")) {
    const tags = cell.dataset.count.split(" ");
    cell.textContent = tags.reduce((sum, tag) => sum + (entries[tag] ?? 0), 0).toLocaleString("en");
  }
  document.getElementById("live-counts").hidden = false;
};

const follow = () => {
  const stream = new EventSource(list.dataset.url);
  stream.addEventListener("open", () => { note.textContent = list.dataset.quiet; });
  stream.addEventListener("counts", (event) => count(JSON.parse(event.data).entries));
  stream.addEventListener("decision", (event) => {
    list.prepend(line(JSON.parse(event.data)));
    while (list.children.length > MOST) list.lastElementChild.remove();
    note.hidden = true;
  });
  addEventListener("pagehide", () => stream.close());
};

if (list && window.EventSource) follow();
