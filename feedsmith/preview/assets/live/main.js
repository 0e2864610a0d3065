// The live page: its data comes from the server, which tells what is new.
import { begin, refresh } from "../page/bench.js";
import { byId, figure, make, told, word } from "../page/dom.js";
import { drawFeeds } from "../page/feeds.js";
import { offer } from "../page/list.js";
import { go, place } from "../page/place.js";
import { countedAs, offerRecords } from "../page/records.js";
import { source } from "../page/source.js";
import { ask, faults, send } from "./ask.js";
import { trial } from "./try.js";

const day = byId("day");
const against = byId("against");
let last = "";

Object.assign(source, {
  products: (filters, start, size) => ask("/api/products", { ...filters, feeds: filters.feeds.join(","), start, size }),
  product: (number, id, { record, feeds, places }) =>
    ask("/api/product", { number, id, record, feeds: feeds.join(","), places: JSON.stringify(places) }),
  board: (feeds) => ask("/api/board", { feeds: feeds.join(",") }),
  trial,
  downloads: true,
});

async function state() {
  let found;
  try {
    found = await ask("/api/state");
  } catch {
    return;
  }
  document.title = `${found.name}: feedsmith`;
  byId("name").textContent = found.name;
  clock(found);
  wrong(found.error);
  byId("dot").className = found.error ? "wrong" : found.busy ? "busy" : "";
  byId("status").textContent = status(found);
  if (!found.feeds.length) {
    byId("count").textContent = found.error ? word("Nothing can be shown until that is mended.") : word("Reading the catalog");
    return;
  }
  offerRecords(found.records, found.feeds);
  drawFeeds(found.feeds, found.against.changes?.figures);
  offer(found.codes, found.categories);
  compared(found.against);
  const seen = `${found.number} ${found.progress.products} ${found.progress.whole} ${found.against.what} ${found.against.ready} ${found.against.changes?.ready}`;
  if (seen === last) return;
  if (last) refresh();
  else begin();
  last = seen;
}

function status(found) {
  const { progress } = found;
  if (!progress) return "";
  if (progress.whole || !found.busy) return countedAs(progress.products, found.records[0][0]);
  const share = progress.total ? Math.floor((100 * progress.done) / progress.total) : 0;
  return word("Reading: {products} products, {share} %", { products: figure(progress.products), share });
}

function wrong(error) {
  const box = byId("error");
  box.hidden = !error;
  if (!error) return;
  box.replaceChildren(make("h2", { text: word("What is wrong with the project") }), ...faults(error.errors),
    make("p", { text: word("The last good state is shown below.") }));
}

// --- the day that is looked at

const today = () => new Date().toLocaleDateString("sv"); // as 2026-11-27

function clock(found) {
  const looked = found.clock ?? today();
  if (document.activeElement !== day) day.value = looked;
  byId("another-day").hidden = looked === today();
  const written = new Intl.DateTimeFormat(told.language, { dateStyle: "full", timeZone: "UTC" }).format(new Date(`${looked}T00:00Z`));
  byId("as-on").textContent = word("as on {day}", { day: written });
}

async function look(value) {
  try {
    await send("/api/clock", { day: value });
  } catch (error) {
    if (error.errors) wrong({ errors: error.errors });
  }
}

day.addEventListener("change", () => { if (day.value) look(day.value === today() ? "" : day.value); });
byId("today").addEventListener("click", () => {
  day.focus();
  day.blur();
  look("");
});

// --- what is compared with

// What is compared with, as the server has it; one that the list has not yet is asked for.
function compared(then) {
  byId("comparing").textContent = comparing(then);
  byId("by-change").hidden = !then.changes?.ready;
  if (!then.changes && place.change) go({ change: "" });
  if (document.activeElement === against || against.value === then.what) return;
  if (![...against.options].some((one) => one.value === then.what)) offerOthers(then.what);
  else against.value = then.what;
}

function comparing(then) {
  if (!then.ready) return word("Reading {name}: {number} items", { name: then.name, number: figure(then.items) });
  const problem = then.problem || then.changes?.problem;
  if (problem || !then.changes || then.changes.ready) return problem ?? "";
  return word("Comparing: {share} %", { share: Math.floor(100 * then.changes.done) });
}

async function offerOthers(chosen) {
  const { choices } = await ask("/api/comparisons");
  const key = JSON.stringify(choices);
  if (against.dataset.key !== key) against.replaceChildren(...choices.map(([value, text]) => make("option", { value, text })));
  against.dataset.key = key;
  against.value = chosen;
}

against.addEventListener("focus", () => offerOthers(against.value));
against.addEventListener("change", async () => {
  try {
    await send("/api/compare", { what: against.value });
  } catch (error) {
    if (error.errors) wrong({ errors: error.errors });
  }
  against.blur();
});

// --- pictures: the page comes again with leave to load them

byId("pictures")?.addEventListener("click", (event) => {
  event.preventDefault();
  location.assign(`${event.currentTarget.getAttribute("href")}${location.hash}`);
});

// --- what is new

const events = new EventSource("/api/events");
for (const name of ["hello", "state", "progress", "error"]) {
  events.addEventListener(name, (event) => {
    if (event.data !== undefined) state();
    else {
      byId("dot").className = "wrong";
      byId("status").textContent = word("connection lost; start feedsmith preview again");
    }
  });
}
state();
