"""Claims of joined sources: what another file says of the same products, and which source wins.

A joined column goes by `SOURCE.HEADING`; one of several rows for a product by `SOURCE.HEADING[QUALIFIER]`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from feedsmith.catalog.headings import Claim, normalise, split_key
from feedsmith.catalog.kinds import KINDS, Setting
from feedsmith.catalog.product import FIELDS
from feedsmith.catalog.qualifiers import spelled
from feedsmith.catalog.tables import read_table
from feedsmith.values.column import Column
from feedsmith.values.text import clean_column

Wins = Literal["main", "joined"]
BETWEEN = "\x1f"
"""Between the parts of a key of several columns."""
GTIN_DIGITS = 14


@dataclass(frozen=True)
class Per:
    """What several rows for one product stand for, and which of a source's fields go by it."""

    kind: str

    @property
    def column(self) -> str:
        """What a project's `columns:` calls the column that says which."""
        return str(read_table("per")[self.kind]["column"])

    def heading(self, headings: Iterable[str]) -> str | None:
        """The column by its usual names; None where none is there, or several are."""
        names = read_table("per")[self.kind]["headings"]
        found = [heading for heading in headings if normalise(heading) in names]
        return found[0] if len(found) == 1 else None

    def field(self, name: str) -> str | None:
        """The product's field that a source's field gives for one store, language and so on; None for no such."""
        fields: Mapping[str, str] | None = read_table("per")[self.kind].get("fields")
        if fields is not None:
            return fields.get(name)
        return name if FIELDS[name].varies == self.kind else None

    def spelled(self, field: str, qualifier: str) -> str:
        """The qualifier as keys write it."""
        return qualifier if self.kind in {"store", "region"} else spelled(FIELDS[field], qualifier)


def column_of(source: str, heading: str, qualifier: str = "") -> str:
    """What a joined column is called."""
    return f"{source}.{heading}[{qualifier}]" if qualifier else f"{source}.{heading}"


def joined_claims(
    source: str,
    own: Mapping[str, Claim],
    keys: Sequence[str],
    per: Per | None = None,
    qualifiers: Sequence[str] = (),
    money: str | None = None,
) -> dict[str, Claim]:
    """A joined source's claims under the names of the joined columns.

    Args:
        source: its name.
        own: its claims as a file by itself.
        keys: the headings of its key columns, which give no field; nor does any heading give the product's id.
        per: what several rows for one product stand for.
        qualifiers: the stores, languages and so on that there are.
        money: the currency of its amounts, where the project says it.
    """
    currency = own.get("currency")
    found: dict[str, Claim] = {}
    for key, claim in own.items():
        if claim.field == "id" or claim.heading in keys or (claim is currency and per is not None):
            continue
        for new_key, field, qualifier in _keys(key, claim, per, qualifiers):
            new = replace(claim, key=new_key, field=field)
            coins = currency.heading if currency is not None and FIELDS[field].kind == "money" else None
            if coins is None and FIELDS[field].kind == "money":
                new = replace(new, currency=new.currency or money)
            found[new_key] = _renamed(new, source, qualifier, coins)
    return found


def _keys(key: str, claim: Claim, per: Per | None, qualifiers: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    """Key, field and qualifier of each column that a claim becomes."""
    if per is None:
        yield key, claim.field, ""
        return
    field = per.field(claim.field)
    if field is None or split_key(key)[1] is not None:
        return
    for qualifier in qualifiers:
        yield f"{field}[{per.spelled(field, qualifier)}]", field, qualifier


def _renamed(claim: Claim, source: str, qualifier: str, currency: str | None) -> Claim:
    def name(heading: str) -> str:
        return column_of(source, heading, qualifier)

    return replace(
        claim, heading=name(claim.heading), more=tuple(map(name, claim.more)), source=source, written=claim.heading,
        unit_heading=name(claim.unit_heading) if claim.unit_heading else None,
        currency_heading=name(currency) if currency and not claim.currency else None,
        reason=f"{claim.reason} (in {source})",
    )  # fmt: skip


def merged(
    claims: Mapping[str, Claim], joined: Mapping[str, Claim], wins: Wins | None
) -> tuple[dict[str, Claim], list[str]]:
    """Both sources' claims, and the keys that both have.

    Of two claims for one key the joined source's wins; a name that proves nothing by itself only where `wins` says so.
    The other fills the rows that the winner leaves empty.
    """
    found, both = dict(claims), list[str]()
    amounts = [key for key, claim in claims.items() if FIELDS[claim.field].kind == "money" or key == "currency"]
    for key, new in joined.items():
        if key == "currency" and amounts:
            continue  # its own amounts know it; those of other sources are in another currency perhaps
        old = found.get(key)
        if old is None:
            found[key] = new
            continue
        both.append(key)
        first = wins == "joined" or (wins is None and (new.certain or not old.certain))
        found[key] = _before(new, old) if first else _before(old, new)
    return found, both


def _before(first: Claim, second: Claim) -> Claim:
    return replace(first, behind=(*first.behind, replace(second, behind=()), *second.behind))


# --- keys --------------------------------------------------------------------------------------------------------


def typed_key(column: Column, kind: str) -> Column:
    """A key column of a joined source, read as the field of the same key is; what cannot be read is no key."""
    spec = next(field for field in FIELDS.values() if field.kind == kind)
    return KINDS[kind](clean_column(column)[0], Setting(spec)).column


def key_texts(columns: Sequence[Column], kinds: Sequence[str], *, fold: bool) -> list[str | None]:
    """The keys of rows, from one column or several; None where all of them are empty.

    GTINs of all lengths are compared as 14 digits; `fold` makes small letters and capitals the same.
    """
    parts = [_comparable(column, kind) for column, kind in zip(columns, kinds, strict=True)]
    if len(parts) == 1:
        found = parts[0]
    else:
        found = [BETWEEN.join(one or "" for one in row) if any(row) else None for row in zip(*parts, strict=True)]
    return [text.casefold() if text else None for text in found] if fold else found


def _comparable(column: Column, kind: str) -> list[str | None]:
    if kind == "gtin":
        return [text.zfill(GTIN_DIGITS) if text and text.isdecimal() else text for text in column]
    return column.values if column.is_text else [None if value is None else str(value) for value in column]
