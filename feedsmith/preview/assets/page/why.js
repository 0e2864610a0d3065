// The right pane: where a field's value came from, and a place to try another rule.
import { byId, make, word } from "./dom.js";
import { go } from "./place.js";
import { backTo } from "./records.js";
import { source } from "./source.js";
import { way } from "./way.js";

const pane = byId("why");
const empty = [...pane.childNodes];

export const forget = () => pane.replaceChildren(...empty);

export function explain(product, feed, field) {
  const told = make("div", { class: "told" },
    make("h2", {}, word("Why does it say that?"), " ", make("code", { text: field.key })),
    make("p", { class: "soft", text: `${product.id} · ${feed.name}`, dir: "auto" }), ...way(feed, field));
  const trial = source.trial(product, feed, field);
  if (trial && trial.parentNode === pane) {
    pane.querySelector(".told").replaceWith(told); // what the reader types stays where it is
    return;
  }
  const back = make("button", { type: "button", class: "chip back", text: `‹ ${backTo()}`, onclick: () => go({ why: "" }) });
  pane.replaceChildren(...[back, told, trial].filter(Boolean));
  pane.scrollTop = 0;
}
