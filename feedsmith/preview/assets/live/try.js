// A rule on trial: what it would give for the shown product; written only when the reader says so.
import { fromHtml, loadPictures } from "../page/cards.js";
import { make, word } from "../page/dom.js";
import { way } from "../page/way.js";
import { ask, faults, send } from "./ask.js";

let bench = null; // of the field that is explained; what was typed there stays while that field is looked at

export function trial(product, feed, field) {
  const key = `${feed.name}/${field.key}`;
  if (bench?.key !== key) bench = made(key, feed.name, field.key);
  bench.show(product);
  return bench.form;
}

function made(key, feed, field) {
  const area = make("textarea", { id: "rule", spellcheck: "false", autocapitalize: "off" });
  const where = make("select", { id: "where" });
  const answer = make("div", { class: "answer", "aria-live": "polite" });
  const save = make("button", { type: "button", class: "chip main", id: "save", text: word("Save"), hidden: true });
  const copy = make("button", { type: "button", class: "chip", text: word("Copy"), onclick: () => navigator.clipboard?.writeText(area.value) });
  const form = make("form", { class: "try", hidden: true },
    make("h3", {}, make("label", { for: "rule", text: word("Try a rule") })), area,
    make("label", { class: "unseen", for: "where", text: word("Rule") }), where,
    make("div", { class: "buttons" }, make("button", { type: "submit", class: "chip", text: word("Try") }), save, copy), answer);
  let product = null;
  let digest = "";
  let typed = false;

  const said = () => ({ feed, field, rule: area.value, where: where.value, number: product.number, id: product.id });

  const refused = (error) => {
    if (error.errors) answer.replaceChildren(make("div", { class: "wrong", role: "alert" }, ...faults(error.errors)));
  };

  const attempt = async () => {
    const asked = said();
    typed = true;
    save.hidden = true;
    let found;
    try {
      found = await send("/api/try", asked);
    } catch (error) {
      return refused(error);
    }
    if (JSON.stringify(asked) !== JSON.stringify(said())) return; // a later one is under way
    digest = found.digest;
    answer.replaceChildren(outcome(found, field), diff(found.diff), make("p", { class: "soft", text: word("Nothing is written until you save.") }));
    loadPictures(answer);
    save.hidden = !found.diff.length;
  };

  const write = async () => {
    save.disabled = true;
    try {
      const found = await send("/api/save", { ...said(), digest });
      typed = false;
      save.hidden = true;
      answer.replaceChildren(make("p", { class: "saved", role: "status", text: word("Written to {file}.", found) }));
    } catch (error) {
      refused(error);
    }
    save.disabled = false;
  };

  const show = async (shown) => {
    product = shown;
    let rule;
    try {
      rule = await ask("/api/rule", { feed, field });
    } catch {
      return;
    }
    form.hidden = !rule.places.length;
    if (form.hidden) return;
    const chosen = where.value;
    where.replaceChildren(...rule.places.map(option));
    if (rule.places.some((one) => one.where === chosen)) where.value = chosen;
    if (typed) attempt();
    else area.value = rule.rule;
  };

  let waiting;
  area.addEventListener("input", () => {
    typed = true;
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
  return { key, form, show };
}

const option = (one) => make("option", { value: one.where, text: word("in {layer} ({file}), for {feeds}", { ...one, feeds: one.feeds.join(", ") }) });

function outcome(found, field) {
  const now = found.fields.find((one) => one.key === field);
  return make("div", { class: "trial" }, ...(now ? way(found, now) : []),
    found.card ? fromHtml(found.card) : document.createTextNode(found.reason));
}

function diff(lines) {
  const shown = lines.slice(2).map((line) => {
    const tag = { "+": "ins", "-": "del" }[line[0]] ?? "span";
    return make(tag, { text: tag === "span" ? `${line}\n` : line });
  });
  return make("pre", { class: "diff", tabindex: "0", role: "region", "aria-label": word("The change") }, ...shown);
}
