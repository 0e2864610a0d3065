// The products or other records on the left: search, filters, pages.
import { byId, figure, make, told, visible, word } from "./dom.js";
import { feedsChosen, FILTERS, go, onMove, place } from "./place.js";
import { countedAs, record } from "./records.js";
import { source } from "./source.js";

const form = byId("filters");
const list = byId("products");
const more = byId("more");
const active = byId("active");
const SIZE = 50;
const found = { rows: [], count: 0 };
let asked = 0;
let marked = null; // the number of the product that is shown
export const events = { loaded: () => {} }; // called when the list begins anew

// The product that the place names, else the first one.
export const chosen = () => (place.product ? { number: place.number, id: place.product } : found.rows[0] ?? {});

export async function load(start = 0, size = SIZE) {
  const turn = ++asked;
  const filters = Object.fromEntries(FILTERS.map((name) => [name, place[name]]));
  let page;
  try {
    page = await source.products({ ...filters, record: record(), feeds: feedsChosen() }, start, size);
  } catch {
    return;
  }
  if (turn !== asked) return; // a later question is under way
  found.rows = start ? [...found.rows, ...page.rows] : page.rows;
  found.count = page.count;
  draw();
  if (!start) events.loaded();
}

// The same stretch again, after something changed.
export const reload = () => load(0, Math.max(SIZE, found.rows.length));

function draw() {
  list.replaceChildren(...found.rows.map(row));
  byId("count").textContent = found.count ? countedAs(found.count) : word("Nothing fits these filters.");
  more.hidden = found.rows.length >= found.count;
  mark(marked);
}

function row(one) {
  const about = [one.id, one.brand].filter(Boolean).join(" · ");
  const title = one.title || one.id || "–";
  const picture = told.pictures && /^https?:/.test(one.image_link)
    ? make("img", { src: one.image_link, alt: "", loading: "lazy", referrerpolicy: "no-referrer" }) : null;
  const hover = visible([title, about, one.price].filter(Boolean).join("\n"));
  return make("li", {}, make("button", { type: "button", "data-number": one.number, "data-id": one.id, title: hover }, picture,
    make("b", { text: title, dir: "auto" }), badge(one),
    make("small", { class: "about", text: about, dir: "auto" }), make("small", { class: "price", text: one.price })));
}

function badge(one) {
  if (one.change) return make("span", { class: "n info", text: word(one.change) });
  for (const [severity, number] of [["error", one.errors], ["warning", one.warnings], ["info", one.infos]]) {
    if (number) return make("span", { class: `n ${severity}`, text: figure(number) }, make("span", { class: "unseen", text: ` ${word(severity)}` }));
  }
  return make("span", { class: "n good", text: word("ready") });
}

export function mark(number) {
  marked = number;
  for (const button of list.querySelectorAll("button")) {
    if (button.dataset.number === String(number)) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
  }
}

// Go so many products further; the way back does not stop at each.
export function step(by) {
  const now = list.querySelector("[aria-current]");
  const at = now ? found.rows.findIndex((one) => String(one.number) === now.dataset.number) : -1;
  const next = found.rows[at + by];
  if (!next) return;
  go({ product: next.id, number: String(next.number) }, true);
  list.querySelector(`[data-number="${next.number}"]`)?.scrollIntoView({ block: "nearest" });
}

// --- filters

const offered = { codes: [], categories: [] };

// `codes`: code, title, number, and the kinds of records that have it, none where that is not known.
export function offer(codes, categories) {
  Object.assign(offered, { codes, categories });
  fillAll();
  show();
}

function fillAll() {
  const here = ([, , , records]) => !records.length || records.includes(record());
  fill("code", offered.codes.filter(here).map(([code, title, number]) => [code, `${title} (${figure(number)})`]));
  fill("category", offered.categories.map(([name, number]) => [name, `${name} (${figure(number)})`]));
  form.elements.category.closest("label").hidden = record() !== "product";
}

function fill(name, options) {
  const select = form.elements[name];
  const key = JSON.stringify(options);
  if (select.dataset.key === key) return;
  select.dataset.key = key;
  select.replaceChildren(select.options[0], ...options.map(([value, text]) => make("option", { value, text })));
}

// The form as the place is, and what is chosen, each with a way to drop it.
function show() {
  const chips = [];
  for (const name of FILTERS) {
    const control = form.elements[name];
    const value = place[name];
    if (control.tagName === "SELECT" && value && ![...control.options].some((one) => one.value === value)) {
      control.append(make("option", { value, text: value }));
    }
    if (control !== document.activeElement || control.tagName === "SELECT") control.value = value;
    if (value) chips.push(chip(name, control));
  }
  if (chips.length > 1) chips.push(make("button", { type: "button", class: "chip", text: word("Clear all"), onclick: clear }));
  active.replaceChildren(...chips);
  active.hidden = !chips.length;
}

function chip(name, control) {
  const label = control.tagName === "SELECT" ? control.selectedOptions[0].textContent : `“${control.value}”`;
  return make("button", { type: "button", class: "chip on", "data-filter": name, "aria-label": word("Clear {filter}", { filter: label }),
    onclick: () => { if (name === "text") control.value = ""; go({ [name]: "" }); } }, visible(label), " ×");
}

export const clear = () => {
  form.elements.text.value = "";
  go(Object.fromEntries(FILTERS.map((name) => [name, ""])));
};

let waiting;
form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("input", (event) => {
  clearTimeout(waiting);
  const typed = event.target.name === "text";
  const move = () => go(Object.fromEntries(FILTERS.map((name) => [name, form.elements[name].value])), typed);
  if (typed) waiting = setTimeout(move, 120);
  else move();
});
more.addEventListener("click", () => load(found.rows.length));
list.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button) go({ product: button.dataset.id, number: button.dataset.number });
});
onMove((changed) => {
  if (changed("record")) fillAll();
  if (changed("record", ...FILTERS)) show();
  if (changed("record", "feeds", ...FILTERS)) load();
});
