"""Which heading of a source stands for which canonical field.

A key is a field's name, or a field with what it varies by: `title[nl]`, `price[de]`, `price[EUR]`, `stock[amsterdam]`.
"""

import dataclasses
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from feedsmith.catalog.aliases import Alias, Aliases, aliases_of
from feedsmith.catalog.fields import CanonicalField
from feedsmith.catalog.qualifiers import Qualifier, qualifier_of, spelled
from feedsmith.catalog.records import PRODUCT, Record
from feedsmith.catalog.system import System, systems
from feedsmith.catalog.tables import read_table
from feedsmith.values.currencies import CURRENCIES
from feedsmith.values.problem import Problem

Fields = Mapping[str, CanonicalField]
Declared = Mapping[str, str | Mapping[str, str] | None]
"""The project's `columns:`, ours: theirs. A map goes by language, market or store; None keeps a field unclaimed."""

_SIGNS = str.maketrans(
    {"€": " eur ", "£": " gbp ", "%": " pct ", "ø": "o", "œ": "oe", "æ": "ae", "ł": "l", "đ": "d", "'": "_", "’": "_"}  # noqa: RUF001
)
_GAPS = re.compile(r"[\W_]+")
_KEY = re.compile(r"(?P<field>\w+)\[(?P<qualifier>[^\[\]]+)\]")
_METAFIELD = re.compile(r"\(product\.metafields\.[\w-]+\.([\w-]+)\)")
_NUMBERED = re.compile(r"(?P<stem>.*?)_?(?P<number>\d+)")
_NEAR_ENOUGH = 60
"""rapidfuzz score (0 to 100) from which a heading is proposed as the nearest."""


@dataclass(frozen=True, slots=True)
class Claim:
    """That a heading stands for a key, and why.

    `unit` is that of bare numbers in the column (`Weight (kg)`), `currency` that of its amounts (`price-EUR`).
    `more` holds further headings: the rest of a list in numbered columns (`image_2`, `image_3`); for a single value the
    columns that fill its empty rows.
    `unit_heading` is the column that holds each row's unit (`weight-unit` beside `weight`).
    `certain` is false where the name alone would not prove it.
    `source` names the joined source that the heading is of, `written` is the heading as that source writes it, and
    `currency_heading` the column with its currencies. `behind` are the claims of other sources for the same key: they
    fill the rows that this one leaves empty.
    """

    field: str
    key: str
    heading: str
    reason: str
    certain: bool = True
    unit: str | None = None
    currency: str | None = None
    more: tuple[str, ...] = ()
    unit_heading: str | None = None
    source: str = ""
    written: str = ""
    currency_heading: str | None = None
    behind: tuple["Claim", ...] = ()

    @property
    def headings(self) -> tuple[str, ...]:
        """All columns that it reads."""
        own = (self.heading, *self.more, self.unit_heading, self.currency_heading)
        return tuple(filter(None, own)) + tuple(name for one in self.behind for name in one.headings)


@lru_cache(maxsize=8192)
def normalise(heading: str) -> str:
    """A heading without case, accents, blanks and signs: `Größe (EU)` gives `grosse_eu`, `Prijs €` `prijs_eur`.

    The prefix of Google's names goes too: `g:price` is `price`.
    """
    folded = unicodedata.normalize("NFKD", heading.strip().removeprefix("g:")).casefold().translate(_SIGNS)
    plain = unicodedata.normalize("NFKD", folded)
    return _GAPS.sub("_", "".join(c for c in plain if not unicodedata.combining(c))).strip("_")


def identifier(heading: str) -> str:
    """The name under which rules read a heading: `Prijs DE` gives `prijs_de`, `2e prijs` gives `_2e_prijs`."""
    name = normalise(heading) or "column"
    name = "".join(c if f"_{c}".isidentifier() else "_" for c in name)
    return name if name.isidentifier() else f"_{name}"


def names(headings: Iterable[str]) -> dict[str, str]:
    """Identifier → heading, to read any column by name. Headings that share one are left out: see `clashes`."""
    return {name: found[0] for name, found in _by_identifier(headings).items() if len(found) == 1}


def clashes(headings: Iterable[str]) -> dict[str, list[str]]:
    """Identifier → the two or more headings that share it, and so can only be read by their exact names."""
    return {name: found for name, found in _by_identifier(headings).items() if len(found) > 1}


