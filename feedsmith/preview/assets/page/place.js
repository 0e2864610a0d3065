// Where the reader is: page, kind of record, feeds and their places, filters, product, field. It stands in the address
// behind the #, so that a reload, the way back and a link that is passed on lead to the same view.
const START = {
  page: "", record: "", feeds: "", places: "", text: "", severity: "", state: "", code: "", category: "", change: "",
  product: "", number: "", why: "",
};
export const FILTERS = ["text", "severity", "state", "code", "category", "change"];
export const place = { ...START };
const listeners = [];

// A listener is called after each move, with what tells whether one of these parts of the place changed.
export const onMove = (listener) => listeners.push(listener);

export const feedsChosen = () => place.feeds.split(",").filter(Boolean);

// Go elsewhere. `quietly`: the way back does not stop here.
export function go(changes, quietly = false) {
  const before = { ...place };
  Object.assign(place, changes);
  const written = new URLSearchParams(Object.entries(place).filter(([, value]) => value));
  const hash = written.size ? `#${written}` : "";
  if (hash !== location.hash) {
    history[quietly ? "replaceState" : "pushState"](null, "", hash || location.pathname + location.search);
  }
  tell(before);
}

function tell(before) {
  const changed = (...names) => names.some((name) => place[name] !== before[name]);
  for (const listener of listeners) listener(changed);
}

function read() {
  const written = new URLSearchParams(location.hash.slice(1));
  return Object.fromEntries(Object.keys(START).map((name) => [name, written.get(name) ?? ""]));
}

// Begin where the address says, and follow it.
export function follow() {
  Object.assign(place, read());
  tell(Object.fromEntries(Object.keys(START).map((name) => [name, null])));
  addEventListener("popstate", () => {
    const before = { ...place };
    Object.assign(place, read());
    tell(before);
  });
}
