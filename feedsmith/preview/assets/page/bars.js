// Bars of shares, and what their colours mean.
import { make } from "./dom.js";

const SVG = "http://www.w3.org/2000/svg";

function drawn(tag, values) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(values)) node.setAttribute(name, value);
  return node;
}

// `parts`: what each stretch is, and its share of the whole, 0 to 1.
export function bar(parts, label) {
  const svg = drawn("svg", { class: "bar", viewBox: "0 0 100 12", preserveAspectRatio: "none", role: "img", "aria-label": label });
  let start = 0;
  for (const [name, share] of parts) {
    svg.append(drawn("rect", { x: start, y: 0, width: 100 * share, height: 12, class: name }));
    start += 100 * share;
  }
  return svg;
}

export function key(parts) {
  return make("ul", { class: "key" }, ...parts.map(([name, label]) => {
    const sign = drawn("svg", { viewBox: "0 0 10 10", width: 10, height: 10, "aria-hidden": "true", class: "sign" });
    sign.append(drawn("rect", { width: 10, height: 10, class: name }));
    return make("li", {}, sign, ` ${label}`);
  }));
}
