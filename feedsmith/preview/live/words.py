"""The texts that the page's scripts need."""

import json

from feedsmith.texts.catalogue import Texts

WORDS = (
    # the list and the product
    "1 product", "{number} products", "Products", "Product", "Nothing fits these filters.", "No product is chosen.",
    "ready", "in the feed", "rejected", "filtered", "failed", "error", "warning", "info", "Clear all", "Clear {filter}",
    "{number} variants", "What goes into the feed", "of its group", "As it was: {name}", "Reference",
    "Picture does not load", "not in the feed",
    # other kinds of records, stores and regions
    "Promotions", "Promotion", "Reviews", "Review", "1 promotion", "{number} promotions", "1 review",
    "{number} reviews", "promotion", "promotions", "review", "reviews", "{number} reviews of this product", "Place",
    "in the feed in {number} of {all} places",
    # fields and where they came from
    "1 empty field", "{number} empty fields", "The channel's name of this field", "(empty)", "unchanged",
    "the template does not write it", "stands on the row of its group", "Why does it say that?", "Source", "Rule",
    "Checks", "The channel asks nothing of this field.", "In the feed", "1 character", "{number} characters",
    # the dashboard
    "product", "products", "feed", "feeds", "ready, over these feeds", "errors", "warnings", "infos", "Share ready",
    "Feed", "Ready", "There is no feed.", "What to mend first", "What is wrong", "What to do", "Products freed",
    "Products with it", "Source column", "Feeds", "No errors keep a product out.", "Issues by code and feed", "Issue",
    "All", "catalog",
    "Download all issues:", "Nothing is wrong.",
    # the live page alone
    "Try a rule", "Try", "Save", "Copy", "The change", "Nothing is written until you save.", "Written to {file}.",
    "in {layer} ({file}), for {feeds}", "Reading: {products} products, {share} %", "as on {day}",
    "What is wrong with the project", "The last good state is shown below.",
    "connection lost; start feedsmith preview again", "Reading the catalog", "working on it",
    "Reading {name}: {number} items", "Comparing: {share} %", "changed", "new", "gone",
    "Nothing can be shown until that is mended.",
)  # fmt: skip


def told(texts: Texts, *, pictures: bool) -> str:
    """What the page's element tells its scripts, as JSON: their texts by their English, whether pictures are loaded."""
    words = {word: texts(word) for word in WORDS}
    return json.dumps({"words": words, "pictures": pictures, "language": texts.language})
