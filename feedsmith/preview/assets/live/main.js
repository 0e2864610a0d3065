// The live page: the header, what is new, what is wrong.
import * as board from "./board.js";
import { ask, byId, faults, figure, make, send, word } from "./dom.js";
import * as list from "./list.js";
import * as product from "./product.js";

const day = byId("day");
const against = byId("against");
let number = -1;
let last = "";

async function refresh() {
  let found;
  try {
    found = await ask("/api/state");
  } catch {
    return;
  }
  document.title = `${found.name}: feedsmith`;
  byId("name").textContent = found.name;
  if (document.activeElement !== day) day.value = found.clock ?? "";
  wrong(found.error);
  byId("dot").className = found.error ? "wrong" : found.busy ? "busy" : "";
  byId("status").textContent = status(found);
  if (!found.feeds.length) return;
  chips(found.feeds);
  list.offer(found.codes, found.categories);
  compared(found.against);
  const seen = `${found.number} ${found.progress.products} ${found.progress.whole} ${found.against.what} ${found.against.ready}`;
  if (seen !== last) {
    last = seen;
    await list.reload();
    board.draw();
    if (found.number !== number || found.progress.whole) product.reopen();
    number = found.number;
  }
}

function status(found) {
  const { progress } = found;
  if (!progress) return "";
  const products = figure(progress.products);
  if (progress.whole || !found.busy) return word("{number} products", { number: products });
  const share = progress.total ? Math.floor((100 * progress.done) / progress.total) : 0;
  return word("Reading: {products} products, {share} %", { products, share });
}

// What is compared with, as the server has it; one that the list has not yet is asked for.
function compared(told) {
  byId("comparing").textContent = told.ready ? told.problem
    : word("Reading {name}: {number} items", { name: told.name, number: figure(told.items) });
  if (document.activeElement === against || against.value === told.what) return;
  if (![...against.options].some((one) => one.value === told.what)) offer(told.what);
  else against.value = told.what;
}

async function offer(chosen) {
  const { choices } = await ask("/api/comparisons");
  const key = JSON.stringify(choices);
  if (against.dataset.key !== key) against.replaceChildren(...choices.map(([value, text]) => make("option", { value, text })));
  against.dataset.key = key;
  against.value = chosen;
}

function wrong(error) {
  const box = byId("error");
  box.hidden = !error;
  if (!error) return;
  box.replaceChildren(make("h2", { text: word("What is wrong with the project") }), ...faults(error.errors),
    make("p", { text: word("The last good state is shown below.") }));
}

function chips(feeds) {
  byId("feeds").replaceChildren(...feeds.map((feed) => {
    const figures = make("small", { text: feed.waiting ? word("working on it") : figure(feed.in) });
    if (feed.rejected) figures.append(" · ", make("span", { class: "bad", text: figure(feed.rejected) }, make("span", { class: "unseen", text: ` ${word("rejected")}` })));
    const button = make("button", { type: "button", class: "chip", "data-feed": feed.name, title: feed.failed || feed.channel,
      "aria-pressed": String(list.state.feeds.includes(feed.name)) }, document.createTextNode(`${feed.name} `), figures);
    return make("li", {}, button);
  }));
}

byId("feeds").addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  const name = button.dataset.feed;
  const on = !list.state.feeds.includes(name);
  list.state.feeds = on ? [...list.state.feeds, name] : list.state.feeds.filter((one) => one !== name);
  button.setAttribute("aria-pressed", String(on));
  list.load();
  product.reopen();
});

day.addEventListener("change", async () => {
  try {
    await send("/api/clock", { day: day.value });
  } catch (error) {
    if (error.errors) wrong({ errors: error.errors });
  }
});

against.addEventListener("focus", () => offer(against.value));
against.addEventListener("change", async () => {
  try {
    await send("/api/compare", { what: against.value });
  } catch (error) {
    if (error.errors) wrong({ errors: error.errors });
  }
  against.blur();
});

const events = new EventSource("/api/events");
for (const name of ["hello", "state", "progress", "error"]) {
  events.addEventListener(name, (event) => {
    if (event.data !== undefined) refresh();
    else {
      byId("dot").className = "wrong";
      byId("status").textContent = word("connection lost; start feedsmith preview again");
    }
  });
}
refresh();
