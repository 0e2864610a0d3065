// A product in one feed: what became of it, its card, its issues, its fields.
import { fromHtml } from "./cards.js";
import { make, word } from "./dom.js";
import { fields } from "./fields.js";
import { issues } from "./issues.js";

const TONES = { "in the feed": "good", rejected: "error", filtered: "info" };

// `then` is what it was by other rules: { name, feeds }, null where nothing is compared.
export function feedPart(feed, then) {
  const before = was(feed, then);
  const part = make("section", { class: "feed", "data-feed": feed.name },
    make("h3", {}, document.createTextNode(`${feed.name} `), make("span", { class: `n ${TONES[feed.state] ?? "error"}`, text: word(feed.state) })),
    reason(feed), feed.condition ? make("pre", { tabindex: "0", text: feed.condition }) : null);
  if (feed.card) part.append(fromHtml(feed.card));
  if (before) part.append(...asItWas(feed, before, then.name));
  const told = issues(feed.issues);
  if (told) part.append(told);
  if (feed.fields.length) part.append(fields(feed.fields, word("What goes into the feed"), feed.issues, before?.fields));
  if (feed.group.length) part.append(fields(feed.group, word("of its group"), feed.issues));
  markWrong(part, feed.issues);
  return part;
}

// Errors say themselves why; without one the reason stands here.
function reason(feed) {
  if (!feed.reason || feed.issues.some((issue) => issue.severity === "error")) return null;
  return make("p", { class: "soft", text: `${feed.reason}${feed.rule ? `  (${feed.rule})` : ""}`, dir: "auto" });
}

function asItWas(feed, before, name) {
  const found = [make("h4", { class: "was", text: word("As it was: {name}", { name }) })];
  if (before.state !== feed.state) found.push(make("p", { class: "soft", text: word(before.state) }));
  if (before.card && before.card !== feed.card) found.push(make("div", { class: "before" }, fromHtml(before.card)));
  return found;
}

// What the feed was by the rules of then, where that is another; null where it is the same or nothing is compared.
function was(feed, then) {
  const before = then?.feeds[feed.name];
  if (!before) return null;
  const keys = new Set([...Object.keys(before.fields), ...feed.fields.map((one) => one.key)]);
  const now = Object.fromEntries(feed.fields.map((one) => [one.key, one.text]));
  const changed = [...keys].some((key) => (before.fields[key] ?? "") !== (now[key] ?? ""));
  return changed || before.state !== feed.state ? before : null;
}

function markWrong(part, found) {
  const wrong = new Set(found.filter((issue) => issue.severity === "error").map((issue) => issue.field.split(".")[0]));
  for (const node of part.querySelectorAll(".fs-part")) {
    if (wrong.has(node.dataset.field)) node.classList.add("fs-bad-one");
  }
}
