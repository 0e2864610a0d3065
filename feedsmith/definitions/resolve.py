"""What a feed comes to: the blocks of the project, its rule sets, its market and itself, laid over each other.

The order is project, the feed's sets as listed, the market's sets, the market, the feed. Entries merge by name,
a value replaces, an empty value removes, `where` adds up. A rule without a source goes on with the rule below it.
"""

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fnmatch import fnmatchcase
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from feedsmith.definitions.guards import Levels, default_levels, levels_of
from feedsmith.definitions.load import Project, named_conditions
from feedsmith.definitions.model import nearest, validated
from feedsmith.definitions.node import Node
from feedsmith.definitions.project import Feed, OwnCheck
from feedsmith.definitions.rule import RuleDefinition, rule_cases
from feedsmith.definitions.target import TargetSpec, check_apart, targets_of
from feedsmith.errors import DefinitionError, Mistakes
from feedsmith.values.codes import COUNTRIES, COUNTRY_CURRENCY, COUNTRY_LANGUAGE, LANGUAGES
from feedsmith.values.money import CURRENCIES
from feedsmith.values.numbers import parse_decimal
from feedsmith.values.problem import Problem

MOST_VAT = 100
MOST_SETS = 50
"""Rule sets that a feed or a market may extend."""
MARKET_KEYS = ("country", "language", "currency", "vat", "site", "zone")


@dataclass(frozen=True, slots=True)
class MarketSettings:
    """What rules call `market`. `vat` is a rate in per cent."""

    name: str = ""
    country: str = ""
    language: str = ""
    currency: str = ""
    vat: Decimal | None = None
    site: str = ""
    zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Layer:
    """A block that a feed is made of. `origin` names it, as in `rules shop`; `when` limits its fields."""

    node: Node
    origin: str
    when: Node | None = None


@dataclass(frozen=True, slots=True)
class FieldRule:
    """One layer of a field's rule. `below` is the layer it goes on with where it has no source or does not apply."""

    cases: tuple[tuple[RuleDefinition, Node], ...]
    node: Node
    origin: str
    when: Node | None = None
    below: "FieldRule | None" = None

    @property
    def goes_on(self) -> bool:
        """Whether the rule below still counts: this one has a condition, or a case without a source."""
        if not self.cases:
            return False
        conditional = self.when is not None or self.cases[-1][0].when is not None
        return conditional or any(not definition.sources for definition, _ in self.cases)


@dataclass(frozen=True, slots=True)
class Condition:
    """A `where` or `exclude` entry: its name is the reason in every report."""

    name: str
    node: Node
    origin: str


@dataclass(frozen=True)
class FeedSpec:
    """One feed for one market, resolved."""

    name: str
    channel: str
    channel_node: Node
    market: MarketSettings
    output: str
    title: str
    link: str
    description: str
    fields: dict[str, FieldRule] = field(default_factory=dict)
    where: tuple[Condition, ...] = ()
    exclude: dict[str, Condition] = field(default_factory=dict)
    checks: dict[str, tuple[OwnCheck | str, Node]] = field(default_factory=dict)
    overrides: tuple[Node, ...] = ()
    """Names of the tables whose cells win over the rules, the last one over those before."""
    vars: dict[str, Node] = field(default_factory=dict)
    guards: dict[str, Levels] = field(default_factory=default_levels)
    layers: tuple[Layer, ...] = ()
    deltas: bool = False
    workbook: str = ""
    sheet: str = ""
    header_row: int | None = None
    first_row: int | None = None
    targets: dict[str, TargetSpec] = field(default_factory=dict)
    """Where it is delivered to."""

    @property
    def words(self) -> dict[str, str]:
        """What placeholders in names at targets stand for, as far as the project says."""
        return {"feed": self.name, "channel": self.channel, "market": self.market.name}


