// The dashboard: what is ready, what is wrong, what to mend first.
import { ask, byId, figure, make, word } from "./dom.js";
import { filterBy } from "./list.js";

const board = byId("board");
const button = byId("view-board");
const SVG = "http://www.w3.org/2000/svg";

export const isOpen = () => !board.hidden;

export async function draw() {
  if (!isOpen()) return;
  let found;
  try {
    found = await ask("/api/board");
  } catch {
    return;
  }
  board.replaceChildren(
    make("p", { class: "views" }, link("/issues.csv", "CSV"), link("/issues.xlsx", "XLSX")),
    make("h2", { text: word("Share ready") }), ready(found.ready),
    make("h2", { text: word("What to mend first") }), fixes(found.fixes),
    make("h2", { text: word("Issues by code") }), codes(found.codes));
}

const link = (href, text) => make("a", { class: "chip", href, download: true, text });

function ready(feeds) {
  return make("table", { class: "ready" }, ...feeds.map((feed) => {
    const all = feed.in + feed.rejected + feed.filtered;
    const parts = ["in", "rejected", "filtered"].map((name) => [name, all ? feed[name] / all : 0]);
    if (feed.waiting) return make("tr", { "data-feed": feed.name }, make("th", { scope: "row", text: feed.name }), make("td", { colspan: "3", text: word("working on it") }));
    return make("tr", { "data-feed": feed.name }, make("th", { scope: "row", text: feed.name }),
      make("td", { class: "figure", text: `${(100 * feed.share).toFixed(1)} %` }),
      make("td", {}, bar(parts, `${feed.name}: ${(100 * feed.share).toFixed(1)} %`)),
      make("td", { class: "figure", text: `${figure(feed.in)} · ${figure(feed.rejected)} ${word("rejected")} · ${figure(feed.filtered)} ${word("filtered")}` }));
  }));
}

function fixes(found) {
  if (!found.length) return make("p", { text: word("No errors keep a product out.") });
  return make("table", { class: "fixes" }, ...found.map((fix) => make("tr", {},
    make("td", {}, make("button", { type: "button", text: fix.title, "data-code": fix.code, onclick: () => show(fix.code) }),
      document.createTextNode(" "), make("code", { text: fix.field })),
    make("td", { text: word("{freed} products would be free, {held} have it", { freed: figure(fix.freed), held: figure(fix.held) }) }),
    make("td", { class: "soft", text: [fix.column, fix.feeds.join(", ")].filter(Boolean).join(" · "), dir: "auto" }))));
}

function codes(found) {
  const most = Math.max(1, ...found.map((one) => one.number));
  return make("table", { class: "codes" }, ...found.map((one) => make("tr", {},
    make("td", {}, make("button", { type: "button", text: one.title, "data-code": one.code, onclick: () => show(one.code) })),
    make("td", { class: "figure" }, make("span", { class: `n ${one.severity}`, text: figure(one.number), title: word(one.severity) })),
    make("td", {}, bar([[one.severity, one.number / most]], `${one.title}: ${one.number}`)),
    make("td", { class: "soft", text: one.feeds.map(([name, number]) => `${name || word("catalog")} ${figure(number)}`).join(" · ") }))));
}

function bar(parts, label) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "bar");
  svg.setAttribute("viewBox", "0 0 100 12");
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", label);
  let start = 0;
  for (const [name, share] of parts) {
    const piece = document.createElementNS(SVG, "rect");
    const width = 100 * share;
    for (const [key, value] of [["x", start], ["y", 0], ["width", width], ["height", 12], ["class", name]]) piece.setAttribute(key, value);
    svg.append(piece);
    start += width;
  }
  return svg;
}

function show(code) {
  toggle(false);
  filterBy(code);
}

export function toggle(on) {
  board.hidden = !on;
  document.body.classList.toggle("board-on", on);
  button.setAttribute("aria-pressed", on);
  draw();
}

button.addEventListener("click", () => toggle(board.hidden));
