// A product in the stores or regions of a feed: in how many it is, and which one is shown.
import { figure, make, word } from "./dom.js";
import { go, place } from "./place.js";

// The places that the reader chose, by feed.
export function placesChosen() {
  try {
    return JSON.parse(place.places || "{}");
  } catch {
    return {};
  }
}

export function placePart(feed) {
  if (!feed.places.length) return null;
  const options = feed.places.map((one) => make("option", { value: one.code, text: told(one) }));
  const select = make("select", { "data-places": feed.feed, onchange: () => choose(feed, select.value) }, ...options);
  select.value = feed.place;
  return make("p", { class: "places" }, make("label", {}, `${word("Place")} `, select));
}

// In how many places the product is; the tone is that of all places together.
export function inPlaces(feed) {
  const tone = feed.there === feed.all ? "good" : feed.there ? "warning" : feed.state === "rejected" ? "error" : "info";
  const text = word("in the feed in {number} of {all} places", { number: figure(feed.there), all: figure(feed.all) });
  return make("span", { class: `n ${tone}`, text });
}

function told(one) {
  const name = one.name && one.name !== one.code ? `${one.name} (${one.code})` : one.code;
  const wrong = [["error", one.error], ["warning", one.warning]].filter(([, number]) => number).map(([severity, number]) => `${figure(number)} ${word(number === 1 ? severity : `${severity}s`)}`);
  return [name, word(one.state), ...wrong].join(" · ");
}

// The field that is explained stays the same, in the other place.
function choose(feed, code) {
  const cut = place.why.lastIndexOf("/");
  const why = place.why.slice(0, cut) === feed.name ? `${feed.feed} ${code}${place.why.slice(cut)}` : place.why;
  go({ places: JSON.stringify({ ...placesChosen(), [feed.feed]: code }), why }, true);
}
