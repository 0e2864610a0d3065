// The data that the file itself holds. What products share is there once, by its number; here it is put together again.
import { byId } from "../page/dom.js";

const data = JSON.parse(byId("data").textContent);
export const { feeds, records, codes, categories, pictures } = data;

// --- one product

const issue = ([number, value, place]) => {
  const [severity, code, title, field, message, help, reference] = data.issues[number];
  return { severity, code, title, field, message, help, reference, value, place };
};

function field([key, name, text, cells, steps, checks, written, onGroup]) {
  const same = (value) => (value === 1 ? text : value);
  return {
    key, name, text, written, onGroup,
    cells: cells.map(([place, value]) => [place, same(value)]),
    steps: steps.map(([number, before, after]) => {
      const [of, does, place] = data.rules[number];
      return { field: of, does, place, before: same(before), after: same(after) };
    }),
    checks: checks.map(([number, found]) => {
      const [words, name, otherwise] = data.limits[number];
      return { text: words, name, else: otherwise, codes: found };
    }),
  };
}

function feed(one, number, index) {
  const card = byId(`card-${number}-${index}`);
  const { places } = data.products[number].feeds.find((each) => each.feed === one.feed); // they stand there once
  return { ...one, places, card: card ? card.innerHTML : "", issues: one.issues.map(issue), fields: one.fields.map(field), group: one.group.map(field) };
}

const looked = (names) => (one) => !names.length || names.includes(one.feed);

export async function product(number, id, { record, feeds: names, places }) {
  const own = data.products.filter((each) => each.row.record === record && each.row.id === id);
  const one = own.find((each) => each.row.number === Number(number)) ?? own[0];
  if (!one) throw Object.assign(new Error("gone"), { errors: [] });
  const at = data.products.indexOf(one);
  const found = one.feeds.map((each, index) => [each, index]).filter(([each]) => looked(names)(each) && here(one, each, places));
  return { ...one, record, number: one.row.number, id: one.row.id, issues: one.issues.map(issue),
    feeds: found.map(([each, index]) => feed(each, at, index)), before: null };
}

// Of a feed with an item for each place one is shown: that which was chosen, else the first of them.
function here(one, feed, places) {
  const all = one.feeds.filter((each) => each.feed === feed.feed);
  return feed === (all.find((each) => each.place === places[feed.feed]) ?? all[0]);
}

// --- the list

const STATES = { in: "in the feed", rejected: "rejected", filtered: "filtered" };

for (const one of data.products) {
  const values = one.feeds.flatMap((each) => each.fields.map(([, , text]) => text));
  const told = [...one.issues, ...one.feeds.flatMap((each) => each.issues)].map(issue).map((each) => `${each.code} ${each.title} ${each.message} ${each.value}`);
  one.words = [one.row.id, one.title, ...values, ...told].join("\n").toLowerCase();
}

function fits(one, asked) {
  if (one.row.record !== asked.record) return false;
  const seen = one.feeds.filter(looked(asked.feeds));
  if (!seen.length) return false;
  if (asked.state && !seen.some((each) => each.state === STATES[asked.state])) return false;
  if (asked.category && one.row.product_type !== asked.category && !one.row.product_type.startsWith(`${asked.category} > `)) return false;
  if (asked.severity || asked.code) {
    const kinds = [...one.issues, ...seen.flatMap((each) => each.issues)].map(([number]) => data.issues[number]);
    if (!kinds.some(([severity, code]) => (!asked.severity || severity === asked.severity) && (!asked.code || code === asked.code))) return false;
  }
  return one.words.includes(asked.text.trim().toLowerCase());
}

export async function products(asked, start, size) {
  const found = data.products.filter((one) => fits(one, asked));
  return { rows: found.slice(start, start + size).map((one) => one.row), count: found.length };
}

// --- the dashboard

export async function board(names) {
  const fixes = names.length === 1 ? data.fixes[names[0]] : data.board.fixes.filter((fix) => !names.length || fix.feeds.some((name) => names.includes(name)));
  return { ...data.board, fixes };
}
