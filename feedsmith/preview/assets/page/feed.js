// A product in one feed: what became of it, its card, its issues, its fields.
import { fromHtml } from "./cards.js";
import { make, word } from "./dom.js";
import { fields } from "./fields.js";
import { issues } from "./issues.js";
import { inPlaces, placePart } from "./places.js";

const TONES = { "in the feed": "good", rejected: "error", filtered: "info" };

// `then` is what it was by other rules: { name, feeds }, null where nothing is compared.
export function feedPart(feed, then) {
  const before = was(feed, then);
  const part = make("section", { class: "feed", "data-feed": feed.name },
    make("h3", {}, document.createTextNode(`${feed.feed} `), feed.places.length ? inPlaces(feed) : make("span", { class: `n ${TONES[feed.state] ?? "error"}`, text: word(feed.state) })),
    placePart(feed), reason(feed), feed.condition ? make("pre", { tabindex: "0", text: feed.condition }) : null);
  if (feed.card) part.append(fromHtml(feed.card));
  if (before) part.append(...asItWas(feed, before, then.name));
  const told = issues(feed.issues);
  if (told) part.append(told);
  const [own, ofGroup] = parted(before?.changes ?? {}, feed);
  if (feed.fields.length || Object.keys(own).length) part.append(fields(feed.fields, word("What goes into the feed"), feed.issues, own));
  if (feed.group.length) part.append(fields(feed.group, word("of its group"), feed.issues, ofGroup));
  markWrong(part, feed.issues);
  return part;
}

// Errors say themselves why; without one the reason stands here.
function reason(feed) {
  if (!feed.reason || feed.issues.some((issue) => issue.severity === "error")) return null;
  return make("p", { class: "soft", text: `${feed.reason}${feed.rule ? `  (${feed.rule})` : ""}`, dir: "auto" });
}

function asItWas(feed, before, name) {
  const line = before.note || [before.state === feed.state ? "" : word(before.state), before.place].filter(Boolean).join(" · ");
  return [make("h4", { class: "was", text: word("As it was: {name}", { name }) }),
    line ? make("p", { class: "soft", text: line, dir: "auto" }) : null,
    before.card && before.card !== feed.card ? make("div", { class: "before" }, fromHtml(before.card)) : null].filter(Boolean);
}

const AWAY = ["not in the feed", "rejected", "filtered"];

// What the product was in the feed, where that is another or a note says why nothing is known; null where it is the same.
function was(feed, then) {
  const before = then?.feeds[feed.name];
  if (!before) return null;
  const same = before.state === feed.state || (before.state === AWAY[0] && AWAY.includes(feed.state));
  return before.note || !same || Object.keys(before.changes).length ? before : null;
}

// The changes of the product's own fields, and of those that only its group has.
function parted(changes, feed) {
  const own = {}, ofGroup = {};
  const keys = new Set(feed.fields.map((field) => field.key));
  const group = new Set(feed.group.map((field) => field.key));
  for (const [key, change] of Object.entries(changes)) {
    if (key.startsWith("group:")) ofGroup[key.slice(6)] = change;
    else if (group.has(key) && !keys.has(key)) ofGroup[key] = change;
    else own[key] = change;
  }
  return [own, ofGroup];
}

function markWrong(part, found) {
  const wrong = new Set(found.filter((issue) => issue.severity === "error").map((issue) => issue.field.split(".")[0]));
  for (const node of part.querySelectorAll(".fs-part")) {
    if (wrong.has(node.dataset.field)) node.classList.add("fs-bad-one");
  }
}
