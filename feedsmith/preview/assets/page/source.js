// What the page asks for its data: the server, or the data that the file itself holds.
//   products(filters, start, size)  → { rows, count }      a stretch of the list
//   product(number, id, feeds)      → a product in each feed
//   board(feeds)                    → the figures of the dashboard
//   trial(product, feed, field)     → an element to try a rule in, null where nothing can be tried
export const source = { products: null, product: null, board: null, trial: () => null };
