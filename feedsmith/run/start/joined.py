"""Sources beside the main one: by which key, and what their rows stand for."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations, takewhile

from feedsmith.catalog.headings import identifier, normalise
from feedsmith.catalog.joins import Per
from feedsmith.errors import UsageError
from feedsmith.issues import Place
from feedsmith.run.start.groups import LANGUAGES, Group, texts_of
from feedsmith.run.start.keys import HALF, SURE, Key, Keys, columns_of, key_between
from feedsmith.run.start.look import Seen
from feedsmith.run.start.market import language_of
from feedsmith.run.start.role import PRICES, STOCK, TEXTS, Holds

COMMAND_LINE = Place("command line")
MOST_PLACES = 300
"""Stores of a file whose heading does not say that it names them."""
HELD: Mapping[Holds, str] = {
    "products": "products", "prices": "prices", "stock": "stock", "texts": "texts", "facts": "further columns",
    "others": "no products",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Many:
    """That a product has several rows: one for each value of the column `heading`; `certain` by its name."""

    per: Per
    heading: str
    names: tuple[str, ...]
    certain: bool


@dataclass(frozen=True)
class Joined:
    """A source beside the main one: its files, all of one shape, the key, and what its rows stand for.

    `columns` are declared because the files' names or texts tell what headings do not, such as the store of a file.
    A file of texts in another language says nothing else of products that the main source says too.
    """

    name: str
    files: tuple[Seen, ...]
    key: Key
    holds: Holds
    many: Many | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""

    @property
    def first(self) -> Seen:
        """The file whose columns are told."""
        return self.files[0]

    @property
    def told(self) -> str:
        """What it holds, in words."""
        what = HELD[self.holds]
        if self.many is not None:
            return f"{what} per {self.many.per.kind} ({self.many.heading})"
        return f"{what}, {self.reason}" if self.reason else what

    @property
    def rows(self) -> int:
        """The rows of all its files."""
        return sum(one.rows for one in self.files)


def joined_of(main: Seen, group: Group) -> Iterator[Joined]:
    """The sources that a group of files of one shape becomes.

    Raises:
        UsageError: no column of them holds the keys of the products.
    """
    key = key_between(main, group.first)
    if key is None:
        raise _without_key(main, group)
    group = _by_name(group)
    holds = _holds(group)
    many = _many(group.first, key)
    if many is None and holds == "stock" and len(group.files) > 1 and _overlap(group.files, key):
        yield from _stores(group, key)
        return
    if many is not None and many.per.kind == "store":
        many = replace(many, names=tuple(dict.fromkeys(_values(group.files, many.heading))))
    columns, reason = _languages(main, group, many)
    yield Joined("", group.files, key, "texts" if columns else holds, many, columns, reason)


def _by_name(group: Group) -> Group:
    """The files with the fields that their headings name; what values alone tell is too little beside the products."""
    files = (
        replace(one, proposed={key: found for key, found in one.proposed.items() if key in one.by_name})
        for one in group.files
    )
    return replace(group, files=tuple(files))


def _without_key(main: Seen, group: Group) -> UsageError:
    ours, theirs = main.name, group.first.name
    if group.role.holds == "products":
        problem = f"{ours} and {theirs} both hold products, and no column of one holds the keys of the other"
        return UsageError(COMMAND_LINE, problem, "a project has one file of products: begin one for each")
    problem = f"no column of {theirs} holds keys of the products in {ours}"
    return UsageError(COMMAND_LINE, problem, "leave it out, or give it the product's number, SKU or GTIN")


def _holds(group: Group) -> Holds:
    fields = group.fields
    kinds: list[tuple[Holds, frozenset[str]]] = [("stock", STOCK), ("prices", PRICES), ("texts", TEXTS)]
    found = [name for name, members in kinds if fields & members]
    if found[:1] == ["stock"] and "prices" not in found:
        return "stock"
    if "prices" in found and "stock" not in found:
        return "prices"
    return found[0] if len(found) == 1 else "facts"


def _languages(main: Seen, group: Group, many: Many | None) -> tuple[dict[str, str], str]:
    """Texts in another language than the main file's are told apart by it."""
    if many is not None:
        return {}, ""
    own, theirs = language_of(texts_of(main)), language_of(texts_of(group.first))
    if not own or not theirs or own == theirs:
        return {}, ""
    claims = group.first.claims
    return {f"{name}[{theirs}]": claims[name].heading for name in LANGUAGES if name in claims}, f"texts in {theirs!r}"


