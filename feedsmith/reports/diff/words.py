"""The sentences of `feedsmith diff` that several formats share, in the reader's language."""

from collections.abc import Iterator

from feedsmith.reports.diff.found import COLUMN, Differences, FeedDiff, Kind
from feedsmith.texts.catalogue import ENGLISH, Texts

MOST = 3
"""Fields that a summary names."""
PRODUCTS = ("1 product", "{number} products")
VERBS = {
    Kind.REMOVED: ("1 product leaves", "{number} products leave"),
    Kind.ADDED: ("1 product comes", "{number} products come"),
}
NOTE = "note"


def plural(noun: str) -> str:
    """The noun for several: `prices`, `availabilities`; one that ends in s stays."""
    if noun.endswith("s"):
        return noun
    return f"{noun[:-1]}ies" if noun.endswith("y") and noun[-2:-1] not in "aeiou" else f"{noun}s"


class Words:
    """The sentences of one language."""

    def __init__(self, texts: Texts) -> None:
        self.texts = texts

    def products(self, number: int) -> str:
        """So many products."""
        return self.texts.count(number, *PRODUCTS)

    def moving(self, kind: Kind, number: int) -> str:
        """So many products that come or leave."""
        return self.texts.count(number, *VERBS[kind])

    def note(self, told: str) -> str:
        """A note of the run."""
        return f"{self.texts(NOTE)}: {self.texts.message(told)}"

    def summary(self, feed: FeedDiff) -> str:
        """What is different in one line: `412 titles change, 3 products leave, 0 prices`."""
        if feed.note:
            return self.texts.message(feed.note)
        if feed.old is None or feed.new is None:
            return self._lone(feed)
        told = [*self._fields(feed), *self._products(feed), *self._rest(feed)]
        if not told:
            products = self.products(feed.new.items)
            return self.texts("no differences in {products}", products=products) + self._bytes(feed)
        if feed.prices and not any(feed.fields.get(name) for name in feed.prices):
            told.append(self.texts("0 prices"))
        return ", ".join(told)

    def _lone(self, feed: FeedDiff) -> str:
        if feed.new is not None:
            return self.texts("a new feed with {products}", products=self.products(feed.new.items))
        items = feed.old.items if feed.old is not None else 0
        return self.texts("the feed is gone; it had {products}", products=self.products(items))

    def _fields(self, feed: FeedDiff) -> Iterator[str]:
        named, texts = list(feed.fields.items())[:MOST], self.texts
        for name, number in named:
            noun = name.replace("_", " ")
            shown = plural(noun) if number != 1 and texts.language == ENGLISH else noun
            yield texts.count(number, "1 {field} changes", "{number} {field} change", field=shown)
        if more := len(feed.fields) - len(named):
            yield texts.count(more, "1 other field too", "{number} other fields too")

    def _products(self, feed: FeedDiff) -> Iterator[str]:
        for kind in VERBS:
            if number := feed.count(kind):
                yield self.moving(kind, number)

    def _rest(self, feed: FeedDiff) -> Iterator[str]:
        texts = self.texts
        if feed.moved:
            yield texts("{products} in another place", products=self.products(feed.moved))
        columns = sum(one.field == COLUMN for one in feed.frame)
        if columns:
            yield texts.count(columns, "1 column on one side only", "{number} columns on one side only")
        if others := len(feed.frame) - columns:
            yield texts.count(others, "1 text around the items", "{number} texts around the items")

    def _bytes(self, feed: FeedDiff) -> str:
        if feed.same_bytes:
            return ""
        if feed.respelled:
            told = self.texts(
                "{number} write the same values in another way (--exact shows how)", number=feed.respelled
            )
        elif any(one is not None and one.deletes for one in (feed.old, feed.new)):
            told = self.texts("only deletes, white space, the order of fields or packing differs")
        else:
            told = self.texts("only white space, the order of fields or packing differs")
        return f"; {told}"

    def notes(self, feed: FeedDiff) -> Iterator[str]:
        """What is worth knowing beside the differences."""
        texts = self.texts
        for which, version in ((texts("the old feed"), feed.old), (texts("the new feed"), feed.new)):
            if version is not None and version.deletes:
                products = self.products(version.deletes)
                yield texts("{feed} also deletes {products} at the channel", feed=which, products=products)
            if version is not None and version.duplicates:
                names = ", ".join(version.repeated) + (" …" if version.duplicates > len(version.repeated) else "")
                items = texts.count(version.duplicates, "1 item", "{number} items")
                yield texts(
                    "{feed} has {items} with a key that is there already ({names}); they are compared in their order",
                    feed=which, items=items, names=names,
                )  # fmt: skip
            if version is not None and version.unread:
                rows = texts.count(version.unread, "1 row", "{number} rows")
                first = texts.message(version.first_unread)
                yield texts(
                    "{feed}: {rows} cannot be read and are left out; the first: {first}",
                    feed=which, rows=rows, first=first,
                )  # fmt: skip
        if feed.respelled and feed.differs:
            products = self.products(feed.respelled)
            yield texts("{products} only in another spelling of the same values (--exact shows how)", products=products)

    def last_line(self, found: Differences) -> str:
        """How many feeds differ."""
        differ, texts = sum(feed.differs for feed in found.feeds), self.texts
        of = texts.count(len(found.feeds), "1 feed compared", "{number} feeds compared")
        return f"{of}: {texts.count(differ, '1 differs', '{number} differ') if differ else texts('the same')}"

    def said(self, text: str | None, most: int) -> str:
        """A value on one line, cut at `most` signs."""
        if text is None:
            return self.texts("(empty)")
        return text if len(text) <= most else f"{text[: most - 1]}…"
