// How a field came to its value: source cells, the steps of its rule, checks, what the feed holds.
import { counted, make, word } from "./dom.js";
import { issues } from "./issues.js";

export function way(feed, field) {
  const steps = field.cells.map(([where, text]) => step(word("Source"), text ?? word("(empty)"), where));
  for (const one of field.steps) {
    const value = one.before !== null && one.before === one.after ? word("unchanged") : one.after ?? word("(empty)");
    const name = one.field === field.key ? word("Rule") : `${word("Rule")} ${one.field}`;
    steps.push(step(name, value, one.place, one.does, one.before));
  }
  return [...steps, checks(feed, field), inTheFeed(field)];
}

function step(name, value, where, does = "", before = null) {
  return make("div", { class: "step" }, make("b", { text: name }), does ? make("code", { text: does, dir: "auto" }) : null,
    make("p", { text: value, dir: "auto", title: before ?? "" }), make("small", { class: "soft", text: where, dir: "auto" }));
}

function checks(feed, field) {
  const chips = field.checks.map((check) =>
    make("span", { class: `n ${check.codes.length ? "error" : "good"}`, text: check.text, title: [check.else, check.name].filter(Boolean).join(" · ") }));
  const told = feed.issues.filter((issue) => issue.field.split(".")[0] === field.key);
  return make("div", { class: "step" }, make("b", { text: word("Checks") }),
    chips.length ? make("div", { class: "chips" }, ...chips) : make("p", { class: "soft", text: word("The channel asks nothing of this field.") }),
    issues(told));
}

function inTheFeed(field) {
  const size = counted([...field.text].length, "1 character", "{number} characters");
  return make("div", { class: "step last" }, make("b", { text: word("In the feed") }),
    make("p", { class: "value", text: field.text || word("(empty)"), dir: "auto" }), make("small", { class: "soft", text: size }));
}