def resolve_feeds(project: Project, today: date) -> list[FeedSpec]:
    """Every feed of the project for each of its markets, in the order of the file.

    Raises:
        DefinitionError: a feed names a market or a rule set that is not there, two feeds have one name or one file.
    """
    mistakes = Mistakes()
    made = [
        mistakes.trying(partial(_feed, project, name, feed, market, today))
        for name, feed in project.definition.feeds.items()
        for market in (feed.markets or [""])
    ]
    mistakes.tell()
    specs = [spec for spec in made if spec is not None]
    for what, names in (("name", [spec.name for spec in specs]), ("file", [spec.output for spec in specs])):
        for number, name in enumerate(names):
            if name and name in names[:number]:
                hint = "give each feed a name and an output of its own"
                raise DefinitionError(specs[number].channel_node.place, f"two feeds have the {what} {name!r}", hint)
    check_apart((spec.words, target) for spec in specs for target in spec.targets.values())
    return specs


def chosen(specs: list[FeedSpec], feeds: list[str], channels: list[str], markets: list[str]) -> list[FeedSpec]:
    """The feeds that `--feed`, `--channel` and `--market` ask for; all without any of them."""

    def asked(patterns: list[str], name: str) -> bool:
        return not patterns or any(fnmatchcase(name, pattern) for pattern in patterns)

    return [
        spec
        for spec in specs
        if asked(feeds, spec.name) and asked(channels, spec.channel) and asked(markets, spec.market.name)
    ]


def _feed(project: Project, name: str, feed: Feed, market: str, today: date) -> FeedSpec:
    node = project.root.map["feeds"].map[name]
    layers = list(_layers(project, name, market, today))
    full = f"{name}_{market}" if market else name
    settings = _market(market, layers)
    return FeedSpec(
        name=full,
        channel=feed.channel,
        channel_node=node.map["channel"],
        market=settings,
        output=feed.output or "",
        title=feed.title or full,
        link=feed.link or settings.site,
        description=feed.description or "",
        fields=_fields(layers),
        where=tuple(_conditions(layers, "where").values()),
        exclude=_conditions(layers, "exclude"),
        checks=_checks(layers),
        overrides=tuple(_overrides(layers)),
        vars={key: value for layer in layers for key, value in _section(layer, "vars").items()},
        guards=default_levels() | {name: levels_of(name, node) for name, node in _guards(layers).items()},
        layers=tuple(layers),
        deltas=feed.deltas,
        workbook=feed.workbook or "",
        sheet=feed.sheet or "",
        header_row=feed.header_row,
        first_row=feed.first_row,
        targets=targets_of((layer.origin, _section(layer, "publish")) for layer in layers),
    )


def _layers(project: Project, name: str, market: str, today: date) -> Iterator[Layer]:
    feed = project.root.map["feeds"].map[name]
    yield Layer(project.root, "project")
    yield from _sets(project, feed, today)
    if market:
        markets = project.root.map.get("markets")
        found = markets.map.get(market) if markets else None
        if found is None:
            asked = next(node for _, node in feed.map["markets"].leaves() if node.text == market)
            hint = nearest(market, markets.map if markets else {})
            raise DefinitionError(asked.place, f"there is no market {market!r}", hint)
        yield from _sets(project, found, today)
        yield Layer(found, f"market {market}")
    yield Layer(feed, f"feed {name}")


def _sets(project: Project, node: Node, today: date) -> Iterator[Layer]:
    extends = node.map.get("extends")
    if extends is None:
        return
    rules = project.root.map.get("rules")
    named = extends.value if isinstance(extends.value, list) else [extends]
    if len(named) > MOST_SETS:
        raise DefinitionError(extends.place, f"extends {len(named)} rule sets", f"at most {MOST_SETS} can be extended")
    for item in named:
        if rules is None or item.text not in rules.map:
            known = rules.map if rules else {}
            raise DefinitionError(item.place, f"there is no rule set {item.text!r}", nearest(item.text, known))
        rule_set = project.definition.rules[item.text]
        if (rule_set.from_ and today < rule_set.from_) or (rule_set.until and today > rule_set.until):
            continue
        found = rules.map[item.text]
        yield Layer(found, f"rules {item.text}", found.map.get("when"))


def _section(layer: Layer, name: str) -> dict[str, Node]:
    node = layer.node.map.get(name)
    return node.map if node else {}


