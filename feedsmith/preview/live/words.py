"""The texts that the live page's script needs."""

from feedsmith.texts.catalogue import Texts

WORDS = (
    "As it was: {name}",
    "Source", "Rule", "Checks", "In the feed", "unchanged", "(empty)", "rejected", "filtered", "in the feed", "failed",
    "ready", "{number} characters", "Nothing fits these filters.", "Reference", "the template does not write it",
    "{count} of {all} products", "{number} products", "Why does {field} say that?", "Try a rule", "Try", "Save",
    "Nothing is written until you save.", "Written to {file}.", "in {layer} ({file}), for {feeds}", "Copy", "Copied",
    "Reading: {products} products, {share} %", "{products} products", "as on {day}", "What is wrong with the project",
    "The last good state is shown below.", "Share ready", "Issues by code", "What to mend first",
    "{freed} products would be free, {held} have it", "No errors keep a product out.", "catalog", "Load more",
    "the shop's servers cannot be asked now", "connection lost; start feedsmith preview again", "side by side",
    "stands on the row of its group", "of its group", "Group", "Close", "error", "warning", "info", "The change",
    "by {rule}", "no brand", "Feeds", "Write it", "see the list", "What goes into the feed",
)  # fmt: skip


def words(texts: Texts) -> dict[str, str]:
    """Each of the script's texts by its English."""
    return {word: texts(word) for word in WORDS}
