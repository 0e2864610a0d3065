"""The texts that the live page's script needs."""

from feedsmith.texts.catalogue import Texts

WORDS = (
    "As it was: {name}", "1 product", "Source", "Rule", "Checks", "In the feed", "unchanged", "(empty)", "rejected",
    "filtered", "in the feed", "failed", "ready", "{number} characters", "Nothing fits these filters.", "Reference",
    "the template does not write it", "{number} products", "Try a rule", "Try", "Save",
    "Nothing is written until you save.", "Written to {file}.", "in {layer} ({file}), for {feeds}", "Copy",
    "Reading: {products} products, {share} %", "What is wrong with the project",
    "The last good state is shown below.", "Share ready", "Issues by code", "What to mend first",
    "{freed} products would be free, {held} have it", "No errors keep a product out.", "catalog",
    "connection lost; start feedsmith preview again", "stands on the row of its group", "of its group", "Group",
    "error", "warning", "info", "The change", "not in the feed", "Reading {name}: {number} items",
    "What goes into the feed", "working on it",
)  # fmt: skip


def words(texts: Texts) -> dict[str, str]:
    """Each of the script's texts by its English."""
    return {word: texts(word) for word in WORDS}
