// Small helpers. All text of the catalog goes in by textContent; cards alone are HTML, escaped by the server.
export const told = JSON.parse(document.body.dataset.told);

export const byId = (id) => document.getElementById(id);

export function word(english, values = {}) {
  return (told.words[english] ?? english).replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);
}

export const figure = (number) => new Intl.NumberFormat(told.language).format(number);

export function make(tag, options = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(options)) {
    if (name === "text") node.textContent = value;
    else if (name === "class") node.className = value;
    else if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value !== null) node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== null));
  return node;
}

export async function ask(path, values = {}) {
  const query = new URLSearchParams(Object.entries(values).filter(([, value]) => value !== "" && value !== undefined));
  return answered(await fetch(`${path}?${query}`));
}

export async function send(path, values) {
  return answered(await fetch(path, { method: "POST", body: JSON.stringify(values) }));
}

async function answered(response) {
  const found = await response.json();
  if (!response.ok) throw Object.assign(new Error("refused"), { errors: found.errors ?? [] });
  return found;
}

// What is wrong, with the lines of the file that are meant.
export function faults(errors) {
  return errors.map((one) =>
    make("div", { class: "fault" },
      make("p", {}, make("code", { text: one.place }), document.createTextNode(` ${one.problem}`)),
      one.lines.length ? make("pre", { tabindex: "0", text: one.lines.join("\n") }) : null,
      one.hint ? make("p", { text: one.hint }) : null));
}