def _by_identifier(headings: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for heading in headings:
        found.setdefault(identifier(heading), []).append(heading)
    return found


@dataclass(frozen=True, slots=True)
class Written:
    """What is known of who wrote a file: the system, and the columns that were made from its rows, heading → key."""

    system: System | None = None
    made: Mapping[str, str] = dataclasses.field(default_factory=dict)


def written_by(headings: Iterable[str]) -> Written:
    """The bundled system that wrote a file with these headings."""
    return Written(systems().recognise([normalise(heading) for heading in headings]))


def claim(
    headings: Sequence[str], declared: Declared, record: Record = PRODUCT, written: Written | None = None
) -> tuple[dict[str, Claim], list[Problem]]:
    """Key → the heading that stands for it in a file of such records, and what is wrong with the declaration.

    What is declared wins, then what was made from the rows. Of two headings for one key the stronger name wins, and
    the claim's reason names the other. Without `written` the bundled systems are asked.
    """
    written = written or written_by(headings)
    claims, mistakes = _declared_claims(headings, declared, record.fields)
    fixed_keys = frozenset(claims)
    refused = {key for key, heading in declared.items() if heading is None}
    aliases = aliases_of(record, written.system)
    claims |= _made_claims(written, claims, refused)
    taken = {c.heading for c in claims.values()}
    free = [heading for heading in headings if heading not in taken and heading not in written.made]
    candidates = [found for heading in free for found in _candidates(heading, aliases)]
    candidates.sort(key=lambda found: (not found.alias.certain, found.alias.rank))
    fixed = _Fixed(fixed_keys, aliases.fallbacks)
    for candidate in candidates:
        if candidate.key not in refused and candidate.claim.field not in refused:
            _take(claims, taken, candidate, fixed)
    _share(claims, free, refused, record.fields)
    _number(claims, [heading for heading in free if heading not in taken], aliases, refused)
    _follow_their_columns(claims, headings)
    return _promoted(_with_units(claims, headings, record.fields)), mistakes


def _made_claims(written: Written, claims: Mapping[str, Claim], refused: set[str]) -> dict[str, Claim]:
    """The claims of columns that were made from the rows of a system's files."""
    title = written.system.title if written.system else ""
    return {
        key: Claim(split_key(key)[0], key, heading, f"made from the rows of {title}", currency=_currency_in(key))
        for heading, key in written.made.items()
        if key not in claims and split_key(key)[0] not in refused
    }


def _currency_in(key: str) -> str | None:
    qualifier = split_key(key)[1]
    return qualifier if qualifier in CURRENCIES else None


@dataclass(frozen=True, slots=True)
class _Candidate:
    claim: Claim
    alias: Alias

    @property
    def key(self) -> str:
        return self.claim.key


@dataclass(frozen=True, slots=True)
class _Fixed:
    """What the candidates cannot change: the declared keys, and the fields whose empty rows a further column fills."""

    declared: frozenset[str]
    fallbacks: frozenset[str]


def _take(claims: dict[str, Claim], taken: set[str], candidate: _Candidate, fixed: _Fixed) -> None:
    """Let the candidate claim its key, unless the heading or the key is claimed already."""
    new = candidate.claim
    if new.heading in taken:
        return
    key = _free_key(claims, new) if candidate.alias.certain else _short_key(new)
    if key in claims:
        if _is_next(claims[key], candidate, fixed):
            claims[key] = replace(claims[key], more=(*claims[key].more, new.heading))
            taken.add(new.heading)
        elif key not in fixed.declared and candidate.alias.certain:
            note = f'; "{new.heading}" is a name of it too and stays unclaimed'
            claims[key] = replace(claims[key], reason=claims[key].reason + note)
        return
    claims[key] = replace(new, key=key)
    taken.add(new.heading)


def _is_next(first: Claim, candidate: _Candidate, fixed: _Fixed) -> bool:
    """Whether a column fills the empty rows of the one that has its key: a system says so, or it is of another channel.

    Akeneo writes `description-en_US-print` beside `description-en_US-ecommerce`.
    """
    if first.field in fixed.fallbacks and candidate.alias.system:
        return True
    stems = {normalise(heading).rpartition("_")[0] for heading in (first.heading, candidate.claim.heading)}
    return not first.certain and not candidate.claim.certain and "[" in first.key and len(stems) == 1


def _free_key(claims: Mapping[str, Claim], new: Claim) -> str:
    """`title[nl]` for the first locale of a language, `title[nl-be]` for the next."""
    short = _short_key(new)
    return short if short not in claims else new.key


def _short_key(new: Claim) -> str:
    return re.sub(r"\[(\w\w)-\w\w\]$", r"[\1]", new.key)


def _declared_claims(
    headings: Sequence[str], declared: Declared, fields: Fields
) -> tuple[dict[str, Claim], list[Problem]]:
    claims: dict[str, Claim] = {}
    mistakes: list[Problem] = []
    known = set(headings)
    readable = names(headings)
    for key, wanted in _declared_pairs(declared):
        field, qualifier = split_key(key)
        heading = wanted if wanted in known else readable.get(identifier(wanted), "")
        problem = _unknown_field(key, wanted, fields)
        if not problem and not heading:
            said = f'the source has no column "{wanted}" (for {key})'
            problem = Problem("unknown-column", said, _nearest(wanted, headings))
        if problem:
            mistakes.append(problem)
            continue
        whole = spelled(fields[field], qualifier) if qualifier else None
        unit, currency = _found_in_heading(fields[field], heading)
        if whole and whole.isupper() and fields[field].kind == "money":
            currency = whole
        new_key = f"{field}[{whole}]" if whole else field
        claims[new_key] = Claim(field, new_key, heading, "declared in the project", unit=unit, currency=currency)
    return claims, mistakes


def _declared_pairs(declared: Declared) -> Iterator[tuple[str, str]]:
    for key, value in declared.items():
        if isinstance(value, str):
            yield key, value
        elif value is not None:
            yield from ((f"{key}[{qualifier}]", heading) for qualifier, heading in value.items())


def split_key(key: str) -> tuple[str, str | None]:
    """The field and the qualifier of a key: `title[nl]` gives `title` and `nl`."""
    match = _KEY.fullmatch(key)
    return (match["field"], match["qualifier"]) if match else (key, None)


def _unknown_field(key: str, wanted: str, fields: Fields) -> Problem | None:
    field, qualifier = split_key(key)
    if field not in fields:
        return Problem("unknown-column", f'"{field}" is not a field of feedsmith', _nearest(field, fields))
    if qualifier and not fields[field].varies:
        message = f'"{field}" is the same in all languages and markets, so "{key}" cannot be'
        return Problem("unknown-column", message, f'write "{field}: {wanted}"')
    return None


def _nearest(name: str, among: Iterable[str]) -> str:
    """A hint with the nearest of some names, or with the first of them."""
    from rapidfuzz import process  # noqa: PLC0415  (only a mistake needs it)

    among = list(among)
    best = process.extractOne(name, among, processor=normalise, score_cutoff=_NEAR_ENOUGH)
    if best:
        return f'did you mean "{best[0]}"?'
    return "there are: " + ", ".join(among[:8]) + (", …" if len(among) > 8 else "") if among else ""  # noqa: PLR2004


def _candidates(heading: str, aliases: Aliases) -> Iterator[_Candidate]:
    """All that a heading may stand for."""
    name = normalise(heading)
    if match := _METAFIELD.search(heading):
        name = normalise(match[1])
    whole = aliases.find(name)
    for alias in whole:
        unit, currency = _found_in_heading(aliases.fields[alias.field], heading)
        yield _candidate(heading, alias, Qualifier(unit=unit, currency=currency))
    if whole or name in aliases.ignore:
        return
    fields = aliases.fields
    for stem, tail in _splits(heading, name):
        known = [alias for alias in aliases.find(stem) if alias.certain or fields[alias.field].kind != "quantity"]
        found = [(alias, q) for alias in known if (q := qualifier_of(fields[alias.field], tail, heading))]
        for alias, qualifier in found:
            yield _candidate(heading, alias, qualifier)
        if found:
            return


def _splits(heading: str, name: str) -> Iterator[tuple[str, str]]:
    """Stem and qualifier: the longest stem first; a language in capitals may stand before (`NL_Title_Long`)."""
    tokens = name.split("_")
    for cut in range(len(tokens) - 1, 0, -1):
        yield "_".join(tokens[:cut]), "_".join(tokens[cut:])
    if re.match(r"[A-Z]{2}_", heading):
        yield "_".join(tokens[1:]), tokens[0]


def _candidate(heading: str, alias: Alias, qualifier: Qualifier) -> _Candidate:
    field = qualifier.field or alias.field
    key = f"{field}[{qualifier.key}]" if qualifier.key else field
    if alias.system:
        reason = f'{alias.system} calls it "{heading}"'
    elif alias.certain:
        reason = f'"{heading}" is a name of {field}' + (f", {qualifier.says}" if qualifier.says else "")
    else:
        reason = f'"{heading}" may be {field}; nothing else claims it'
    certain = alias.certain and qualifier.certain
    return _Candidate(Claim(field, key, heading, reason, certain, qualifier.unit, qualifier.currency), alias)


def _found_in_heading(field: CanonicalField, heading: str) -> tuple[str | None, str | None]:
    """The unit and the currency that a heading names for its field."""
    name = normalise(heading)
    if unit := read_table("aliases")["heading_units"].get(name):
        return unit if field.kind == "measure" else None, None
    for _, tail in _splits("", name):
        found = qualifier_of(field, tail, heading)
        if found and (found.unit or found.currency):
            return found.unit, found.currency
    return None, None


def _share(claims: dict[str, Claim], free: Iterable[str], refused: set[str], fields: Fields) -> None:
    """A period in one column (`start/end`) fills the two fields that nothing else fills."""
    shared = read_table("aliases")["shared"]
    for heading in free:
        for field in shared.get(normalise(heading), ()):
            if field in fields and field not in claims and field not in refused:
                claims[field] = Claim(field, field, heading, f'"{heading}" holds start and end')


def _number(claims: dict[str, Claim], free: Iterable[str], aliases: Aliases, refused: set[str]) -> None:
    """Numbered columns of a list: `image_2` and on are further pictures, `bullet_point_1` and on the selling points."""
    found: dict[str, list[str]] = {}
    for heading in free:
        match = _NUMBERED.fullmatch(normalise(heading))
        fields = {alias.field for stem in _stems(match) for alias in aliases.find(stem)}
        if "image_link" in fields and "additional_image_link" in aliases.fields:
            fields.add("additional_image_link")
        for field in sorted(fields):
            if aliases.fields[field].kind in ("urls", "texts"):
                found.setdefault(field, []).append(heading)
    for field, group in found.items():
        if field in refused:
            continue
        if field in claims:
            claims[field] = replace(claims[field], more=(*claims[field].more, *group))
        else:
            claims[field] = Claim(field, field, group[0], f"numbered columns are {field}", more=tuple(group[1:]))


def _follow_their_columns(claims: dict[str, Claim], headings: Sequence[str]) -> None:
    """`main_color[nl]` is no `color[nl]` where `color` is another column than `main_color`."""
    for key, found in list(claims.items()):
        base = found.heading.partition("[")[0]
        main = claims.get(found.field)
        if base != found.heading and base in headings and main and base not in main.headings:
            del claims[key]


def _stems(match: re.Match[str] | None) -> tuple[str, ...]:
    """A numbered heading's stem, and its plural: lists are known by it (`bullet_point_1`)."""
    return (match["stem"], match["stem"] + "s") if match else ()


def _with_units(claims: dict[str, Claim], headings: Iterable[str], fields: Fields) -> dict[str, Claim]:
    """The claims of measures, with the column that holds their unit."""
    by_name = {normalise(heading): heading for heading in headings}
    return {
        key: replace(found, unit_heading=by_name.get(f"{normalise(found.heading)}_unit"))
        if fields[found.field].kind == "measure" and not found.unit
        else found
        for key, found in claims.items()
    }


def _promoted(claims: dict[str, Claim]) -> dict[str, Claim]:
    """Where `price[EUR]` is the only price, it is `price`, with its currency kept."""
    result: dict[str, Claim] = {}
    for key, found in claims.items():
        siblings = [k for k in claims if k == found.field or k.startswith(f"{found.field}[")]
        if found.currency and key == f"{found.field}[{found.currency}]" and siblings == [key]:
            key = found.field  # noqa: PLW2901
            found = replace(found, key=key)  # noqa: PLW2901
        result[key] = found
    return result
