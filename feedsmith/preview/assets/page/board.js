// The dashboard: figures first, then how much each feed takes, what to mend first, and all issues by code and feed.
import { bar, key } from "./bars.js";
import { byId, figure, make, percent, word } from "./dom.js";
import { feedsChosen, go, onMove, place } from "./place.js";
import { placeOf, recordOf } from "./records.js";
import { source } from "./source.js";

const board = byId("board");
const STATES = ["in", "rejected", "filtered"];
const LABELS = { in: "in the feed", rejected: "rejected", filtered: "filtered" };
const RECORDS = { product: ["product", "products"], promotion: ["promotion", "promotions"], review: ["review", "reviews"] };
const SEVERITIES = { error: ["error", "errors"], warning: ["warning", "warnings"], info: ["info", "infos"] };

// Draw it, where it is looked at.
export async function draw() {
  if (place.page !== "board") return;
  let found;
  try {
    found = await source.board(feedsChosen());
  } catch {
    return;
  }
  const chosen = feedsChosen();
  const looked = (name) => !chosen.length || chosen.includes(name);
  const ready = found.ready.filter((feed) => looked(feed.name));
  const codes = found.codes.map((code) => within(code, looked)).filter((code) => code.number);
  const scroll = board.scrollTop;
  board.replaceChildren(
    figures(found, ready, codes),
    part(word("Share ready"), key(STATES.map((name) => [name, word(LABELS[name])])), shares(ready)),
    part(word("What to mend first"), fixes(found.fixes)),
    part(word("Issues by code and feed"), downloads(), matrix(codes, ready)));
  board.scrollTop = scroll;
}

// A code with its numbers in the feeds that are looked at; "" is the catalog itself.
function within(code, looked) {
  const feeds = code.feeds.filter(([name]) => name === "" || looked(name));
  return { ...code, feeds, number: feeds.reduce((sum, [, number]) => sum + number, 0) };
}

const part = (title, ...content) => make("section", {}, make("h2", { text: title }), ...content);

// Show the list, filtered by this and nothing else.
// `of` is a feed whose kind of record is looked at, where the filters name none.
function show(filters, of = "") {
  const record = placeOf(recordOf(filters.feeds || of || feedsChosen()[0]));
  go({ page: "", record, text: "", severity: "", state: "", code: "", category: "", product: "", number: "", why: "", ...filters });
}

const link = (text, filters, more = {}, of = "") => make("button", { type: "button", class: "link", text, onclick: () => show(filters, of), ...more });

const count = (number, filters, more = {}, of = "") =>
  make("td", { class: "figure" }, number ? link(figure(number), filters, more, of) : make("span", { class: "soft", text: "–" }));

function head(...names) {
  return make("thead", {}, make("tr", {}, ...names.map(([text, kind]) => make("th", { scope: "col", class: kind ?? "", text: word(text) }))));
}

// --- figures

function figures(found, ready, codes) {
  const sum = (name) => ready.reduce((all, feed) => all + feed[name], 0);
  const all = STATES.reduce((total, name) => total + sum(name), 0);
  const issues = (severity) => codes.filter((code) => code.severity === severity).reduce((total, code) => total + code.number, 0);
  const tiles = [
    ...found.records.map(([name, number]) => tile(figure(number), label(number, ...RECORDS[name]), { record: placeOf(name), feeds: "" })),
    tile(figure(ready.length), label(ready.length, "feed", "feeds")),
    tile(percent(all ? sum("in") / all : 0), word("ready, over these feeds"), { state: "in" }),
    ...Object.entries(SEVERITIES).map(([severity, labels]) =>
      tile(figure(issues(severity)), label(issues(severity), ...labels), { severity }, severity)),
  ];
  return make("ul", { class: "tiles" }, ...tiles);
}

const label = (number, one, many) => word(number === 1 ? one : many);

function tile(number, label, filters = null, tone = "") {
  const content = [make("b", { class: tone, text: number }), " ", make("span", { text: label })];
  return make("li", {}, filters ? make("button", { type: "button", onclick: () => show(filters) }, ...content) : make("div", {}, ...content));
}

// --- the share that each feed takes

