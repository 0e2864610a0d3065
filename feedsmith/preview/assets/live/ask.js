// Asking the server.
import { make } from "../page/dom.js";

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
