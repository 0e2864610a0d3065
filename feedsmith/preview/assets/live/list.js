// The products on the left: search, filters, pages, j and k.
import { ask, byId, figure, make, told, word } from "./dom.js";

const form = byId("filters");
const list = byId("products");
const more = byId("more");
export const state = { rows: [], count: 0, chosen: null, id: "", feeds: [], open: () => {} };
let asked = 0;

const filters = () => ({
  text: form.text.value, severity: form.severity.value, state: form.state.value, code: form.code.value,
  category: form.category.value, change: form.change.value, feed: state.feeds[0] ?? "",
});

export async function load(start = 0, size = 50) {
  const turn = ++asked;
  let found;
  try {
    found = await ask("/api/products", { ...filters(), start, size });
  } catch {
    return;
  }
  if (turn !== asked) return; // a later question is under way
  state.rows = start ? [...state.rows, ...found.rows] : found.rows;
  state.count = found.count;
  draw();
  if (state.chosen === null && state.rows.length) openRow(state.rows[0]);
}

// What names a row: a product's number, or that of an item that the catalog has no more.
export const keyOf = (one) => (one.item === undefined ? one.number : `item ${one.item}`);

const openRow = (one) => state.open(one.number, one.id, one.item);

export function openFirst() {
  state.chosen = null;
  return load();
}

// The same stretch again, after something changed.
export const reload = () => load(0, Math.max(50, state.rows.length));

function mark(row) {
  for (const [severity, number] of [["error", row.errors], ["warning", row.warnings], ["info", row.infos]]) {
    if (number) return make("span", { class: `n ${severity}`, text: figure(number), title: word(severity) });
  }
  return make("span", { class: "n good", text: word("ready") });
}

function row(one) {
  const about = [one.id, one.brand, one.price].filter(Boolean).join(" · ");
  const text = make("span", { class: "name" }, make("b", { text: one.title || one.id || "–", dir: "auto" }),
    make("small", { text: about, dir: "auto" }));
  const picture = told.pictures && /^https?:/.test(one.image_link)
    ? make("img", { src: one.image_link, alt: "", loading: "lazy", referrerpolicy: "no-referrer" }) : null;
  const lost = one.item !== undefined;  // an item of a feed as it was, which the catalog has no more
  const button = make("button", { type: "button", "data-number": lost ? null : one.number, "data-item": lost ? one.item : null, "data-id": one.id },
    picture, text, lost ? make("span", { class: "n info", text: word("gone") }) : mark(one));
  if (keyOf(one) === state.chosen) button.setAttribute("aria-current", "true");
  return make("li", {}, button);
}

function draw() {
  list.replaceChildren(...state.rows.map(row));
  byId("count").textContent = state.count
    ? word(state.count === 1 ? "1 product" : "{number} products", { number: figure(state.count) })
    : word("Nothing fits these filters.");
  more.hidden = state.rows.length >= state.count;
}

export function choose(product) {
  state.chosen = keyOf(product);
  state.id = product.id;
  for (const button of list.querySelectorAll("button")) {
    if (keyOfButton(button) === state.chosen) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
  }
}

const keyOfButton = ({ dataset }) => (dataset.item === undefined ? Number(dataset.number) : `item ${dataset.item}`);

// Changes can be asked for as soon as all are known.
export function offerChanges(ready) {
  byId("by-change").hidden = !ready;
  if (ready || !form.change.value) return;
  form.change.value = "";
  load();
}

export function offer(codes, categories) {
  fill(form.code, codes.map(([code, title, number]) => [code, `${title} (${figure(number)})`]));
  fill(form.category, categories.map(([name, number]) => [name, `${name} (${figure(number)})`]));
}

function fill(select, options) {
  const kept = select.value;
  const key = JSON.stringify(options);
  if (select.dataset.key === key) return;
  select.dataset.key = key;
  select.replaceChildren(select.options[0], ...options.map(([value, text]) => make("option", { value, text })));
  if (kept && !options.some(([value]) => value === kept)) select.append(make("option", { value: kept, text: kept }));
  select.value = kept;
}

export function filterBy(code) {
  form.reset();
  form.code.value = code;
  if (form.code.value !== code) {
    form.code.append(make("option", { value: code, text: code }));
    form.code.value = code;
  }
  return load();
}

let waiting;
form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(() => load(), 120);
});
more.addEventListener("click", () => load(state.rows.length));
list.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  const row = button && state.rows.find((one) => keyOf(one) === keyOfButton(button));
  if (row) openRow(row);
});
document.addEventListener("keydown", (event) => {
  if (event.target.matches("input, select, textarea") || event.ctrlKey || event.metaKey || event.altKey) return;
  const at = state.rows.findIndex((one) => keyOf(one) === state.chosen);
  const next = { j: at + 1, k: at - 1 }[event.key];
  if (next !== undefined && state.rows[next]) {
    openRow(state.rows[next]);
    list.querySelectorAll("button")[next]?.scrollIntoView({ block: "nearest" });
  } else if (event.key === "/") {
    event.preventDefault();
    form.text.focus();
  }
});
