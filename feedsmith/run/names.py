"""What the names in a project's rules stand for, for one feed and one market, and where their columns come from."""

from collections.abc import Callable, Mapping
from typing import Any

from feedsmith.catalog.conform import Conformer
from feedsmith.catalog.headings import identifier
from feedsmith.catalog.product import FIELDS
from feedsmith.catalog.products import Products
from feedsmith.definitions.channel import ChannelDefinition
from feedsmith.definitions.node import Node
from feedsmith.definitions.resolve import FeedSpec, MarketSettings
from feedsmith.definitions.rule import rule_cases
from feedsmith.errors import DefinitionError
from feedsmith.mapping import rules
from feedsmith.mapping.compile import RuleCompiler
from feedsmith.mapping.expression import compile_expression
from feedsmith.mapping.from_feed import column_name
from feedsmith.mapping.rows import Rows
from feedsmith.mapping.scope import Scope
from feedsmith.mapping.types import CURRENCY, KIND_TYPES, Type
from feedsmith.run.job import Job
from feedsmith.values.column import Column

Find = Callable[[str], Column]


class Names:
    """The names that the rules of one feed may use, and their columns.

    Canonical fields, the source's own headings, the project's own fields and its segments. `derived` are the rules of
    the last two; a field may use those above it.
    """

    def __init__(self, job: Job, spec: FeedSpec, channel: ChannelDefinition) -> None:
        self.market = spec.market
        self.headings = _headings(job)
        self.derived: dict[str, rules.Rule] = {}
        self.present = self._present(job)
        names: dict[str, Type] = dict.fromkeys(self.headings, Type.TEXT)
        names |= {name: KIND_TYPES[field.kind] for name, field in FIELDS.items()}
        names |= {name + CURRENCY: Type.TEXT for name, field in FIELDS.items() if field.kind == "money"}
        self.scope = Scope(
            names,
            constants=_constants(job, spec, channel),
            values={"today": job.now},
            headings={heading: name for name, heading in self.headings.items()},
        )
        self.compiler = RuleCompiler(self.scope, job.lookups, spec.market.currency)
        self._add_derived(job, names)
        claimed = {c.heading for c in job.claims.values()}
        free = {name for name, heading in self.headings.items() if heading not in claimed}
        self.usual = frozenset({*FIELDS, *self.derived, *free})
        """The names that a channel's field of the same name takes its value from by default."""

    def _add_derived(self, job: Job, names: dict[str, Type]) -> None:
        root = job.project.root
        catalog = root.map.get("catalog")
        own = catalog.map.get("fields") if catalog else None
        for name, node in (own.map if own else {}).items():
            rule = self.compiler.cases(rule_cases(node), None, node)
            if rule is None:
                raise DefinitionError(node.place, f"the field {name!r} has no source")
            self._add(name, node, rule, names)
        segments = root.map.get("segments")
        for name, node in (segments.map if segments else {}).items():
            rule = rules.Expression(compile_expression(node, self.scope, Type.FLAG), "segment")
            self._add(name, node, rule, names)

    def _add(self, name: str, node: Node, rule: rules.Rule, names: dict[str, Type]) -> None:
        if name in self.derived:
            raise DefinitionError(
                node.key_place, f"{name!r} is a field of the catalog and a segment", "rename one of them"
            )
        self.derived[name] = rule
        names[name] = rule.type
        self.present |= {name}

    def _present(self, job: Job) -> frozenset[str]:
        """The names that can have a value in this catalog."""
        found = {key.split("[")[0] for key in Conformer(job.claims, job.options).keys()}  # noqa: SIM118 - a method of ours, no mapping
        money = {name + CURRENCY for name in found if name in FIELDS and FIELDS[name].kind == "money"}
        return frozenset(found | money | set(self.headings))

    def keys(self, name: str) -> frozenset[str]:
        """The canonical keys and the headings that a name needs."""
        if name in self.derived:
            reads = self.derived[name].reads
            return frozenset({name} & reads).union(*(self.keys(read) for read in reads - {name}))
        if name in FIELDS or name.endswith(CURRENCY):
            return frozenset({name.removesuffix(CURRENCY), "currency"})
        return frozenset({name})

    def finder(self, products: Products, rows: Callable[[], Rows]) -> Find:
        """The function that finds a name's column in a batch of products."""
        market = self.market
        busy: set[str] = set()

        def find(name: str) -> Column:
            if name in self.derived and name not in busy:  # inside its own rule a name is the catalog's column
                busy.add(name)
                column = self.derived[name].apply(rows(), name)
                busy.discard(name)
                return column
            if name.endswith(CURRENCY):
                return self._currency(products, name.removesuffix(CURRENCY))
            if name in FIELDS:
                return canonical(products, name, market)
            return products.raw(self.headings[name])

        return find

    def _currency(self, products: Products, field: str) -> Column:
        """The currency of each row of an amount: the catalog's, else the market's."""
        found = products.currency_of(value_key(products, field, self.market))
        default = self.market.currency or None
        if found is None or found.blank:
            return Column([default] * len(products))
        return found if found.full else Column([value or default for value in found])


def canonical(products: Products, name: str, market: MarketSettings) -> Column:
    """A canonical field as a market sees it: its language's text, its own price."""
    varies = FIELDS[name].varies
    if varies == "language":
        return products.text(name, market.language or None, market.name or None, market.country or None)
    if varies == "market":
        return products[value_key(products, name, market)]
    return products[name]


def value_key(products: Products, name: str, market: MarketSettings) -> str:
    """The key of a field that varies by market."""
    if FIELDS[name].varies != "market":
        return name
    return products.value_key(name, market.name or None, market.currency or None, market.country or None)


def _headings(job: Job) -> dict[str, str]:
    """Name → heading of the source's columns that no canonical field bears the name of."""
    found: dict[str, str] = {}
    if job.reads is not None:
        return {column_name(heading): heading for heading in job.tables[0].headings}
    for heading in job.tables[0].headings if job.tables else ():
        name = identifier(heading)
        if name in found:
            raise DefinitionError(
                job.tables[0].place(job.tables[0].header_row, heading),
                f"the headings {found[name]!r} and {heading!r} both read as {name!r}",
                "rename one of them",
            )
        if name and name not in FIELDS:
            found[name] = heading
    return found


def _constants(job: Job, spec: FeedSpec, channel: ChannelDefinition) -> dict[str, Mapping[str, Any]]:
    market = spec.market
    return {
        "market": {
            "name": market.name or None, "country": market.country or None, "language": market.language or None,
            "currency": market.currency or None, "vat": market.vat, "site": market.site or None,
        },
        "feed": {"name": spec.name, "title": spec.title, "link": spec.link or None},
        "channel": {"name": spec.channel, "title": channel.title},
        "vars": {name: node.plain() for name, node in spec.vars.items()},
        "lists": {name: tuple(items) for name, items in channel.lists.items()},
        "tables": dict(job.lookups),
    }  # fmt: skip
