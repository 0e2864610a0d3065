"""`init --like FEED`: rules that make a feed as an existing one is, found from that feed and the same products."""

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from feedsmith.errors import UsageError
from feedsmith.issues import Place
from feedsmith.mapping.infer.evidence import NEARLY_ALL, Inferred, Rule, Source, Verdict, plain_number, verdict
from feedsmith.mapping.infer.guesses import affixes_of
from feedsmith.mapping.infer.infer import infer
from feedsmith.mapping.printed import printed
from feedsmith.mapping.types import CURRENCY
from feedsmith.run.compile_feed import compile_feed
from feedsmith.run.feed import CompiledFeed
from feedsmith.run.job import Job
from feedsmith.run.names import ROW
from feedsmith.run.opening import open_job
from feedsmith.run.reading import open_feed, reading_project
from feedsmith.run.request import FeedFile, Request, open_project
from feedsmith.run.start.lines import commented
from feedsmith.run.start.market import Guess, country_of, language_of
from feedsmith.run.start.plan import Plan
from feedsmith.run.start.project_text import project_text
from feedsmith.sources.csv_part import read_table
from feedsmith.sources.inherit import inherited

MOST = 20_000
"""Products that are compared; more would not make the answer surer."""
HALF = 0.5
"""The share of the feed's ids that the catalog must have."""
TRIED = 300
SHOWN = 60
FLAT = (str, int, bool, Decimal)


@dataclass
class Read:
    """The values of a feed's fields, and of what rules may read, for each product."""

    fields: dict[str, list[Any]] = field(default_factory=dict)
    names: dict[str, list[Any]] = field(default_factory=dict)
    country: str = ""
    currency: str = ""

    @property
    def size(self) -> int:
        """The number of products."""
        return len(next(iter(self.fields.values()), []))

    def take(self, fields: Mapping[str, Sequence[Any]], names: Mapping[str, Sequence[Any]]) -> None:
        """Add a batch."""
        for known, new in ((self.fields, fields), (self.names, names)):
            for name, values in new.items():
                known.setdefault(name, []).extend(values)

    def rows(self, wanted: Sequence[int]) -> "Read":
        """The same for these products only."""
        fields, names = (
            {name: [values[row] for row in wanted] for name, values in one.items()} for one in (self.fields, self.names)
        )
        return Read(fields, names, self.country, self.currency)


@dataclass(frozen=True)
class Like:
    """The lines for the feed's entry in the project, and what is told on the screen."""

    lines: list[str]
    told: list[str]
    plan: Plan


def like(made: Plan, feed: Path, scratch: Path) -> Like:
    """The rules by which the plan's first channel makes that feed.

    Raises:
        SourceError: the feed cannot be read.
        UsageError: it is not a feed of these products.
    """
    channel = made.channels[0]
    old = _read_feed(feed, channel, scratch)
    made = _market_of(made, old, feed)
    new = _made(made, channel, [], scratch)
    pairs = _aligned(old, new, feed, channel)
    wanted, have = old.rows([theirs for theirs, _ in pairs]), new.rows([ours for _, ours in pairs])
    found = {name: _inferred(name, wanted, have) for name in wanted.fields if _any(wanted.fields[name])}
    rules = {name: one.rule for name, one in found.items() if one.rule is not None and not one.default.agrees}
    checked = _made(made, channel, [f"{name}: {_written(rule)}" for name, rule in rules.items()], scratch)
    again = checked.rows([ours for _, ours in pairs])
    proved = {name: verdict(_texts(wanted, name), _texts(again, name)) for name in rules}
    return _told(made, found, proved, wanted, have, old.size, new.size)


# --- reading -----------------------------------------------------------------------------------------------------


def _read_feed(feed: Path, channel: str, scratch: Path) -> Read:
    request = Request(feed=FeedFile(feed.resolve(), channel))
    job, _ = open_feed(request, reading_project(request), scratch)
    found = _read(job, names=False)
    market = job.specs[0].market
    found.country, found.currency = market.country, market.currency
    return found


def _made(made: Plan, channel: str, rules: list[str], scratch: Path) -> Read:
    """What the project of the plan makes of the catalog, with these rules."""
    folder = Path(tempfile.mkdtemp(dir=scratch))
    fields = {channel: ["fields:", *(f"  {line}" for line in rules)]} if rules else None
    (folder / "feedsmith.yaml").write_text(project_text(replace(made, channels=(channel,)), folder, fields), "utf-8")
    request = Request(project=folder)
    job, _ = open_job(request, open_project(request), folder)
    return _read(job, names=True)


