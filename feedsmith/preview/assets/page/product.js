// The product in the middle: its cards in the chosen feeds, side by side, and what goes into each feed.
import { loadPictures } from "./cards.js";
import { byId, make, word } from "./dom.js";
import { feedPart } from "./feed.js";
import { issues } from "./issues.js";
import * as list from "./list.js";
import { feedsChosen, go, onMove, place } from "./place.js";
import { placesChosen } from "./places.js";
import { record, titleOf } from "./records.js";
import { source } from "./source.js";
import { explain, forget } from "./why.js";

const shown = byId("shown");
let product = null;
let asked = 0;

// Show the product that the place names, or else the first of the list.
export async function open() {
  const { number, id } = list.chosen();
  if (id === undefined) return;
  const turn = ++asked;
  shown.setAttribute("aria-busy", "true");
  let found;
  try {
    found = await source.product(number, id, { record: record(), feeds: feedsChosen(), places: placesChosen() });
  } catch (error) {
    if (turn === asked && error.errors) nothing(error.errors[0]?.problem);
    return;
  }
  if (turn !== asked) return;
  shown.removeAttribute("aria-busy");
  const same = product?.id === found.id && product.record === found.record;
  product = found;
  list.mark(found.number);
  draw(same);
}

// Nothing fits, or the product is gone.
export function nothing(text) {
  product = null;
  asked += 1;
  shown.removeAttribute("aria-busy");
  shown.replaceChildren(make("p", { class: "soft", text: text ?? word("No product is chosen.") }));
  forget();
}

function draw(same) {
  const scroll = same ? shown.scrollTop : 0;
  const focused = document.activeElement?.dataset.places;
  const before = product.before;
  const parts = [
    make("button", { type: "button", class: "chip back", text: `‹ ${titleOf()}`, onclick: () => go({ product: "", number: "", why: "" }) }),
    make("h2", { text: product.title || product.id, dir: "auto" }),
    make("p", { class: "soft", text: `${product.id} · ${product.place}`, dir: "auto" }),
    before?.problem ? make("p", { class: "wrong", text: `${before.name}: ${before.problem}` }) : null,
    variants(), issues(product.issues),
    ...(product.waiting ?? []).map((name) => make("p", { class: "soft", text: `${name}: ${word("working on it")}` })),
    make("div", { class: "pair" }, ...product.feeds.map((feed) => feedPart(feed, before))),
  ];
  shown.replaceChildren(...parts.filter(Boolean));
  shown.scrollTop = scroll;
  if (focused) shown.querySelector(`[data-places="${CSS.escape(focused)}"]`)?.focus();
  loadPictures(shown);
  point();
}

function variants() {
  if (product.variants.length < 2) return null;
  const buttons = product.variants.map(([number, id, title]) =>
    make("button", { type: "button", text: id, title, "aria-current": number === product.number ? "true" : null,
      onclick: () => go({ product: id, number: String(number) }) }));
  const open = product.variants.length <= 6;
  return make("details", { class: "variants", open }, make("summary", { text: word(product.record === "review" ? "{number} reviews of this product" : "{number} variants", { number: buttons.length }) }),
    make("div", { class: "chips" }, ...buttons));
}

// Explain the field that the place names, where the product has it.
function point() {
  for (const node of shown.querySelectorAll(".fs-on")) node.classList.remove("fs-on");
  const cut = place.why.lastIndexOf("/");
  const key = place.why.slice(cut + 1);
  const feed = product?.feeds.find((one) => one.name === place.why.slice(0, cut));
  const field = feed && [...feed.fields, ...feed.group].find((one) => one.key === key);
  if (!field) return forget();
  const part = [...shown.querySelectorAll(".feed")].find((node) => node.dataset.feed === feed.name);
  for (const node of part.querySelectorAll(`[data-row="${CSS.escape(key)}"], .fs-part[data-field="${CSS.escape(key)}"]`)) {
    node.classList.add("fs-on");
    if (node.closest("details.empty")) node.closest("details.empty").open = true;
  }
  explain(product, feed, field);
}

function clicked(node) {
  const field = node.closest("[data-field]");
  const part = node.closest(".feed");
  if (field && part) go({ product: product.id, number: String(product.number), why: `${part.dataset.feed}/${field.dataset.field}` });
}

onMove((changed) => {
  if (changed("record", "product", "number", "feeds", "places")) open();
  else if (changed("why")) point();
});
shown.addEventListener("click", (event) => clicked(event.target));
shown.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.matches(".fs-part")) clicked(event.target);
});
