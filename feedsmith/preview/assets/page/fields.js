// What goes into a feed, field by field. Fields that stay empty are folded away.
import { counted, make, visible, word } from "./dom.js";

const LONGEST = 300; // characters of a value that the table shows

export function fields(found, title, issues, before = null) {
  const worth = (field) => (field.text && field.written) || (before?.[field.key] ?? "") || issues.some((issue) => issue.field.split(".")[0] === field.key);
  const full = found.filter(worth);
  const empty = found.filter((field) => !worth(field));
  const parts = [make("summary", { text: title })];
  if (full.length) parts.push(table(full, before));
  if (empty.length) {
    parts.push(make("details", { class: "empty" },
      make("summary", { text: counted(empty.length, "1 empty field", "{number} empty fields") }), table(empty, before)));
  }
  return make("details", { open: true }, ...parts);
}

const table = (found, before) => make("table", { class: "fields" }, ...found.map((field) => row(field, before)));

function row(field, before) {
  const button = make("button", { type: "button", "data-field": field.key }, ...breakable(field.key));
  const name = field.name === field.key ? null : make("small", { text: field.name, title: word("The channel's name of this field") });
  return make("tr", { "data-row": field.key }, make("th", { scope: "row" }, button, name), value(field, before));
}

// The key, which may go to the next line behind an underscore.
const breakable = (key) => key.split(/(?<=_)/).flatMap((part, at) => (at ? [make("wbr"), part] : [part]));

function value(field, before) {
  const cell = make("td", { dir: "auto" });
  const text = visible(field.text.length > LONGEST ? `${field.text.slice(0, LONGEST)}…` : field.text);
  const old = before ? before[field.key] ?? "" : field.text;
  if (old !== field.text) {
    cell.append(make("del", { text: old || word("(empty)") }), " ", make("ins", { text: text || word("(empty)") }));
  } else cell.append(text || make("span", { class: "soft", text: none(field) }));
  return cell;
}

function none(field) {
  if (!field.written) return word("the template does not write it");
  return field.onGroup ? word("stands on the row of its group") : word("(empty)");
}
