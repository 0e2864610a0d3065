"""By which column a file belongs to the products of another one, found by comparing their values."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from zlib import crc32

from feedsmith.catalog.headings import normalise
from feedsmith.catalog.joins import key_texts, typed_key
from feedsmith.catalog.records import PRODUCT
from feedsmith.run.start.look import ROWS, Seen
from feedsmith.sources.csv_part import read_table
from feedsmith.values.column import Column

KEYS = ("id", "gtin", "mpn", "item_group_id")
"""The fields by which products are known elsewhere, the best first."""
PLAIN = "identifier"
LONGEST = 64
"""Characters of a key, on average."""
HALF = 0.5
SURE = 0.95
SHORT = 3
"""Values of so few characters on average meet by chance."""


@dataclass(frozen=True, slots=True)
class Key:
    """A pair of columns that hold the same keys: `ours` is a field or a heading, `theirs` a heading.

    Of `keys` different ones in the other file `found` are among ours, and of `products` of ours `matched` are among
    theirs; of long files a share of the keys is looked at. `named` says that the headings agree too.
    """

    ours: str
    theirs: str
    keys: int
    found: int
    products: int
    matched: int
    fold: bool = False
    named: bool = False

    @property
    def share(self) -> float:
        """Of the file that has fewer of the other's keys, the share that meets."""
        return max(self.found / self.keys, self.matched / self.products)

    @property
    def sure(self) -> bool:
        """Whether nearly all keys meet."""
        return self.share >= SURE

    def told(self, source: str) -> str:
        """The evidence, in words."""
        case = ", capitals and small letters taken as the same" if self.fold else ""
        counted = "its 1 key is" if self.keys == 1 else f"its {self.keys:,} keys are"
        return f"{_percent(self.found / self.keys)} of {counted} in {source}.{self.ours}{case}"


def _percent(share: float) -> str:
    """A share in words, never 100 % or 0 % of what is not all or nothing.

    >>> _percent(1.0), _percent(0.9999), _percent(0.5)
    ('100 %', '99.9 %', '50 %')
    """
    shown = min(max(round(share * 100, 1), 0.1), 99.9) if 0 < share < 1 else share * 100
    return f"{shown:.10g} %"


@dataclass(frozen=True, slots=True)
class _Candidate:
    name: str
    heading: str
    kind: str = PLAIN


@dataclass
class Keys:
    """The different values of a file's columns; of a long file those that one in so many is taken of."""

    seen: Seen
    every: int = 1
    _found: dict[tuple[str, str], frozenset[str]] = field(default_factory=dict)

    def of(self, heading: str, kind: str) -> frozenset[str]:
        """The keys in a column, read as that kind."""
        known = self._found.get((heading, kind))
        if known is None:
            known = frozenset(self._read(heading, kind))
            self._found[heading, kind] = known
        return known

    def _read(self, heading: str, kind: str) -> Iterator[str]:
        for column in columns_of(self.seen, heading):
            texts = set(key_texts([typed_key(column, kind)], [kind], fold=False)) - {None}
            yield from (text for text in texts if text and (self.every == 1 or crc32(text.encode()) % self.every == 0))


def columns_of(seen: Seen, heading: str) -> Iterator[Column]:
    """A column over all rows of a file, in stretches."""
    if seen.products <= ROWS:
        yield seen.sample.columns[heading]
        return
    for batch in read_table(seen.read or seen.table):
        yield batch.columns[heading]


def key_between(main: Seen, other: Seen) -> Key | None:
    """The best pair of columns; None where not half of the keys of either file meet."""
    every = max(main.products, other.products) // ROWS + 1
    ours, theirs = Keys(main, every), Keys(other, every)
    found = [
        key
        for one in _ours(main)
        for heading in _theirs(other)
        if (key := _pair(one, heading, ours, theirs, other)) is not None
    ]
    return max(found, key=lambda key: _worth(key, main, other), default=None)


def _pair(one: _Candidate, heading: str, ours: Keys, theirs: Keys, other: Seen) -> Key | None:
    left, right = ours.of(one.heading, one.kind), theirs.of(heading, one.kind)
    if not left or not right:
        return None
    field_of = {claim.heading: claim.field for claim in other.claims.values()}
    named = field_of.get(heading) == one.name or normalise(heading) in {normalise(one.heading), normalise(one.name)}
    meet = len(left & right)
    key = Key(one.name, heading, len(right), meet, len(left), meet, named=named)
    if not key.sure:
        key = _folded(key, left, right)
    least = HALF if named or _length(right) > SHORT else SURE
    return key if key.share >= least else None


def _folded(key: Key, left: Iterable[str], right: Iterable[str]) -> Key:
    """The same with capitals and small letters alike, where more keys meet so."""
    small, theirs = {text.casefold() for text in left}, {text.casefold() for text in right}
    meet = len(small & theirs)
    if meet <= key.found:
        return key
    return Key(key.ours, key.theirs, len(theirs), meet, len(small), meet, fold=True, named=key.named)


def _length(texts: frozenset[str]) -> float:
    return sum(map(len, texts)) / len(texts)


def _worth(key: Key, main: Seen, other: Seen) -> tuple[float, float]:
    """How good a pair is: how many keys meet, whether the names agree, whether each row has a key of its own."""
    fields = {claim.key for claim in main.claims.values() if claim.field in KEYS}
    rank = (len(KEYS) - KEYS.index(key.ours)) / 20 if key.ours in fields and key.ours in KEYS else 0.0
    own = 0.2 if other.looks[key.theirs].different >= SURE else 0.0
    return key.share + (0.3 if key.named else 0.0) + own + rank, key.found


def _ours(main: Seen) -> Iterator[_Candidate]:
    """What a project may name as a key of the products."""
    for name in KEYS:
        if name in main.claims:
            yield _Candidate(name, main.claims[name].heading, PRODUCT.fields[name].kind)
    claimed = {heading for claim in main.claims.values() for heading in claim.headings}
    for heading, looks in main.looks.items():
        if heading not in claimed and looks.different >= HALF and _is_short(main, heading):
            yield _Candidate(heading, heading)


def _theirs(other: Seen) -> Iterator[str]:
    by_heading: Mapping[str, str] = {claim.heading: claim.field for claim in other.claims.values()}
    for heading in other.looks:
        if by_heading.get(heading, "id") in KEYS and _is_short(other, heading):
            yield heading


def _is_short(seen: Seen, heading: str) -> bool:
    looks = seen.looks[heading]
    return looks.filled > 0 and looks.pages == looks.pictures == 0 and looks.length <= LONGEST
