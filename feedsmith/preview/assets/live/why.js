// The right pane: where a field's value came from, and what another rule would give.
import { ask, byId, faults, make, send, word } from "./dom.js";
import { issues } from "./issues.js";
import { fromHtml, pictures } from "./product.js";

const pane = byId("why");
const empty = [...pane.childNodes];
let typed = null; // what the reader wrote and did not save: { feed, field, rule, where }

export function forget() {
  if (!typed) pane.replaceChildren(...empty);
}

export function explain(product, feed, field, quiet = false) {
  const same = typed && typed.feed === feed.name && typed.field === field.key;
  if (!same) typed = null;
  const box = make("div", { class: "told" },
    make("h3", {}, make("code", { text: field.key })),
    make("p", { class: "soft", text: `${product.id} · ${feed.name}`, dir: "auto" }),
    ...way(feed, field));
  const bench = make("form", { class: "try" });
  pane.replaceChildren(box, bench);
  if (!quiet) pane.scrollTop = 0;
  workbench(bench, product, feed, field);
}

export function way(feed, field) {
  const steps = field.cells.map(([place, text]) => step(word("Source"), text ?? word("(empty)"), place));
  for (const one of field.steps) {
    const value = one.before !== null && one.before === one.after ? word("unchanged") : one.after ?? word("(empty)");
    const name = one.field === field.key ? word("Rule") : `${word("Rule")} ${one.field}`;
    steps.push(step(name, value, one.place, one.does, one.before));
  }
  const chips = field.checks.map((check) =>
    make("span", { class: `n ${check.codes.length ? "error" : "good"}`, text: check.text, title: check.else }));
  const told = feed.issues.filter((issue) => issue.field.split(".")[0] === field.key);
  steps.push(make("div", { class: "step" }, make("b", { text: word("Checks") }), make("div", { class: "chips" }, ...chips), issues(told)));
  const size = word("{number} characters", { number: [...field.text].length });
  steps.push(make("div", { class: "step last" }, make("b", { text: word("In the feed") }),
    make("p", { class: "value", text: field.text || word("(empty)"), dir: "auto" }), make("small", { class: "soft", text: size })));
  return steps;
}

function step(name, value, place, does = "", before = null) {
  return make("div", { class: "step" }, make("b", { text: name }), does ? make("code", { text: does, dir: "auto" }) : null,
    make("p", { text: value, dir: "auto", title: before ?? "" }), make("small", { class: "soft", text: place, dir: "auto" }));
}

// --- try a rule

async function workbench(form, product, feed, field) {
  let rule;
  try {
    rule = await ask("/api/rule", { feed: feed.name, field: field.key });
  } catch {
    return;
  }
  if (!rule.places.length) return;
  const area = make("textarea", { id: "rule", spellcheck: "false", autocapitalize: "off" });
  area.value = typed?.rule ?? rule.rule;
  const where = make("select", { id: "where" }, ...rule.places.map((place) => make("option", {
    value: place.where, text: word("in {layer} ({file}), for {feeds}", { ...place, feeds: place.feeds.join(", ") }) })));
  if (typed?.where) where.value = typed.where;
  const answer = make("div", { class: "answer", "aria-live": "polite" });
  const save = make("button", { type: "button", class: "chip main", id: "save", text: word("Save"), hidden: true });
  const said = () => ({ feed: feed.name, field: field.key, rule: area.value, where: where.value, number: product.number, id: product.id });
  let digest = "";

  const attempt = async () => {
    typed = said();
    save.hidden = true;
    let found;
    try {
      found = await send("/api/try", typed);
    } catch (error) {
      if (error.errors) answer.replaceChildren(make("div", { class: "wrong", role: "alert" }, ...faults(error.errors)));
      return;
    }
    digest = found.digest;
    const now = found.fields.find((one) => one.key === field.key);
    answer.replaceChildren(make("div", { class: "trial" },
      ...(now ? way(found, now) : []),
      found.card ? fromHtml(found.card) : document.createTextNode(found.reason)));
    answer.append(diff(found.diff), make("p", { class: "soft", text: word("Nothing is written until you save.") }));
    pictures(answer);
    save.hidden = !found.diff.length;
  };

  const write = async () => {
    save.disabled = true;
    try {
      const found = await send("/api/save", { ...said(), digest });
      typed = null;
      save.hidden = true;
      answer.replaceChildren(make("p", { class: "saved", role: "status", text: word("Written to {file}.", found) }));
    } catch (error) {
      if (error.errors) answer.replaceChildren(make("div", { class: "wrong", role: "alert" }, ...faults(error.errors)));
    }
    save.disabled = false;
  };

  let waiting;
  area.addEventListener("input", () => {
    typed = said();
    save.hidden = true;
    clearTimeout(waiting);
    waiting = setTimeout(attempt, 350);
  });
  where.addEventListener("change", attempt);
  save.addEventListener("click", write);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    attempt();
  });
  const copy = make("button", { type: "button", class: "chip", text: word("Copy"), onclick: () => navigator.clipboard?.writeText(area.value) });
  form.replaceChildren(
    make("h3", {}, make("label", { for: "rule", text: word("Try a rule") })), area,
    make("label", { class: "unseen", for: "where", text: word("Rule") }), where,
    make("div", { class: "buttons" }, make("button", { type: "submit", class: "chip", text: word("Try") }), save, copy), answer);
  if (typed) attempt();
}

function diff(lines) {
  const shown = lines.slice(2).map((line) => {
    const tag = { "+": "ins", "-": "del" }[line[0]] ?? "span";
    return make(tag, { text: tag === "span" ? `${line}\n` : line });
  });
  return make("pre", { class: "diff", tabindex: "0", role: "region", "aria-label": word("The change") }, ...shown);
}
