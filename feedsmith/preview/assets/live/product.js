// The product in the middle: its cards in the chosen feeds, side by side, and what goes into each feed.
import { ask, byId, faults, make, told, word } from "./dom.js";
import { issues } from "./issues.js";
import * as list from "./list.js";
import { explain, forget } from "./why.js";

const shown = byId("shown");
export const state = { product: null, field: null };
let asked = 0;

export async function open(number, id) {
  const turn = ++asked;
  let found;
  try {
    found = await ask("/api/product", { number, id, feeds: list.state.feeds.join(",") });
  } catch (error) {
    if (turn === asked && state.product === null && error.errors) shown.replaceChildren(...faults(error.errors));
    return;
  }
  if (turn !== asked) return;
  const same = state.product?.id === found.id;
  state.product = found;
  list.choose(found.number, found.id);
  draw(same);
}

export const reopen = () => (state.product ? open(state.product.number, state.product.id) : null);

function draw(same) {
  const product = state.product;
  const scroll = same ? shown.scrollTop : 0;
  const feeds = product.feeds.map(section);
  shown.replaceChildren(
    make("h2", { text: product.title || product.id, dir: "auto" }),
    make("p", { class: "soft", text: `${product.id} · ${product.place}`, dir: "auto" }),
    ...[product.before?.problem ? make("p", { class: "wrong", text: `${product.before.name}: ${product.before.problem}` }) : null,
      variants(product), issues(product.issues)].filter(Boolean),
    ...(product.waiting ?? []).map((name) => make("p", { class: "soft", text: `${name}: ${word("working on it")}` })),
    make("div", { class: "pair" }, ...feeds));
  shown.scrollTop = scroll;
  pictures(shown);
  if (same && state.field) why(state.field.feed, state.field.key, true);
  else {
    state.field = null;
    forget();
  }
}

function variants(product) {
  if (product.variants.length < 2) return null;
  return make("div", { class: "variants", "aria-label": word("Group") }, ...product.variants.map(([number, id, title]) =>
    make("button", { type: "button", text: id, title, "aria-current": number === product.number ? "true" : null,
      onclick: () => open(number, id) })));
}

function section(feed, index) {
  const tone = { "in the feed": "good", rejected: "error", filtered: "info" }[feed.state] ?? "error";
  const part = make("section", { class: "feed", "data-index": index, "data-feed": feed.name },
    make("h3", {}, document.createTextNode(`${feed.name} `), make("span", { class: `n ${tone}`, text: word(feed.state) })),
    feed.reason ? make("p", { class: "soft", text: `${feed.reason}${feed.rule ? `  (${feed.rule})` : ""}`, dir: "auto" }) : null,
    feed.condition ? make("pre", { tabindex: "0", text: feed.condition }) : null);
  if (feed.card) part.append(fromHtml(feed.card));
  const before = was(feed);
  if (before) part.append(...asItWas(feed, before));
  const told = issues(feed.issues);
  if (told) part.append(told);
  if (feed.fields.length) part.append(table(feed.fields, word("What goes into the feed"), before?.changes));
  if (feed.group.length) part.append(table(feed.group, word("of its group"), before?.changes, "group:"));
  for (const issue of feed.issues) {
    const name = issue.field.split(".")[0];
    for (const node of part.querySelectorAll(".fs-part")) {
      if (name && node.dataset.field === name && issue.severity === "error") node.classList.add("fs-bad-one");
    }
  }
  return part;
}

// A card, made and escaped by the server's template.
export function fromHtml(html) {
  const holder = document.createElement("template");
  holder.innerHTML = html;
  return holder.content;
}

// What the product was in the feed, where that is another or a note says why nothing is known; null where it is the same.
function was(feed) {
  const before = state.product.before?.feeds[feed.name];
  if (!before) return null;
  const away = (one) => one.state === "not in the feed" || one.state === "rejected" || one.state === "filtered";
  const same = before.state === feed.state || (before.state === "not in the feed" && away(feed));
  return before.note || !same || Object.keys(before.changes).length ? before : null;
}

function asItWas(feed, before) {
  const line = before.note || [before.state === feed.state ? "" : word(before.state), before.place].filter(Boolean).join(" · ");
  return [make("h4", { class: "was", text: word("As it was: {name}", { name: state.product.before.name }) }),
    line ? make("p", { class: "soft", text: line, dir: "auto" }) : null,
    before.card && before.card !== feed.card ? make("div", { class: "before" }, fromHtml(before.card)) : null].filter(Boolean);
}

const short = (text) => (text.length > 300 ? `${text.slice(0, 300)}…` : text);

const thenAndNow = ([old, now]) => [make("del", { text: short(old) || word("(empty)") }), " ",
  make("ins", { text: short(now) || word("(empty)") })];

// Fields with their values; `changes` has what they were, by their keys with `prefix` before them.
function table(fields, title, changes = {}, prefix = "") {
  const keys = new Set(fields.map((field) => prefix + field.key));
  const mine = (key) => key.startsWith("group:") === (prefix === "group:");
  const gone = Object.keys(changes).filter((key) => mine(key) && !keys.has(key));
  const rows = fields.map((field) => {
    const value = make("td", { dir: "auto" });
    const none = !field.written ? "the template does not write it" : field.onGroup ? "stands on the row of its group" : "(empty)";
    const changed = changes[prefix + field.key];
    if (changed) value.append(...thenAndNow(changed));
    else value.append(short(field.text) || make("span", { class: "soft", text: word(none) }));
    const button = make("button", { type: "button", text: field.key, "data-field": field.key });
    return make("tr", { "data-row": field.key },
      make("th", { scope: "row" }, button, field.name === field.key ? null : make("small", { text: ` ${field.name}` })), value);
  });
  rows.push(...gone.map((key) => make("tr", { "data-row": key },
    make("th", { scope: "row", text: key.slice(prefix.length) }), make("td", { dir: "auto" }, ...thenAndNow(changes[key])))));
  return make("details", { open: true }, make("summary", { text: title }), make("table", {}, ...rows));
}

export function pictures(within) {
  if (!told.pictures) return;
  for (const picture of within.querySelectorAll("img[data-src]")) {
    picture.addEventListener("load", () => { picture.hidden = false; }, { once: true });
    picture.addEventListener("error", () => picture.closest(".fs-part").classList.add("fs-broken"), { once: true });
    picture.src = picture.dataset.src;
  }
}

function why(name, key, quiet = false) {
  const feed = state.product.feeds.find((one) => one.name === name);
  const field = feed && [...feed.fields, ...feed.group].find((one) => one.key === key);
  for (const node of shown.querySelectorAll(".fs-on")) node.classList.remove("fs-on");
  if (!field) return;
  state.field = { feed: name, key };
  const part = [...shown.querySelectorAll(".feed")].find((node) => node.dataset.feed === name);
  for (const node of part.querySelectorAll(`[data-row="${CSS.escape(key)}"], .fs-part[data-field="${CSS.escape(key)}"]`)) {
    node.classList.add("fs-on");
  }
  explain(state.product, feed, field, quiet);
}

function clicked(node) {
  const field = node.closest("[data-field]");
  const part = node.closest(".feed");
  if (field && part) why(part.dataset.feed, field.dataset.field);
}

list.state.open = open;
shown.addEventListener("click", (event) => clicked(event.target));
shown.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.matches(".fs-part")) clicked(event.target);
});
