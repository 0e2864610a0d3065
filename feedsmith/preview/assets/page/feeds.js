// The feeds at the top: their figures, and which of them are looked at.
import { byId, figure, make, word } from "./dom.js";
import { feedsChosen, go, onMove } from "./place.js";
import { record, recordOf, toRecord } from "./records.js";

const box = byId("feeds");

// `feeds`: { name, channel, record, failed, waiting, in, rejected } of each; `changes`: how many products changed, by its
// name.
export function drawFeeds(feeds, changes = {}) {
  const focused = box.contains(document.activeElement) ? document.activeElement.dataset.feed : null;
  box.replaceChildren(...feeds.map((feed) => make("li", {}, button(feed, changes[feed.name]))));
  press();
  if (focused) box.querySelector(`[data-feed="${CSS.escape(focused)}"]`)?.focus();
}

function button(feed, changes) {
  const figures = make("small", { text: feed.waiting ? word("working on it") : figure(feed.in) });
  if (feed.rejected) {
    figures.append(" · ", make("span", { class: "bad", text: figure(feed.rejected) }, make("span", { class: "unseen", text: ` ${word("rejected")}` })));
  }
  return make("button", { type: "button", class: "chip", "data-feed": feed.name, title: feed.failed || feed.channel },
    document.createTextNode(`${feed.name} `), figures, changed(changes));
}

const SIGNS = [["changed", "~"], ["new", "+"], ["gone", "−"]];

// How many products changed, came and went: signs for the eye, words for all else.
function changed(figures = {}) {
  const some = SIGNS.filter(([kind]) => figures[kind]);
  if (!some.length) return null;
  const words = some.map(([kind]) => `${figure(figures[kind])} ${word(kind)}`).join(", ");
  return make("small", { class: "changes", title: words }, ...some.map(([kind, sign]) =>
    make("span", { class: kind, "aria-hidden": "true", text: ` ${sign}${figure(figures[kind])}` })), make("span", { class: "unseen", text: ` ${words}` }));
}

function press() {
  const chosen = feedsChosen();
  for (const one of box.querySelectorAll("button")) one.setAttribute("aria-pressed", String(chosen.includes(one.dataset.feed)));
}

box.addEventListener("click", (event) => {
  const name = event.target.closest("button")?.dataset.feed;
  if (name === undefined) return;
  if (recordOf(name) !== record()) return go({ ...toRecord(recordOf(name)), feeds: name });
  const chosen = feedsChosen();
  go({ feeds: (chosen.includes(name) ? chosen.filter((one) => one !== name) : [...chosen, name]).join(",") });
});
onMove((changed) => { if (changed("feeds")) press(); });
