"use strict";
// The static page: a list that can be searched and filtered, the cards of a product, and why a field says what it says.
// All text of the catalog goes in by textContent.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const words = data.words;
  const form = document.getElementById("filters");
  const list = document.getElementById("products");
  const shown = document.getElementById("shown");
  const why = document.getElementById("why");
  const pictures = document.getElementById("pictures");
  const RANK = { error: 0, warning: 1, info: 2 };
  const state = { product: -1, feeds: new Set(), visible: [], pictures: false, field: null };

  // Signs that are not seen, or turn the text around, as their number.
  const UNSEEN = /[\u0000-\u0008\u000b-\u001f\u007f\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]/g;
  const visible = (text) => text.replace(UNSEEN, (sign) => `⟨U+${sign.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}⟩`);

  function make(tag, options = {}, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(options)) {
      if (name === "text") node.textContent = visible(String(value));
      else if (name === "class") node.className = value;
      else node.setAttribute(name, value);
    }
    node.append(...children.filter((child) => child !== null));
    return node;
  }

  const issueOf = ([number, value, place]) => {
    const [severity, code, title, field, message, help, reference] = data.issues[number];
    return { severity, code, title, field, message, help, reference, value, place };
  };

  for (const product of data.products) {
    product.issues = product.issues.map(issueOf);
    for (const feed of product.feeds) feed.issues = feed.issues.map(issueOf);
    product.every = [...product.issues, ...product.feeds.flatMap((feed) => feed.issues)];
    const values = product.feeds.flatMap((feed) => feed.fields.map((field) => field[2]));
    const told = product.every.map((issue) => `${issue.code} ${issue.title} ${issue.message} ${issue.value}`);
    product.text = [product.id, product.title, ...values, ...told].join("\n").toLowerCase();
  }

  // --- the list

  function worst(product) {
    const feeds = chosen(product);
    const issues = [...product.issues, ...feeds.flatMap((feed) => feed.issues)];
    const counted = issues.filter((issue) => issue.code !== "filtered");
    const severity = counted.reduce((found, issue) => (found && RANK[found] <= RANK[issue.severity] ? found : issue.severity), "");
    const number = counted.filter((issue) => issue.severity === severity).length;
    return { severity, number };
  }

  const chosen = (product) => product.feeds.filter((feed) => !state.feeds.size || state.feeds.has(feed.name.split(" ")[0]));

  function fits(product) {
    const feeds = chosen(product);
    if (!feeds.length) return false;
    if (form.state.value && !feeds.some((feed) => feed.state === form.state.value)) return false;
    const issues = [...product.issues, ...feeds.flatMap((feed) => feed.issues)];
    const asked = (issue) =>
      (!form.severity.value || issue.severity === form.severity.value) && (!form.code.value || issue.code === form.code.value);
    if ((form.severity.value || form.code.value) && !issues.some(asked)) return false;
    return product.text.includes(form.text.value.trim().toLowerCase());
  }

  function row(product, number) {
    const { severity, number: count } = worst(product);
    const mark = severity
      ? make("span", { class: `n ${severity}`, text: count })
      : make("span", { class: "n good", text: words.ready });
    const text = make("span", { class: "name" }, make("b", { text: product.title || product.id, dir: "auto" }),
      make("small", { text: product.id, dir: "auto" }));
    const button = make("button", { type: "button", "data-product": number }, text, mark);
    if (number === state.product) button.setAttribute("aria-current", "true");
    return make("li", {}, button);
  }

  function draw() {
    state.visible = data.products.map((product, number) => [product, number]).filter(([product]) => fits(product));
    state.visible.sort(([a], [b]) => {
      const one = worst(a), other = worst(b);
      return (RANK[one.severity] ?? 3) - (RANK[other.severity] ?? 3) || other.number - one.number;
    });
    list.replaceChildren(...state.visible.map(([product, number]) => row(product, number)));
    document.getElementById("count").textContent = state.visible.length
      ? `${state.visible.length} / ${data.products.length}` : words["Nothing fits these filters."];
    if (!state.visible.some(([, number]) => number === state.product)) {
      show(state.visible.length ? state.visible[0][1] : -1);
    }
  }

  // --- one product

  function show(number) {
    state.product = number;
    why.querySelectorAll(".told").forEach((node) => node.remove());
    for (const button of list.querySelectorAll("button")) {
      if (Number(button.dataset.product) === number) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
    }
    if (number < 0) return shown.replaceChildren();
    const product = data.products[number];
    const head = make("h2", { text: product.title || product.id, dir: "auto" });
    const place = make("p", { class: "soft", text: `${product.id} · ${product.place}`, dir: "auto" });
    const feeds = chosen(product).map((feed) => section(product, feed, number));
    shown.replaceChildren(head, place, issues(product.issues), ...feeds);
    loadPictures();
  }

  function section(product, feed, number) {
    const index = product.feeds.indexOf(feed);
    const tone = { "in the feed": "good", rejected: "error", filtered: "info" }[feed.state] ?? "error";
    const head = make("h3", {}, document.createTextNode(`${feed.name} `), make("span", { class: `n ${tone}`, text: words[feed.state] ?? feed.state }));
    const told = feed.issues.some((issue) => issue.severity === "error");  // they say why, one by one
    const reason = feed.reason && !told ? make("p", { class: "soft", text: `${feed.reason}${feed.rule ? `  (${feed.rule})` : ""}`, dir: "auto" }) : null;
    const template = document.getElementById(`card-${number}-${index}`);
    const card = template ? template.content.cloneNode(true) : null;
    const found = issues(feed.issues.filter((issue) => issue.code !== "filtered"));
    const part = make("section", { class: "feed", "data-index": index }, head, reason);
    if (card) part.append(card);
    part.append(found);
    if (feed.fields.length) part.append(table(feed));
    for (const issue of feed.issues) {
      const name = issue.field.split(".")[0];
      for (const node of part.querySelectorAll(".fs-part")) {
        if (name && node.dataset.field === name && issue.severity === "error") node.classList.add("fs-bad-one");
      }
    }
    return part;
  }

  function issues(found) {
    if (!found.length) return make("span");
    return make("ul", { class: "issues" }, ...found.map((issue) => {
      const value = issue.value ? make("q", { text: issue.value, dir: "auto" }) : null;
      const help = issue.help ? make("small", { text: issue.help, dir: "auto" }) : null;
      const link = issue.reference ? make("a", { href: issue.reference, rel: "noreferrer", text: words.Reference }) : null;
      return make("li", { class: issue.severity, "data-code": issue.code },
        make("b", { text: issue.title }), make("code", { text: issue.field }),
        make("span", { class: "message", text: issue.message, dir: "auto" }), value, help,
        make("small", { class: "soft", text: issue.place, dir: "auto" }), link);
    }));
  }

  function table(feed) {
    const rows = feed.fields.map((field) => {
      const [key, name, text, , , , written] = field;
      const value = make("td", { dir: "auto" });
      if (text) value.append(visible(text.length > 300 ? `${text.slice(0, 300)}…` : text));
      else value.append(make("span", { class: "soft", text: written ? words["(empty)"] : words["the template does not write it"] }));
      const button = make("button", { type: "button", text: key, "data-field": key });
      return make("tr", { "data-row": key }, make("th", { scope: "row" }, button, name === key ? null : make("small", { text: ` ${name}` })), value);
    });
    return make("details", { open: "" }, make("summary", { text: words["In the feed"] }), make("table", {}, ...rows));
  }

  // --- why

  function explain(feed, key) {
    const field = feed.fields.find((one) => one[0] === key);
    for (const node of document.querySelectorAll(".fs-on")) node.classList.remove("fs-on");
    if (!field) return;
    for (const node of document.querySelectorAll(`.feed [data-row="${CSS.escape(key)}"], .feed .fs-part[data-field="${CSS.escape(key)}"]`)) {
      node.classList.add("fs-on");
    }
    const [, , text, cells, steps, checks] = field;
    const same = (value) => (value === 1 ? text : value);
    const box = make("div", { class: "told" }, make("h3", {}, make("code", { text: key })), make("p", { class: "soft", text: feed.name }));
    for (const [place, value] of cells) {
      box.append(step(words.Source, same(value) ?? words["(empty)"], place));
    }
    for (const [number, before, after] of steps) {
      const [, does, place] = data.rules[number];
      box.append(step(words.Rule, before !== null && same(before) === same(after) ? words.unchanged : (same(after) ?? words["(empty)"]), place, does));
    }
    const chips = checks.map(([number, codes]) =>
      make("span", { class: `n ${codes.length ? "error" : "good"}`, text: data.limits[number][0], title: data.limits[number][1] }));
    const told = feed.issues.filter((issue) => issue.field.split(".")[0] === key);
    box.append(make("div", { class: "step" }, make("b", { text: words.Checks }), make("div", { class: "chips" }, ...chips), issues(told)));
    const size = words["{number} characters"].replace("{number}", [...text].length);
    box.append(make("div", { class: "step" }, make("b", { text: words["In the feed"] }), make("p", { text: text || words["(empty)"], dir: "auto" }), make("small", { class: "soft", text: size })));
    why.replaceChildren(box);
  }

  function step(name, value, place, does = "") {
    return make("div", { class: "step" }, make("b", { text: name }), does ? make("code", { text: does, dir: "auto" }) : null,
      make("p", { text: value, dir: "auto" }), make("small", { class: "soft", text: place, dir: "auto" }));
  }

  // --- pictures: only when asked

  function loadPictures() {
    if (!state.pictures) return;
    for (const picture of shown.querySelectorAll("img[data-src]")) {
      picture.addEventListener("load", () => { picture.hidden = false; }, { once: true });
      picture.addEventListener("error", () => picture.closest(".fs-part").classList.add("fs-broken"), { once: true });
      picture.src = picture.dataset.src;
    }
  }

  // --- events

  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", draw);
  list.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button) show(Number(button.dataset.product));
  });
  document.querySelector(".feeds").addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    const on = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", on);
    if (on) state.feeds.add(button.dataset.feed);
    else state.feeds.delete(button.dataset.feed);
    const number = state.product;
    draw();
    if (state.product === number) show(number);
  });
  pictures.addEventListener("click", () => {
    state.pictures = !state.pictures;
    pictures.setAttribute("aria-pressed", state.pictures);
    show(state.product);
  });
  const asked = (node) => {
    const field = node.closest("[data-field]");
    const part = node.closest(".feed");
    if (field && part) explain(data.products[state.product].feeds[Number(part.dataset.index)], field.dataset.field);
  };
  shown.addEventListener("click", (event) => asked(event.target));
  document.addEventListener("keydown", (event) => {
    const typing = event.target.matches("input, select, textarea");
    if (event.key === "Enter" && event.target.matches(".fs-part")) return asked(event.target);
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    const at = state.visible.findIndex(([, number]) => number === state.product);
    const next = { j: at + 1, k: at - 1 }[event.key];
    if (next !== undefined && state.visible[next]) {
      show(state.visible[next][1]);
      list.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
    } else if (event.key === "/") {
      event.preventDefault();
      form.text.focus();
    }
  });
  draw();
})();
