// The page as a whole: which part of it is seen, and the keys.
import { byId } from "./dom.js";
import * as board from "./board.js";
import * as list from "./list.js";
import * as product from "./product.js";
import { FILTERS, follow, go, onMove, place } from "./place.js";

const help = byId("help");
const PANES = { list: "products", product: "shown", why: "why" };

// Begin where the address says.
export function begin() {
  list.events.loaded = () => {
    if (place.product) return;
    if (list.chosen().id === undefined) product.nothing();
    else product.open();
  };
  follow();
}

// What is shown may be another now.
export function refresh() {
  list.reload();
  board.draw();
  if (place.product) product.open();
}

// On a narrow screen the three panes are three steps.
const step = () => (place.why ? "why" : place.product ? "product" : "list");

onMove((changed) => {
  document.body.classList.toggle("board-on", place.page === "board");
  const before = document.body.dataset.step;
  document.body.dataset.step = step();
  if (!before || before === step() || place.page || !matchMedia("(max-width: 900px)").matches) return;
  byId(PANES[step()]).focus();
  if (changed("product", "why")) scrollTo(0, 0);
});

function escape() {
  if (place.why) go({ why: "" });
  else if (place.page) go({ page: "" });
  else if (FILTERS.some((name) => place[name])) list.clear();
}

const KEYS = {
  j: () => list.step(1),
  k: () => list.step(-1),
  d: () => go({ page: place.page === "board" ? "" : "board" }),
  "?": () => help.showModal(),
  "/": () => { go({ page: "" }); byId("search").focus(); },
  Escape: escape,
  Enter: () => byId("shown").focus(),
};

document.addEventListener("keydown", (event) => {
  const { key, target } = event;
  if (event.ctrlKey || event.metaKey || event.altKey || help.open || !Object.hasOwn(KEYS, key)) return;
  const typing = target.matches("input, select, textarea");
  if (key === "Escape" && typing) return target.blur();
  if (typing || (key === "Enter" && target !== document.body && !target.matches("#search"))) return;
  event.preventDefault();
  KEYS[key]();
});
byId("keys").addEventListener("click", () => help.showModal());
byId("close-help").addEventListener("click", () => help.close());
