// What the page asks for its data: the server, or the data that the file itself holds.
//   products(filters, start, size)  → { rows, count }      a stretch of the list
//   product(number, id, asked)      → a product, or another record, in each feed; asked: its record, feeds, places
//   board(feeds)                    → the figures of the dashboard
//   trial(product, feed, field)     → an element to try a rule in, null where nothing can be tried
export const source = { products: null, product: null, board: null, trial: () => null };
