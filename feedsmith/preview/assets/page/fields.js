// What goes into a feed, field by field. Fields that stay empty are folded away.
import { counted, make, visible, word } from "./dom.js";

const LONGEST = 300; // characters of a value that the table shows

// `changes` has what fields were and are, also of fields that have no value any more.
export function fields(found, title, issues, changes = {}) {
  const worth = (field) => (field.text && field.written) || changes[field.key] || issues.some((issue) => issue.field.split(".")[0] === field.key);
  const full = found.filter(worth);
  const empty = found.filter((field) => !worth(field));
  const gone = Object.keys(changes).filter((key) => !found.some((field) => field.key === key));
  const parts = [make("summary", { text: title })];
  if (full.length || gone.length) parts.push(table(full, changes, gone));
  if (empty.length) {
    parts.push(make("details", { class: "empty" },
      make("summary", { text: counted(empty.length, "1 empty field", "{number} empty fields") }), table(empty, changes)));
  }
  return make("details", { open: true }, ...parts);
}

const table = (found, changes, gone = []) => make("table", { class: "fields" }, ...found.map((field) => row(field, changes)),
  ...gone.map((key) => make("tr", { "data-row": key }, make("th", { scope: "row" }, ...breakable(key)), make("td", { dir: "auto" }, ...thenAndNow(changes[key])))));

function row(field, changes) {
  const button = make("button", { type: "button", "data-field": field.key }, ...breakable(field.key));
  const name = field.name === field.key ? null : make("small", { text: field.name, title: word("The channel's name of this field") });
  return make("tr", { "data-row": field.key }, make("th", { scope: "row" }, button, name), value(field, changes[field.key]));
}

// The key, which may go to the next line behind an underscore.
const breakable = (key) => key.split(/(?<=_)/).flatMap((part, at) => (at ? [make("wbr"), part] : [part]));

const short = (text) => visible(text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text);

const thenAndNow = ([old, now]) => [make("del", { text: short(old) || word("(empty)") }), " ", make("ins", { text: short(now) || word("(empty)") })];

function value(field, change) {
  const cell = make("td", { dir: "auto" });
  if (change) cell.append(...thenAndNow(change));
  else cell.append(short(field.text) || make("span", { class: "soft", text: none(field) }));
  return cell;
}

function none(field) {
  if (!field.written) return word("the template does not write it");
  return field.onGroup ? word("stands on the row of its group") : word("(empty)");
}
