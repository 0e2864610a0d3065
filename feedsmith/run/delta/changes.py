"""What changed in a feed since its channel was sent it: products are compared by key, some thousand at a time.

Two products with one key, and the variants of a group, go together: where one changed, all are sent.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from feedsmith.run.delta.sent import Stretch
from feedsmith.run.scratch import Section
from feedsmith.run.to_send import ToSend

AT_ONCE = 100_000
"""Keys that are compared in one pass; the passes split the keys by their hash."""
KEEP_DAYS = 7
"""Days for which a whole feed repeats the deletes of what left it, in case one of its files was never fetched."""
Stretches = Callable[[], Iterator[Stretch]]


@dataclass(frozen=True)
class Part:
    """What a part left, and the products of it that a set check took out, which are its items then."""

    section: Section
    removed: Collection[int] = ()

    def read(self) -> "Rows":
        """Its products."""
        return Rows(ToSend.unpacked(self.section.to_send()), self.removed)


@dataclass(frozen=True)
class Rows:
    """The products of a part that are in the feed."""

    found: ToSend
    removed: Collection[int]

    def chosen(self, chosen: "Chosen") -> Iterator[tuple[str, int]]:
        """Key and number of the item of those with the keys of a pass."""
        keys, items = self.found.keys, list(self.found.items())
        for row in chosen.of(keys):
            if row not in self.removed:
                yield keys[row], items[row]

    def items(self) -> Iterator[tuple[int, int]]:
        """Number of each product, and of its item."""
        return ((row, item) for row, item in enumerate(self.found.items()) if row not in self.removed)

    def stretch(self, marks: Sequence[int] | None = None, *, digests: bool = True) -> Stretch:
        """The products, or those whose items are marked, as they are kept."""
        rows = [(row, item) for row, item in self.items() if marks is None or marks[item]]
        found = self.found
        return Stretch(
            [found.keys[row] for row, _ in rows],
            [[column[row] for row, _ in rows] for column in found.fields],
            b"".join(found.digest(item) for _, item in rows) if digests else b"",
        )


@dataclass(frozen=True)
class Before:
    """What the channel was sent: the last whole feed, and what deltas sent since.

    `same_frame`: what stands around the items is as it was; else no item counts as unchanged.
    """

    whole: Stretches
    since: Stretches
    same_frame: bool = True


@dataclass
class Changes:
    """What changed: counts of products, and for each part a 1 for each item that is to be sent.

    `gone` are the keys of products that left, `gone_before` those that whole feeds deleted in the last days.
    """

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    send: list[bytearray] = field(default_factory=list)
    gone: set[str] = field(default_factory=set)
    gone_before: set[str] = field(default_factory=set)


def changes(before: Before, parts: Sequence[Part], size: int, today: int) -> Changes:
    """What changed.

    Args:
        before: what was sent.
        parts: the parts of the new feed.
        size: about how many products the larger of both has.
        today: the day of the run as an ordinal.
    """
    found = Changes(send=[bytearray(part.section.items) for part in parts])
    passes = max(1, -(-size // AT_ONCE))
    for number in range(passes):
        _pass(before, parts, found, Chosen(number, passes), today)
    return found


@dataclass(frozen=True)
class Chosen:
    """The keys of a pass."""

    number: int
    passes: int

    def of(self, keys: Sequence[str]) -> Sequence[int]:
        """The numbers of those among these keys; each pass looks at all, so it is done for a whole column."""
        if self.passes == 1:
            return range(len(keys))
        number, passes = self.number, self.passes
        return [row for row, code in enumerate(map(hash, keys)) if code % passes == number]


def _pass(before: Before, parts: Sequence[Part], found: Changes, chosen: Chosen, today: int) -> None:
    old, left = _old(before.whole(), chosen, today)
    touched = {stretch.keys[row] for stretch in before.since() for row in chosen.of(stretch.keys)}
    new: dict[str, bytes] = {}
    counts: dict[str, int] = {}
    for part in parts:
        rows = part.read()
        for key, item in rows.chosen(chosen):
            new[key] = new.get(key, b"") + rows.found.digest(item)
            counts[key] = counts.get(key, 0) + 1
    same = {key for key, digest in new.items() if old.get(key) == digest} - touched if before.same_frame else set()
    same.discard("")
    for key, number in counts.items():
        if key in same:
            found.unchanged += number
        elif key in old:
            found.changed += number
        else:
            found.new += number
    _mark(parts, found.send, chosen, same)
    found.gone |= (old.keys() | touched) - new.keys() - {""}
    found.gone_before |= left - old.keys() - touched - new.keys()


def _old(stretches: Iterator[Stretch], chosen: Chosen, today: int) -> tuple[dict[str, bytes], set[str]]:
    """The digests of the last whole feed by key, and the keys of what left it in the last days."""
    old: dict[str, bytes] = {}
    left: set[str] = set()
    for stretch in stretches:
        rows = chosen.of(stretch.keys)
        if stretch.days:
            left |= {stretch.keys[row] for row in rows if 0 <= today - stretch.days[row] < KEEP_DAYS}
            continue
        for row in rows:
            key = stretch.keys[row]
            old[key] = old.get(key, b"") + stretch.digest(row)
    return old, left


def _mark(parts: Sequence[Part], send: Sequence[bytearray], chosen: Chosen, same: Collection[str]) -> None:
    """Mark the items with a product that is not the same."""
    for part, marks in zip(parts, send, strict=True):
        for key, item in part.read().chosen(chosen):
            if key not in same:
                marks[item] = 1


# --- what left -----------------------------------------------------------------------------------------------------


@dataclass
class Left:
    """Products that left the feed, in the order in which they were sent: their fields, and since which day."""

    keys: list[str] = field(default_factory=list)
    fields: list[list[str]] = field(default_factory=list)
    days: list[int] = field(default_factory=list)

    def stretches(self, *, days: bool) -> Iterator[Stretch]:
        """As they are kept, with the days or without."""
        for start in range(0, len(self.keys), AT_ONCE):
            end = start + AT_ONCE
            columns = [column[start:end] for column in self.fields]
            yield Stretch(self.keys[start:end], columns, days=self.days[start:end] if days else [])


def left(before: Before, found: Changes, names: Sequence[str], of: Mapping[str, Sequence[str]], today: int) -> Left:
    """The products that are gone, with the fields of `names` as they were sent last.

    `of` are the names of the fields that `whole` and `since` have.
    """
    known: dict[str, tuple[list[str], int]] = {}
    for kind, stretches in (("whole", before.whole), ("since", before.since)):
        for stretch in stretches():
            columns = dict(zip(of.get(kind, ()), stretch.fields, strict=False))
            for row, key in enumerate(stretch.keys):
                again = bool(stretch.days)
                if key in (found.gone_before if again else found.gone):
                    values = [columns[name][row] if name in columns else "" for name in names]
                    known[key] = values, stretch.days[row] if again else today
    by_name = [[values[number] for values, _ in known.values()] for number in range(len(names))]
    return Left(list(known), by_name, [day for _, day in known.values()])