# --- several rows for one product ------------------------------------------------------------------------------------


def _many(seen: Seen, key: Key) -> Many | None:
    """What the rows of one product stand for, where it has several."""
    keys = seen.sample.columns[key.theirs].values
    for kind in ("store", "language", "market", "region"):
        heading = Per(kind).heading(seen.table.headings)
        if heading and heading != key.theirs and _parts(seen, keys, heading) and _differs(seen, kind):
            return Many(Per(kind), heading, tuple(dict.fromkeys(_values((seen,), heading))), certain=True)
    if seen.looks[key.theirs].different >= SURE or not _has_stock(seen):
        return None
    claimed = {name for claim in seen.claims.values() for name in claim.headings} | {key.theirs}
    found = [one for one in seen.table.headings if one not in claimed and _parts(seen, keys, one)]
    if len(found) != 1:
        return None
    return Many(Per("store"), found[0], tuple(dict.fromkeys(_values((seen,), found[0]))), certain=False)


def _has_stock(seen: Seen) -> bool:
    return any(claim.field in STOCK for claim in seen.claims.values())


def _differs(seen: Seen, kind: str) -> bool:
    """Whether the file has anything that differs by that."""
    return any(Per(kind).field(claim.field) for claim in seen.claims.values())


def _parts(seen: Seen, keys: Sequence[str | None], heading: str) -> bool:
    """Whether a column parts the rows of each key: few different values, and each pair only once."""
    values = seen.sample.columns[heading].values
    pairs = [pair for pair in zip(keys, values, strict=True) if None not in pair]
    few = len(set(values)) <= min(MOST_PLACES, max(2, len(keys) // 2 + 1))
    return bool(pairs) and few and len(set(pairs)) >= SURE * len(keys)


def _values(files: Iterable[Seen], heading: str) -> Iterator[str]:
    columns = (column for file in files for column in columns_of(file, heading))
    return (text.strip() for column in columns for text in dict.fromkeys(column.filled))


def _overlap(files: Sequence[Seen], key: Key) -> bool:
    sets = [Keys(file).of(key.theirs, "identifier") for file in files]
    return all(len(one & other) >= HALF * min(len(one), len(other)) for one, other in combinations(sets, 2))


def _stores(group: Group, key: Key) -> Iterator[Joined]:
    """A source for each file of one store, which its name tells."""
    stems = [file.path.stem for file in group.files]
    quantity = next(claim for claim in group.first.claims.values() if claim.field in STOCK)
    for file, store in zip(group.files, _different(stems), strict=True):
        columns = {f"stock[{store}]": quantity.heading}
        yield Joined(
            f"stock_{identifier(store)}", (file,), key, "stock", None, columns, "the file's name tells the store"
        )


def _different(stems: Sequence[str]) -> list[str]:
    """What tells names apart.

    >>> _different(["stock-amsterdam", "stock-arnhem"])
    ['amsterdam', 'arnhem']
    """
    parts = [normalise(stem).split("_") for stem in stems]
    before = _alike(parts)
    after = _alike([part[before:][::-1] for part in parts])
    found = ["_".join(part[before : len(part) - after]) for part in parts]
    return found if all(found) and len(set(found)) == len(found) else list(stems)


def _alike(parts: Sequence[Sequence[str]]) -> int:
    """The number of words that all begin with."""
    return sum(1 for _ in takewhile(lambda words: len(set(words)) == 1, zip(*parts, strict=False)))


# --- all of them -----------------------------------------------------------------------------------------------------


def named(joined: Iterable[Joined]) -> Iterator[Joined]:
    """Each source with a name of its own: what it holds, else its file's name."""
    taken = {"products"}
    for one in joined:
        names = [one.name, one.holds if one.holds != "facts" else "", identifier(one.first.path.stem)]
        name = next((name for name in names if name and name not in taken), f"source_{len(taken) + 1}")
        taken.add(name)
        yield replace(one, name=name)


def given_fields(joined: Sequence[Joined]) -> frozenset[str]:
    """The product's fields that joined sources have values for."""
    return frozenset(name for one in joined for name in _given(one, one.first))


def _given(one: Joined, seen: Seen) -> Iterator[str]:
    for claim in seen.claims.values():
        if claim.key != "id" and claim.heading != one.key.theirs and seen.looks[claim.heading].filled:
            name = one.many.per.field(claim.field) if one.many is not None else claim.field
            if name is not None and claim.heading not in one.columns.values():
                yield name
    yield from (key.partition("[")[0] for key in one.columns if key.startswith("stock["))
