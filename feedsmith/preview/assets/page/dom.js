// Small helpers. All text of the catalog goes in by textContent; cards alone are HTML, escaped where they are made.
export const told = JSON.parse(document.body.dataset.told);

export const byId = (id) => document.getElementById(id);

export function word(english, values = {}) {
  return (told.words[english] ?? english).replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);
}

export const figure = (number) => new Intl.NumberFormat(told.language).format(number);

export const percent = (share) =>
  new Intl.NumberFormat(told.language, { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(share);

export const counted = (number, one, many) => word(number === 1 ? one : many, { number: figure(number) });

// Signs that are not seen, or turn the text around, as their number.
const UNSEEN = /[\u0000-\u0008\u000b-\u001f\u007f\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]/g;
export const visible = (text) =>
  text.replace(UNSEEN, (sign) => `⟨U+${sign.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}⟩`);

export function make(tag, options = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(options)) {
    if (name === "text") node.textContent = visible(String(value));
    else if (name === "class") node.className = value;
    else if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value !== null) node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== null));
  return node;
}
