"""Checks over all items of a feed: unique keys, item groups, counts of labels.

No pass over the catalog is made for them. The worker of a part leaves, for each set of fields that a check asks for,
one digest of 8 bytes an item; the coordinator compares digests, some hundred thousand at a time, so that memory is
bounded, and reads real values again only for what it reports. The digest 0 stands for an item without the key.

A digest is Python's own hash of the values: a twentieth of the cost of a cryptographic one, with 64 bits as well. It
is the same in all workers because they are started with one hash seed, which `feedsmith.run` sees to.
"""

from array import array
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import chain
from typing import Any

from feedsmith.definitions.channel import SetCheck
from feedsmith.mapping.expression import printed
from feedsmith.mapping.rows import Rows
from feedsmith.values.column import Column
from feedsmith.values.gtin import gtin14

AT_ONCE = 200_000
"""Digests compared in one pass; the passes split the digests by their remainder."""
KEPT = 60_000
"""Digests kept between checks, of keys that have few: many checks ask about the item groups."""
FEW = 50_000
"""Different digests of a key that is kept. One that has more, such as the id, is read anew for the next check."""
FINDINGS = 20_000
"""Findings held before they are handed over."""
DIGEST = 8
"""Bytes of a digest."""
RECENT = 16
"""Digests of parts that are kept for single look-ups, which mostly stay near each other."""
NONE = 0
REMOVING = frozenset({"keep_first", "drop_all"})
"""What a check says that takes items out of the feed; only `unique`, `not_in` and `in` do."""


@dataclass(frozen=True, slots=True)
class Key:
    """The fields whose values make a digest; `fold` takes capitals as small letters, `gtin` compares as 14 digits.

    `at` takes one value of a list, counted from 0.
    """

    fields: tuple[str, ...]
    fold: bool = False
    gtin: bool = False
    at: int | None = None


@dataclass(frozen=True, slots=True)
class Spot:
    """An item: its part, and its number among the part's items."""

    part: int
    item: int


@dataclass(frozen=True, slots=True)
class SetFinding:
    """What a set check found: at which item, and the first item it clashes with."""

    name: str
    check: SetCheck
    spot: Spot
    other: Spot | None = None
    number: int = 0


@dataclass
class Decision:
    """Which items leave the feed, and what is to be told. `findings` come in the order of the items."""

    removed: set[Spot] = field(default_factory=set)
    findings: list[SetFinding] = field(default_factory=list)


def keys_of(check: SetCheck, gtin_fields: frozenset[str]) -> tuple[Key, ...]:
    """The keys that a check compares."""

    def key(*fields: str) -> Key:
        return Key(fields, check.fold, len(fields) == 1 and fields[0] in gtin_fields)

    match check.check:
        case "unique":
            both = (Key(tuple(check.key)),) if check.fold else ()
            return (key(*check.key), *both)
        case "same":
            return key(check.by or ""), key(check.by or "", *check.fields)
        case "not_in":
            return key(check.key[0]), key(check.other or "")
        case "in":
            one = key(check.key[0])
            return (key(check.other or ""), *(replace(one, at=number) for number in range(check.max or 1)))
        case "count":
            return (key(check.by or ""),)
        case "distinct":
            return (key(check.key[0]),)


def digests(key: Key, items: Rows) -> Column:
    """A number for each row, `NONE` where the first field is empty. Feeds with the same columns share the work."""
    columns = [items.column(name) for name in key.fields]
    return items.memoised(("digest", key.fold, key.gtin, key.at), columns, lambda: _digests(key, columns))


def _digests(key: Key, columns: list[Column]) -> list[int]:
    if key.at is not None:
        columns = [Column([_at(value, key.at) for value in columns[0]])]
    first, *others = [_texts(column) for column in columns]
    if key.gtin:
        first = [gtin14(text) if text else "" for text in first]
    if key.fold:
        first = [text.casefold() for text in first]
    keys: Iterable[Any] = zip(first, *others, strict=True) if others else first
    found = list(map(hash, keys))
    if not all(found) or not all(first):
        return [one or 1 if text else NONE for one, text in zip(found, first, strict=True)]
    return found


def _at(value: Any, number: int) -> Any:
    """One value of a list; a single value is a list of one."""
    values = value if isinstance(value, list) else [value]
    return values[number] if number < len(values) else None


def _texts(column: Column) -> list[str]:
    """The values as texts, empty ones as empty texts: other values' hashes differ between processes."""
    if column.is_text:
        return column.values if column.full else [value or "" for value in column]
    return [_text(value) for value in column]


def _text(value: Any) -> str:
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    return printed(value)


