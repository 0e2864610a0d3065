// Cards and their pictures.
import { told } from "./dom.js";

// A card, made and escaped by the template.
export function fromHtml(html) {
  const holder = document.createElement("template");
  holder.innerHTML = html;
  return holder.content;
}

export function loadPictures(within) {
  if (!told.pictures) return;
  for (const picture of within.querySelectorAll("img[data-src]")) {
    picture.addEventListener("load", () => { picture.hidden = false; }, { once: true });
    picture.addEventListener("error", () => broken(picture), { once: true });
    picture.src = picture.dataset.src;
  }
}

function broken(picture) {
  const part = picture.closest(".fs-part");
  part.classList.add("fs-broken");
  part.querySelector(".fs-blank").textContent = told.words["Picture does not load"];
}