def _read(job: Job, *, names: bool) -> Read:
    """The values of the job's one feed, before any product is rejected."""
    feed = compile_feed(job, job.specs[0])
    stream = job.stream_of(job.specs[0].name)
    conformer, joiner = stream.conformer(), stream.joiner()
    found = Read()
    for table in stream.tables:
        batches = read_table(table)
        for batch in joiner(inherited(batches, stream.inherit) if stream.inherit else batches):
            if found.size >= MOST:
                return found
            rows, _ = feed.left_out(conformer.conform(batch), {})
            items, _ = feed.items(conformer.conform(batch), rows)
            fields = {one.key: list(items.column(one.key)) for one in feed.active}
            fields |= {
                one.key + CURRENCY: list(items.column(one.key + CURRENCY))
                for one in feed.active if one.out.definition.type == "money"
            }  # fmt: skip
            found.take(fields, {name: list(rows.column(name)) for name in _readable(feed)} if names else {})
    return found


def _readable(feed: CompiledFeed) -> list[str]:
    """What rules may read: fields with values, the project's own, columns that no field claims."""
    present = (feed.names.present & feed.names.usual) | set(feed.names.derived)
    return sorted(name for name in present if not name.endswith(CURRENCY) and name != ROW)


def _market_of(made: Plan, old: Read, feed: Path) -> Plan:
    """The plan, with the country and currency of the feed where the catalog did not tell them."""
    market = made.market
    told = f"as in {feed.name}"
    if old.currency and not market.currency.certain:
        market = replace(market, currency=Guess(old.currency, told, certain=True))
    if old.country and not market.country.certain:
        market = replace(market, country=Guess(old.country, told, certain=True))
    texts = (text for name in ("title", "description") for text in old.fields.get(name, []) if isinstance(text, str))
    if not market.language.certain and (language := language_of(texts)):
        market = replace(market, language=Guess(language, told, certain=True))
    if not market.country.certain:
        market = replace(market, country=country_of(market.site, market.currency, market.language))
    return replace(made, market=market)


# --- the same products -------------------------------------------------------------------------------------------


def _aligned(old: Read, new: Read, feed: Path, channel: str) -> list[tuple[int, int]]:
    """The numbers of the same products in the feed and in the catalog.

    A column that holds the feed's ids tells them, perhaps with a fixed text in front or behind.
    """
    ids = _texts(old, _id_field(old))
    known = {text: row for row, text in enumerate(ids) if text}
    best: tuple[int, str, str, str] = (0, "", "", "")
    columns = {name: [printed(value) for value in values] for name, values in new.names.items()}
    for name, column in columns.items():
        for before, behind in _affixes(list(known)[:TRIED], set(column)):
            hits = sum(f"{before}{text}{behind}" in known for text in set(column) if text)
            best = max(best, (hits, name, before, behind), key=lambda one: one[0])
    hits, name, before, behind = best
    if hits < HALF * len(known) or not hits:
        told = f"no column of the catalog holds its ids ({hits:,} of {len(known):,} were found)"
        raise UsageError(
            Place(str(feed)), f"is no {channel} feed of these products: {told}", "give a feed of this catalog"
        )
    rows: dict[int, int] = {}
    for row, text in enumerate(columns[name]):
        if text and (theirs := known.get(f"{before}{text}{behind}")) is not None:
            rows.setdefault(theirs, row)
    return sorted(rows.items())


def _id_field(old: Read) -> str:
    """The field by which the feed calls its items: the one with a value of its own for most of them."""
    for name in ("id", "sku", "offer_id", "product_id", "retailer_id"):
        if name in old.fields:
            return name
    return max(old.fields, key=lambda name: len(set(_texts(old, name))))


def _affixes(ids: list[str], values: set[str]) -> Iterator[tuple[str, str]]:
    """Texts in front and behind that the feed may have added: nothing, or parts of what all ids share."""
    yield "", ""
    before, behind = affixes_of(ids)
    for start in range(len(before) + 1):
        for end in range(len(behind) + 1):
            tail = behind[len(behind) - end :]
            if (start or end) and any(text[start : len(text) - end] in values for text in ids[:3]):
                yield before[:start], tail


# --- fields ------------------------------------------------------------------------------------------------------


def _any(values: Sequence[Any]) -> bool:
    return any(value is not None for value in values)


