"""The sentences of `feedsmith diff` that several formats share."""

from collections.abc import Iterator

from feedsmith.reports.diff.found import COLUMN, Differences, FeedDiff, Kind

MOST = 3
"""Fields that a summary names."""
EMPTY = "(empty)"


def counted(number: int, noun: str) -> str:
    """A number with its noun: `1 product`, `1,180 products`."""
    return f"{number:,} {noun if number == 1 else plural(noun)}"


def plural(noun: str) -> str:
    """The noun for several: `prices`, `availabilities`; one that ends in s stays."""
    if noun.endswith("s"):
        return noun
    return f"{noun[:-1]}ies" if noun.endswith("y") and noun[-2:-1] not in "aeiou" else f"{noun}s"


def summary(feed: FeedDiff) -> str:
    """What is different in one line: `412 titles change, 3 products leave, 0 prices`."""
    if feed.note:
        return feed.note
    if feed.old is None or feed.new is None:
        return _lone(feed)
    told = [*_fields(feed), *_products(feed), *_rest(feed)]
    if not told:
        return f"no differences in {counted(feed.new.items, 'product')}" + _bytes(feed)
    if feed.prices and not any(feed.fields.get(name) for name in feed.prices):
        told.append("0 prices")
    return ", ".join(told)


def _lone(feed: FeedDiff) -> str:
    if feed.new is not None:
        return f"a new feed with {counted(feed.new.items, 'product')}"
    items = feed.old.items if feed.old is not None else 0
    return f"the feed is gone; it had {counted(items, 'product')}"


def _fields(feed: FeedDiff) -> Iterator[str]:
    named = list(feed.fields.items())[:MOST]
    for name, number in named:
        noun = name.replace("_", " ")
        yield f"{counted(number, noun)} {'changes' if number == 1 else 'change'}"
    if more := len(feed.fields) - len(named):
        yield f"{more:,} other {'field' if more == 1 else 'fields'} too"


def _products(feed: FeedDiff) -> Iterator[str]:
    for kind, one, several in ((Kind.REMOVED, "leaves", "leave"), (Kind.ADDED, "comes", "come")):
        if number := feed.count(kind):
            yield f"{counted(number, 'product')} {one if number == 1 else several}"


def _rest(feed: FeedDiff) -> Iterator[str]:
    if feed.moved:
        yield f"{counted(feed.moved, 'product')} in another place"
    columns = sum(one.field == COLUMN for one in feed.frame)
    if columns:
        yield f"{counted(columns, 'column')} on one side only"
    if texts := len(feed.frame) - columns:
        yield f"{counted(texts, 'text')} around the items"


def _bytes(feed: FeedDiff) -> str:
    if feed.same_bytes:
        return ""
    if feed.respelled:
        return f"; {feed.respelled:,} write the same values in another way (--exact shows how)"
    deletes = "deletes, " if any(one is not None and one.deletes for one in (feed.old, feed.new)) else ""
    return f"; only {deletes}white space, the order of fields or packing differs"


def notes(feed: FeedDiff) -> Iterator[str]:
    """What is worth knowing beside the differences."""
    for which, version in (("old", feed.old), ("new", feed.new)):
        if version is not None and version.deletes:
            yield f"the {which} feed also deletes {counted(version.deletes, 'product')} at the channel"
        if version is not None and version.duplicates:
            names = ", ".join(version.repeated) + (" …" if version.duplicates > len(version.repeated) else "")
            yield (
                f"the {which} feed has {counted(version.duplicates, 'item')} with a key that stands there already"
                f" ({names}); they are compared in their order"
            )
        if version is not None and version.unread:
            rows = counted(version.unread, "row")
            yield f"{rows} of the {which} feed cannot be read and are left out; the first: {version.first_unread}"
    if feed.respelled and feed.differs:
        yield f"{counted(feed.respelled, 'product')} only in another spelling of the same values (--exact shows how)"


def last_line(found: Differences) -> str:
    """How many feeds differ."""
    differ = sum(feed.differs for feed in found.feeds)
    of = counted(len(found.feeds), "feed")
    return (
        f"{of} compared: {differ:,} {'differs' if differ == 1 else 'differ'}" if differ else f"{of} compared: the same"
    )


def said(text: str | None, most: int) -> str:
    """A value on one line, cut at `most` signs."""
    if text is None:
        return EMPTY
    return text if len(text) <= most else f"{text[: most - 1]}…"
