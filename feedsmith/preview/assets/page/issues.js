// The issues of a product, as a list.
import { make, word } from "./dom.js";

export function issues(found) {
  const worth = found.filter((issue) => issue.code !== "filtered");
  if (!worth.length) return null;
  return make("ul", { class: "issues" }, ...worth.map((issue) => make("li", { class: issue.severity, "data-code": issue.code },
    make("b", { text: issue.title, title: issue.code }), issue.field ? make("code", { text: issue.field }) : null,
    make("span", { class: "message", text: issue.message, dir: "auto" }),
    issue.value ? make("q", { text: issue.value, dir: "auto" }) : null,
    issue.help ? make("small", { text: issue.help, dir: "auto" }) : null,
    make("small", { class: "soft", text: issue.place, dir: "auto" }),
    issue.reference ? make("a", { href: issue.reference, target: "_blank", rel: "noreferrer noopener", text: word("Reference") }) : null)));
}