def _fields(layers: list[Layer]) -> dict[str, FieldRule]:
    fields: dict[str, FieldRule] = {}
    for layer in layers:
        for name, node in _section(layer, "fields").items():
            if node.value is None:
                fields[name] = FieldRule((), node, layer.origin)
                continue
            below = fields.get(name)
            fields[name] = FieldRule(rule_cases(node), node, layer.origin, layer.when, below)
    return fields


def _conditions(layers: list[Layer], section: str) -> dict[str, Condition]:
    """The conditions of all layers by name. They add up; one of the same name takes the former's place."""
    found: dict[str, Condition] = {}
    for layer in layers:
        node = layer.node.map.get(section)
        for name, item in (named_conditions(node) if node else {}).items():
            found.pop(name, None)
            if item.value is not None:
                found[name] = Condition(name, item, layer.origin)
    return found


def _overrides(layers: list[Layer]) -> Iterator[Node]:
    """The tables of corrections of all layers, in their order."""
    for layer in layers:
        node = layer.node.map.get("overrides")
        if node is not None and node.value is not None:
            yield from node.value if isinstance(node.value, list) else [node]


def _checks(layers: list[Layer]) -> dict[str, tuple[OwnCheck | str, Node]]:
    checks: dict[str, tuple[OwnCheck | str, Node]] = {}
    for layer in layers:
        for name, node in _section(layer, "checks").items():
            if node.value is None:
                checks.pop(name, None)
            elif isinstance(node.value, str):
                checks[name] = (node.text, node)
            else:
                checks[name] = (validated(OwnCheck, node), node)
    return checks


def _guards(layers: list[Layer]) -> dict[str, Node]:
    """What the layers say of guards; an empty entry brings the guard's own levels back."""
    found = {name: node for layer in layers for name, node in _section(layer, "guards").items()}
    return {name: node for name, node in found.items() if node.value is not None}


def market_entries(layers: Iterable[Layer]) -> dict[str, tuple[Node, str]]:
    """What the layers say of the market: each key's node and the name of its layer."""
    found: dict[str, tuple[Node, str]] = {}
    for layer in layers:
        entries = dict(_section(layer, "market"))
        if layer.origin.startswith("market "):
            entries |= {key: layer.node.map[key] for key in MARKET_KEYS if key in layer.node.map}
        found |= {key: (node, layer.origin) for key, node in entries.items()}
    return {key: entry for key, entry in found.items() if entry[0].value is not None}


def _market(name: str, layers: list[Layer]) -> MarketSettings:
    found = {key: node for key, (node, _) in market_entries(layers).items()}
    values: dict[str, Any] = {key: node.text for key, node in found.items()}
    for key in values:
        _check_market(key, found[key])
    country = values.get("country", "")
    values.setdefault("language", COUNTRY_LANGUAGE.get(country, ""))
    values.setdefault("currency", COUNTRY_CURRENCY.get(country, ""))
    if "vat" in values:
        values["vat"] = _rate(found["vat"])
    return MarketSettings(name=name, **values)


def _check_market(key: str, node: Node) -> None:
    if key in CODES:
        known, what, hint = CODES[key]
        if node.text not in known:
            raise DefinitionError(node.place, f"{node.text!r} is no {what}", hint)
    if key == "zone":
        try:
            ZoneInfo(node.text)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise DefinitionError(node.place, f"{node.text!r} is no time zone", "such as Europe/Amsterdam") from error


def _rate(node: Node) -> Decimal:
    rate = parse_decimal(node.text.removesuffix("%").strip())
    if isinstance(rate, Problem) or not 0 <= rate < MOST_VAT:
        raise DefinitionError(node.place, f"{node.text!r} is no rate in per cent", "for example 21")
    return rate


CODES: dict[str, tuple[Container[str], str, str]] = {
    "country": (COUNTRIES, "ISO country code", "two capitals, such as NL or GB"),
    "currency": (CURRENCIES, "ISO currency code", "three capitals, such as EUR"),
    "language": (LANGUAGES, "ISO language code", "two small letters, such as nl"),
}
"""Settings of a market that are codes: the known ones, and what to call and to write."""
