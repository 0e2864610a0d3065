// The static page: its data is in the file.
import { begin, refresh } from "../page/bench.js";
import { byId, told } from "../page/dom.js";
import { drawFeeds } from "../page/feeds.js";
import { offer } from "../page/list.js";
import { offerRecords } from "../page/records.js";
import { source } from "../page/source.js";
import { board, categories, codes, feeds, product, products, records } from "./source.js";

Object.assign(source, { products, product, board });
offerRecords(records, feeds);
drawFeeds(feeds);
offer(codes, categories);
begin();

const pictures = byId("pictures");
pictures.addEventListener("click", () => {
  told.pictures = !told.pictures;
  pictures.setAttribute("aria-pressed", String(told.pictures));
  refresh();
});