Digests = Callable[[int, Key], bytes]
"""The digests of a part, in the order of its items."""
Pass = tuple[int, int]
"""Remainder and divisor of the digests that are compared in one pass."""


@dataclass(frozen=True, slots=True)
class Known:
    """The different digests of a key in one pass, and how many items have one."""

    digests: set[int]
    items: int


@dataclass
class SetDecider:
    """Runs the set checks of one feed over the digests of all its parts."""

    parts: int
    digests: Digests
    tell: Callable[[list[SetFinding]], None] | None = None
    """Takes findings some thousand at a time, in the order of the items; without it they stay in the decision."""
    decision: Decision = field(default_factory=Decision)
    gone: dict[int, set[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._recent = lru_cache(maxsize=RECENT)(self.digests)
        self._different = lru_cache(maxsize=None)(self._counted)
        self._kept: dict[tuple[Key, Pass], Known] = {}
        self._total: int | None = None

    def run(self, checks: Mapping[str, SetCheck], gtin_fields: frozenset[str]) -> Decision:
        """Checks that remove items come first; the others look at what is left."""
        order = sorted(checks.items(), key=lambda entry: entry[1].otherwise not in REMOVING)
        for name, check in order:
            getattr(self, f"_{check.check}")(name, check, keys_of(check, gtin_fields))
        self._hand_over()
        return self.decision

    def _hand_over(self) -> None:
        self.decision.findings.sort(key=lambda found: (found.spot.part, found.spot.item))
        if self.tell is not None:
            self.tell(self.decision.findings)
            self.decision.findings = []

    # --- digests -----------------------------------------------------------------------------------------------

    def _array(self, part: int, key: Key) -> "array[int]":
        found = array("q")
        found.frombytes(self.digests(part, key))
        for item in self.gone.get(part, ()):
            found[item] = 0
        return found

    def _remove(self, spots: Collection[Spot]) -> None:
        """These items leave the feed; later checks do not see them."""
        if spots:
            self._different.cache_clear()
            self._kept.clear()
        self.decision.removed.update(spots)
        for spot in spots:
            self.gone.setdefault(spot.part, set()).add(spot.item)

    def _passes(self, key: Key) -> list[Pass]:
        """One pass while the digests are few."""
        if self._total is None:  # every key has one digest an item
            self._total = sum(len(self.digests(part, key)) // DIGEST for part in range(self.parts))
        divisor = max(1, -(-self._total // AT_ONCE))
        return [(remainder, divisor) for remainder in range(divisor)]

    def _chosen(self, key: Key, one: Pass) -> Iterator[Sequence[int]]:
        """The digests of one pass, part by part, with those of items that lack the key."""
        remainder, divisor = one
        for part in range(self.parts):
            values = self._array(part, key)
            yield values if divisor == 1 else [value for value in values if value % divisor == remainder]

    def _known(self, key: Key, one: Pass) -> Known:
        """What is known of a key in one pass; the last ones asked for are kept."""
        found = self._kept.pop((key, one), None) or self._read(key, one)
        if len(found.digests) <= FEW:
            self._kept[key, one] = found
        while sum(len(known.digests) for known in self._kept.values()) > KEPT:
            del self._kept[next(iter(self._kept))]
        return found

    def _read(self, key: Key, one: Pass) -> Known:
        found: set[int] = set()
        items = 0
        for values in self._chosen(key, one):
            found.update(values)
            items += len(values) - (values.count(NONE) if NONE in found else 0)
        found.discard(NONE)
        return Known(found, items)

    def _counts(self, key: Key, one: Pass) -> Counter[int]:
        """How many items have each digest of one pass."""
        found = Counter(chain.from_iterable(self._chosen(key, one)))
        found.pop(NONE, None)
        return found

    def _counted(self, key: Key) -> int:
        """How many different digests there are."""
        return sum(len(self._known(key, one).digests) for one in self._passes(key))

    def _spots(self, key: Key, wanted: frozenset[int]) -> Iterator[tuple[int, Spot]]:
        """Where these digests stand."""
        for part in range(self.parts):
            values = self._array(part, key)
            if wanted.isdisjoint(values):
                continue
            yield from ((value, Spot(part, item)) for item, value in enumerate(values) if value in wanted)

    def _found(self, name: str, check: SetCheck, spot: Spot, other: Spot | None = None, number: int = 0) -> None:
        self.decision.findings.append(SetFinding(name, check, spot, other, number))
        if self.tell is not None and len(self.decision.findings) >= FINDINGS:
            self._hand_over()

    # --- checks ------------------------------------------------------------------------------------------------

    def _repeated(self, key: Key) -> dict[int, list[Spot]]:
        """The items that share a digest, in order."""
        twice: set[int] = set()
        for one in self._passes(key):
            known = self._known(key, one)
            if len(known.digests) < known.items:
                twice |= {value for value, number in self._counts(key, one).items() if number > 1}
        found: dict[int, list[Spot]] = {}
        for value, spot in self._spots(key, frozenset(twice)) if twice else ():
            found.setdefault(value, []).append(spot)
        return found

    def _unique(self, name: str, check: SetCheck, keys: tuple[Key, ...]) -> None:
        exact = keys[1] if check.fold else None
        gone: set[Spot] = set()
        for spots in self._repeated(keys[0]).values():
            first, *others = spots
            if exact is not None:
                others = [spot for spot in others if self._digest(spot, exact) != self._digest(first, exact)]
            for spot in others:
                self._found(name, check, spot, first)
            gone |= set(others) if check.otherwise == "keep_first" else set()
            if check.otherwise == "drop_all" and others:
                self._found(name, check, first, others[0])
                gone |= set(spots)
        self._remove(gone)

    def _digest(self, spot: Spot, key: Key) -> bytes:
        return self._recent(spot.part, key)[spot.item * DIGEST : (spot.item + 1) * DIGEST]

    def _same(self, name: str, check: SetCheck, keys: tuple[Key, ...]) -> None:
        by, whole = keys
        if self._different(by) == self._different(whole):  # as many groups as groups with their values
            return
        mixed: set[int] = set()
        for remainder, divisor in self._passes(by):
            pairs: set[tuple[int, int]] = set()
            for part in range(self.parts):
                both = zip(self._array(part, by), self._array(part, whole), strict=True)
                pairs |= {pair for pair in both if pair[0] and pair[0] % divisor == remainder}
            seen = Counter(group for group, _ in pairs)
            mixed |= {group for group, number in seen.items() if number > 1}
        if mixed:
            self._tell_mixed(name, check, by, whole, frozenset(mixed))

    def _tell_mixed(self, name: str, check: SetCheck, by: Key, whole: Key, mixed: frozenset[int]) -> None:
        """One finding a group: the first member that differs from the group's first."""
        first: dict[int, Spot] = {}
        told: set[int] = set()
        for group, spot in self._spots(by, mixed):
            start = first.setdefault(group, spot)
            if group not in told and self._digest(spot, whole) != self._digest(start, whole):
                told.add(group)
                self._found(name, check, spot, start)

    def _not_in(self, name: str, check: SetCheck, keys: tuple[Key, ...]) -> None:
        key, other = keys
        both: set[int] = set()
        for one in self._passes(other):
            both |= self._known(key, one).digests & self._known(other, one).digests
        if not both:
            return
        where = dict(reversed(list(self._spots(other, frozenset(both)))))
        removes = check.otherwise in REMOVING
        gone: list[Spot] = []
        told: set[int] = set()
        for value, spot in self._spots(key, frozenset(both)):
            if removes or value not in told:
                told.add(value)
                self._found(name, check, spot, where[value])
            gone += [spot] if removes else []
        self._remove(gone)

    def _in(self, name: str, check: SetCheck, keys: tuple[Key, ...]) -> None:
        other, *places = keys
        missing: dict[Key, set[int]] = {key: set() for key in places}
        for one in self._passes(other):
            known = self._known(other, one).digests
            for key in places:
                missing[key] |= self._known(key, one).digests - known
        gone = dict.fromkeys(
            spot for key, wanted in missing.items() if wanted for _, spot in self._spots(key, frozenset(wanted))
        )
        for spot in gone:
            self._found(name, check, spot)
        self._remove(gone if check.otherwise in REMOVING else ())

    def _count(self, name: str, check: SetCheck, keys: tuple[Key, ...]) -> None:
        found: dict[int, int] = {}
        for one in self._passes(keys[0]):
            found |= {
                value: number
                for value, number in self._counts(keys[0], one).items()
                if (check.max is not None and number > check.max) or (check.min is not None and number < check.min)
            }
        told: set[int] = set()
        for value, spot in self._spots(keys[0], frozenset(found)) if found else ():
            if value not in told:
                told.add(value)
                self._found(name, check, spot, number=found[value])

    def _distinct(self, name: str, check: SetCheck, keys: tuple[Key, ...]) -> None:
        number = self._different(keys[0])
        if check.max is not None and number > check.max:
            spot = next((spot for _, spot in self._first(keys[0])), Spot(0, 0))
            self._found(name, check, spot, number=number)

    def _first(self, key: Key) -> Iterator[tuple[int, Spot]]:
        for part in range(self.parts):
            values = self._array(part, key)
            yield from ((value, Spot(part, item)) for item, value in enumerate(values) if value)
