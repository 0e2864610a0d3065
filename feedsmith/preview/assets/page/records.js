// The kinds of records that the project has: a choice above the list, where there is more than one.
import { byId, counted, figure, make, word } from "./dom.js";
import { feedsChosen, go, onMove, place } from "./place.js";

const KINDS = {
  product: { title: "Products", one: "1 product", many: "{number} products", back: "Product" },
  promotion: { title: "Promotions", one: "1 promotion", many: "{number} promotions", back: "Promotion" },
  review: { title: "Reviews", one: "1 review", many: "{number} reviews", back: "Review" },
};
const box = byId("records");
const known = { names: ["product"], feeds: {} };

// The kind that the reader looks at, and of which kind the items of a feed are.
export const record = () => (known.names.includes(place.record) ? place.record : known.names[0]);
export const recordOf = (feed) => known.feeds[feed] ?? record();
export const titleOf = (name = record()) => word(KINDS[name].title);
export const backTo = () => word(KINDS[record()].back);
export const countedAs = (number, name = record()) => counted(number, KINDS[name].one, KINDS[name].many);

// `records`: name and number of each kind; `feeds`: { name, record } of each.
export function offerRecords(records, feeds) {
  known.names = records.map(([name]) => name);
  known.feeds = Object.fromEntries(feeds.map((feed) => [feed.name, feed.record]));
  box.hidden = records.length < 2;
  const focused = box.contains(document.activeElement) ? document.activeElement.dataset.record : null;
  box.replaceChildren(...records.map(([name, number]) => make("button", { type: "button", class: "chip", "data-record": name },
    `${titleOf(name)} `, make("small", { text: figure(number) }))));
  if (focused) box.querySelector(`[data-record="${focused}"]`)?.focus();
  press();
}

// The part of the place that names a kind; the first one needs no name.
export const placeOf = (name) => (name === known.names[0] ? "" : name);

// What the place becomes when another kind is looked at: its feeds stay chosen, no others.
export const toRecord = (name) => ({
  record: placeOf(name), category: "", product: "", number: "", why: "",
  feeds: feedsChosen().filter((feed) => recordOf(feed) === name).join(","),
});

function press() {
  for (const one of box.querySelectorAll("button")) one.setAttribute("aria-pressed", String(one.dataset.record === record()));
  box.closest("section").setAttribute("aria-label", titleOf());
}

box.addEventListener("click", (event) => {
  const name = event.target.closest("button")?.dataset.record;
  if (name !== undefined && name !== record()) go(toRecord(name));
});
onMove((changed) => { if (changed("record")) press(); });
