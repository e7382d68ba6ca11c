// A run as it goes. The words come from the server; without the stream the page stays as it was served.
const going = document.getElementById("going");
const ENDED = ["done", "budget", "down"];

const show = (told) => {
  for (const place of going.querySelectorAll("[data-said]")) {
    const words = told[place.dataset.said] ?? "";
    // Only what changed: else everything is read out twice a second.
    if (place.textContent !== words) place.textContent = words;
  }
  const bar = going.querySelector("progress");
  if (bar) {
    bar.max = told.total || 1;
    bar.value = told.done;
  }
};

const follow = () => {
  const stream = new EventSource(going.dataset.url);
  stream.addEventListener("going", (event) => {
    const told = JSON.parse(event.data);
    // What is to be done next stands on the page of the new state.
    if (told.state !== going.dataset.state) {
      stream.close();
      location.reload();
      return;
    }
    show(told);
  });
  addEventListener("pagehide", () => stream.close());
};

if (going && window.EventSource && !ENDED.includes(going.dataset.state)) follow();