function shares(feeds) {
  if (!feeds.length) return make("p", { text: word("There is no feed.") });
  const rows = feeds.map((feed) => {
    const name = make("th", { scope: "row" }, link(feed.name, { feeds: feed.name }));
    if (feed.waiting) return make("tr", { "data-feed": feed.name }, name, make("td", { colspan: "5", text: word("working on it") }));
    const all = STATES.reduce((total, name) => total + feed[name], 0);
    const parts = STATES.map((name) => [name, all ? feed[name] / all : 0]);
    const label = `${feed.name}: ${percent(feed.share)}`;
    return make("tr", { "data-feed": feed.name }, name,
      make("td", { class: "chart" }, bar(parts, label)), make("td", { class: "figure" }, make("b", { text: percent(feed.share) })),
      ...STATES.map((name) => count(feed[name], { feeds: feed.name, state: name })));
  });
  return make("table", { class: "ready" },
    head(["Feed"], ["", "chart"], ["Ready", "figure"], ["in the feed", "figure"], ["rejected", "figure"], ["filtered", "figure"]),
    make("tbody", {}, ...rows));
}

// --- what frees most products

function fixes(found) {
  if (!found.length) return make("p", { class: "good", text: word("No errors keep a product out.") });
  const rows = found.map((fix) => make("tr", {},
    make("td", { class: "what" }, link(fix.title, { code: fix.code, severity: "error" }, { "data-code": fix.code, title: fix.code }, fix.feeds[0]), " ", make("code", { text: fix.field })),
    make("td", { text: fix.help, dir: "auto" }),
    make("td", { class: "figure" }, make("b", { text: figure(fix.freed) })), make("td", { class: "figure", text: figure(fix.held) }),
    make("td", { class: "soft", text: fix.column || "–", dir: "auto" }), make("td", { class: "soft", text: listed(fix.feeds), title: fix.feeds.join(", ") })));
  return make("table", { class: "fixes" },
    head(["What is wrong"], ["What to do"], ["Products freed", "figure"], ["Products with it", "figure"], ["Source column"], ["Feeds"]),
    make("tbody", {}, ...rows));
}

const listed = (names) => (names.length > 3 ? `${names.slice(0, 3).join(", ")} + ${names.length - 3}` : names.join(", "));

// --- all issues

function downloads() {
  if (!source.downloads) return null;
  const links = ["csv", "xlsx"].map((format) => make("a", { href: `/issues.${format}`, download: true, text: format.toUpperCase() }));
  return make("p", { class: "downloads" }, word("Download all issues:"), " ", links[0], " ", links[1]);
}

// Codes by feeds; a number leads to its products.
function matrix(codes, ready) {
  if (!codes.length) return make("p", { class: "good", text: word("Nothing is wrong.") });
  const has = (name) => codes.some((code) => code.feeds.some(([one]) => one === name));
  const columns = ["", ...ready.map((feed) => feed.name)].filter(has);
  const most = Math.max(...codes.map((code) => code.number));
  const names = columns.map((name) => make("th", { scope: "col", class: "figure", text: name || word("catalog") }));
  const top = make("thead", {}, make("tr", {}, make("th", { scope: "col", text: word("Issue") }), make("th", { scope: "col", class: "chart" }),
    make("th", { scope: "col", class: "figure", text: word("All") }), ...names));
  const table = make("table", { class: "codes" }, top, make("tbody", {}, ...codes.map((code) => line(code, columns, most))));
  return make("div", { class: "wide", tabindex: "0", role: "region", "aria-label": word("Issues by code and feed") }, table);
}

function line(code, columns, most) {
  const { severity } = code;
  const numbers = Object.fromEntries(code.feeds);
  const of = code.feeds.map(([name]) => name).find(Boolean);
  const cells = columns.map((name) => count(numbers[name] ?? 0, { code: code.code, severity, ...(name ? { feeds: name } : {}) }, { "data-feed": name }, of));
  return make("tr", { "data-code": code.code }, make("th", { scope: "row" }, make("span", { class: `n ${severity}`, text: word(severity) }), " ",
    link(code.title, { code: code.code, severity }, { title: code.code }, of)),
    make("td", { class: "chart" }, bar([[severity, code.number / most]], `${code.title}: ${figure(code.number)}`)),
    make("td", { class: "figure" }, make("b", { text: figure(code.number) })), ...cells);
}

const button = byId("view-board");
button.addEventListener("click", () => go({ page: place.page === "board" ? "" : "board" }));
onMove((changed) => {
  if (changed("page")) button.setAttribute("aria-pressed", String(place.page === "board"));
  if (changed("page", "feeds")) draw();
});