def _texts(read: Read, name: str) -> list[str]:
    """A field's values as texts for comparing; amounts with their currency."""
    values = [_text(value) for value in read.fields.get(name, [None] * read.size)]
    codes = read.fields.get(name + CURRENCY)
    return (
        [f"{text} {code}" if text and code else text for text, code in zip(values, codes, strict=True)]
        if codes
        else values
    )


def _text(value: Any) -> str:
    return json.dumps(value, default=str, sort_keys=True) if isinstance(value, dict | list) else plain_number(value)


def _inferred(name: str, wanted: Read, have: Read) -> Inferred:
    """The rule for one field. What is not one plain value is compared only with what the channel does by itself."""
    default = verdict(_texts(wanted, name), _texts(have, name))
    values = [value for value in wanted.fields[name] if value is not None]
    if default.agrees or not all(isinstance(value, FLAT) for value in values) or name.endswith(CURRENCY):
        return Inferred(None, default, default)
    texts = [plain_number(value) for value in wanted.fields[name]]
    typed = any(isinstance(value, Decimal) for value in values)
    sources = [_source(one, column, typed=typed) for one, column in have.names.items() if _any(column)]
    groups = [printed(value) for value in have.names.get("item_group_id", [])]
    return infer(texts, [plain_number(value) for value in have.fields.get(name, [None] * len(texts))], sources, groups)


def _source(name: str, column: Sequence[Any], *, typed: bool) -> Source:
    texts = [plain_number(value) if typed else printed(value) for value in column]
    numeric = any(isinstance(value, Decimal | int) and not isinstance(value, bool) for value in column)
    return Source(name, texts, [Decimal(value) if value is not None else None for value in column] if numeric else None)


def _written(rule: Rule) -> str:
    """A rule on one line of YAML; JSON is YAML too."""
    return json.dumps(rule.written, ensure_ascii=False)


def _short(rule: Rule) -> str:
    text = _written(rule)
    return text if len(text) <= 2 * SHOWN else text[: 2 * SHOWN] + "…"


# --- telling -----------------------------------------------------------------------------------------------------


def _told(
    made: Plan,
    found: Mapping[str, Inferred],
    proved: Mapping[str, Verdict],
    wanted: Read,
    have: Read,
    old: int,
    new: int,
) -> Like:
    told = [f"{wanted.size:,} products are in both: the feed has {old:,}, the catalog {new:,}"]
    rules: list[str] = []
    left: list[str] = []
    kept: list[str] = []
    for name, one in found.items():
        if name.endswith(CURRENCY):
            continue
        if one.default.agrees:
            kept.append(name)
        elif one.rule is not None and proved[name].good:
            share = f"{proved[name].holds:,} of {proved[name].of:,} products"
            rules += commented(f"  {name}: {_written(one.rule)}", f"{one.rule.kind}: {share}")
            told.append(f"rule for {name} ({one.rule.kind}): {share}")
        else:
            left.append(_open(name, one, wanted))
    missing = sorted(
        name for name, values in have.fields.items() if name not in found and _any(values) and CURRENCY not in name
    )
    if missing:
        left.append(f"not in the feed, and sent now: {', '.join(missing)}")
    told += [f"open: {text}" for text in left]
    lines = (
        [*commented("fields:", "found in the existing feed; for how many products each rule holds"), *rules]
        if rules
        else []
    )
    lines += [
        line for text in (_kept(kept), *(f"OPEN: {text}" for text in left)) for line in commented("", text) if line
    ]
    return Like(lines, told, made)


def _kept(names: list[str]) -> str:
    return f"as in the existing feed without a rule: {', '.join(names)}" if names else ""


def _open(name: str, one: Inferred, wanted: Read) -> str:
    if one.rivals:
        ways = " or ".join(_short(rule) for rule in one.rivals)
        return f"{name}: several rules hold equally well for {one.verdict.holds:,} of {one.verdict.of:,}: {ways}"
    if one.best is None:
        return (
            f"{name}: no rule found; without one it is right for {one.default.holds:,} of {one.default.of:,} products"
        )
    share = f"{one.verdict.holds:,} of {one.verdict.of:,}"
    told = f"{name}: no rule holds for {NEARLY_ALL:.0%}; the nearest, {_short(one.best)}, for {share}"
    if one.example is not None:
        value = _texts(wanted, name)[one.example]
        told += f"; an example: {value[:SHOWN]!r}"
    return told
