"""What the names in a project's rules stand for, for one feed and one market, and where their columns come from."""

from collections import Counter
from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import replace
from functools import partial
from hashlib import sha256
from typing import Any

from feedsmith.catalog.headings import identifier, split_key
from feedsmith.catalog.products import Products
from feedsmith.catalog.records import PRODUCT, RECORDS
from feedsmith.definitions.channel import ChannelDefinition
from feedsmith.definitions.node import Node
from feedsmith.definitions.resolve import FeedSpec
from feedsmith.definitions.rule import rule_cases
from feedsmith.errors import DefinitionError, Mistakes
from feedsmith.mapping import rules
from feedsmith.mapping.compile import RuleCompiler
from feedsmith.mapping.expression import compile_expression
from feedsmith.mapping.from_feed import column_name
from feedsmith.mapping.own_steps import own_steps
from feedsmith.mapping.ranks import Cuts, Ranked
from feedsmith.mapping.rows import Rows
from feedsmith.mapping.rule import Rule
from feedsmith.mapping.scope import Scope
from feedsmith.mapping.taxonomy import Taxonomy
from feedsmith.mapping.types import CURRENCY, KIND_TYPES, Type
from feedsmith.run.aggregates import AGGREGATES, GROUP, OF_GROUP, group_types
from feedsmith.run.channel_fields import words_of_market
from feedsmith.run.job import Job, Stream
from feedsmith.run.prices import Prices
from feedsmith.run.spread import CARRIES, OWN_VALUES, Items, Spread, place_types, spread_of, stores_of_stock
from feedsmith.values.column import Column

Find = Callable[[str], Column]
VAT = "vat_rate"
DEEPEST = 100
"""How deep rules may lie within each other, those of own fields and segments that they name included."""

ROW = "file.row"
"""The row of a record in its file; in further files of a source it goes on at a multiple of `ROWS`."""
ROWS = 10_000_000


class Names:
    """The names that the rules of one feed may use, and their columns.

    Canonical fields, the source's own headings, the project's own fields and its segments. `derived` are the rules of
    the last two; a field may use those above it.
    """

    def __init__(self, job: Job, spec: FeedSpec, channel: ChannelDefinition) -> None:
        self.market = spec.market
        stream = job.stream_of(spec.name)
        self.record = RECORDS[stream.record]
        fields = self.record.fields
        self.prices = self._prices(job, stream)
        self.headings = _headings(stream) if job.reads is None else _columns(stream)
        self.spread = _spread(job, spec, channel, stream)
        self.variants: frozenset[str] = frozenset()
        self.derived: dict[str, Rule] = {}
        self.depths: dict[str, int] = {}
        self.ranks: dict[str, Ranked] = {}
        self.present = self._present(stream)
        names: dict[str, Type] = dict.fromkeys(self.headings, Type.TEXT)
        names |= {name: KIND_TYPES[field.kind] for name, field in fields.items()}
        self.policies = {join.name: join.missing for join in stream.joins}
        names |= {name + CURRENCY: Type.TEXT for name, field in fields.items() if field.kind == "money"}
        self.files = {table.shown: number for number, table in enumerate(stream.sources)}
        """Each file's number, by its name."""
        places = {self.spread.kind: place_types(self.spread.kind)} if self.spread else {}
        self.scope = Scope(
            names,
            constants=_constants(job, spec, channel),
            values={"today": job.now},
            headings=_exact(self.headings, stream),
            taxonomy=job.taxonomies.get(spec.market.language) or Taxonomy(spec.market.language),
            owners=places | {"file": {"row": Type.NUMBER}},
        )
        self.compiler = RuleCompiler(self.scope, job.lookups, spec.market.currency, steps=own_steps(job.project))
        if self.record is PRODUCT:
            self._add_derived(job, names)
            self._add_ranks(job, spec, names)
        claimed = {c.heading for c in stream.claims.values()}
        free = {name for name, heading in self.headings.items() if heading not in claimed}
        self.usual = frozenset({*fields, *self.derived, *free})
        """The names that a channel's field of the same name takes its value from by default."""

    def with_siblings(self) -> "Names":
        """The names for rules of a variant, which may ask the same of its group's products as the group's rules."""
        names = copy(self)
        owners = {**self.scope.owners, **group_types(self.scope.names)}
        names.scope = replace(self.scope, names=_with_currencies(self.scope.names, self.scope.names), owners=owners)
        names.present = self.present | _over_groups(self.present)
        return names

    def for_groups(self, fields: Mapping[str, Type]) -> "Names":
        """The names for rules of a group, whose variants have these fields."""
        names = copy(self)
        names.variants = frozenset(fields)
        known = {**self.scope.names, **fields}
        names.scope = replace(self.scope, names=_with_currencies(self.scope.names, known), owners=group_types(known))
        names.present = self.present | _over_groups(self.present | names.variants)
        names.usual = frozenset()
        return names

    def _add_derived(self, job: Job, names: dict[str, Type]) -> None:
        root = job.project.root
        catalog = root.map.get("catalog")
        own = catalog.map.get("fields") if catalog else None
        mistakes = Mistakes()
        for name, node in (own.map if own else {}).items():
            mistakes.trying(partial(self._add_own, name, node, names))
        segments = root.map.get("segments")
        for name, node in (segments.map if segments else {}).items():
            mistakes.trying(partial(self._add_segment, name, node, names))
        mistakes.tell()

    def _add_own(self, name: str, node: Node, names: dict[str, Type]) -> None:
        rule = self.compiler.cases(rule_cases(node), None, node)
        if rule is None:
            raise DefinitionError(node.place, f"the field {name!r} has no source")
        self._add(name, node, rule, names)

    def _add_segment(self, name: str, node: Node, names: dict[str, Type]) -> None:
        self._add(name, node, rules.Expression(compile_expression(node, self.scope, Type.FLAG), "segment"), names)

    def _add_ranks(self, job: Job, spec: FeedSpec, names: dict[str, Type]) -> None:
        ranks = job.project.root.map.get("ranks")
        cuts = Cuts(job.scratch / f"ranks-{sha256(spec.name.encode()).hexdigest()[:16]}")
        for name, node in (ranks.map if ranks else {}).items():
            definition = job.project.definition.ranks[name]
            by = compile_expression(node.map["lowest" if definition.highest is None else "highest"], self.scope)
            if by.type not in {Type.NUMBER, Type.DATE}:
                hint = "write to_number(…), or give the column a type under catalog: fields:"
                raise DefinitionError(by.place, f"a rank is by a number or a date, found a {by.type}", hint)
            per = compile_expression(node.map["per"], self.scope) if definition.per is not None else None
            when = compile_expression(node.map["when"], self.scope, Type.FLAG) if definition.when is not None else None
            rank = Ranked(
                name, by, definition.highest is not None, per, when, definition.top, definition.millionths, cuts, ROW,
                node.place,
            )  # fmt: skip
            self._add(name, node, rank, names)
            self.ranks[name] = rank

    def _add(self, name: str, node: Node, rule: Rule, names: dict[str, Type]) -> None:
        if name in self.derived:
            raise DefinitionError(
                node.key_place, f"two of own fields, segments and ranks have the name {name!r}", "rename one of them"
            )
        self.depths[name] = self.depth(rule)
        self.derived[name] = rule
        names[name] = rule.type
        self.present |= {name}

    def depth(self, rule: Rule) -> int:
        """How deep rules lie within each other in a rule and in the own fields and segments that it names.

        Raises:
            DefinitionError: it is more than a run can work with.
        """
        found = rules.depth(rule) + max((self.depths.get(name, 0) for name in rule.reads), default=0)
        if found > DEEPEST:
            hint = f"own fields and segments may build on each other {DEEPEST} levels deep"
            raise DefinitionError(rule.place, "the rule is nested too deep", hint)
        return found

    def _present(self, stream: Stream) -> frozenset[str]:
        """The names that can have a value in this catalog."""
        fields = self.record.fields
        found = {key.split("[")[0] for key in stream.conformer().keys()}  # noqa: SIM118 - a method of ours, no mapping
        money = {name + CURRENCY for name in found if name in fields and fields[name].kind == "money"}
        places = self.spread.present() if self.spread else set()
        return frozenset(found | money | places | set(self.headings) | {ROW})

    @property
    def own_values(self) -> set[str]:
        """The names that are read whatever the rules of a feed say: for its places, for prices without VAT."""
        carried = CARRIES[self.spread.kind] if self.spread else ()
        rate = {VAT} if self.prices is not None and self.prices.net else set()
        return rate.union(f"{self.spread.kind}.{name}" for name in carried if self.spread)

    def keys(self, name: str) -> frozenset[str]:
        """The canonical keys and the headings that a name needs."""
        if name in self.derived:
            reads = self.derived[name].reads
            return frozenset({name} & reads).union(*(self.keys(read) for read in reads - {name}))
        if name in self.record.fields or name.endswith(CURRENCY):
            return frozenset({name.removesuffix(CURRENCY), "currency"})
        if name == ROW:
            return frozenset()
        owner, _, own = name.partition(".")
        if owner in AGGREGATES:
            return frozenset() if own in self.variants else self.keys(own)
        if self.spread and owner == self.spread.kind:
            return frozenset({OWN_VALUES[owner][own], "currency"}) if own in OWN_VALUES[owner] else frozenset()
        return frozenset({name})

    def finder(self, products: Products, rows: Callable[[], Rows], items: Items | None) -> Find:
        """The function that finds a name's column in a batch of products, or in its items where they have places."""
        busy: set[str] = set()

        def find(name: str) -> Column:
            if name in self.derived and name not in busy:  # inside its own rule a name is the catalog's column
                busy.add(name)
                column = self.derived[name].apply(rows(), name)
                busy.discard(name)
                return column
            if items is None:
                return self._source(products, name)
            return items.columns[name] if name in items.columns else items.take(self._source(products, name))

        return find

    def _source(self, products: Products, name: str) -> Column:
        """What the catalog itself has: a canonical field, the currency of an amount, or a column under its own name."""
        if name.endswith(CURRENCY):
            return self._currency(products, name.removesuffix(CURRENCY))
        if name in self.record.fields:
            return self._canonical(products, name)
        if name == ROW:
            first = self.files.get(products.batch.path, 0) * ROWS
            return Column([first + row for row in products.batch.lines])
        return products.raw(self.headings[name])

    def _currency(self, products: Products, field: str) -> Column:
        """The currency of each row of an amount: the catalog's, else the market's."""
        found = products.currency_of(self.value_key(products, field))
        default = self.market.currency or None
        if found is None or found.blank:
            return Column([default] * len(products))
        if self.prices is not None:
            found = self.prices.currencies(found)
        return found if found.full else Column([value or default for value in found])

    def _canonical(self, products: Products, name: str) -> Column:
        """A canonical field as the market sees it: its language's text, its own price."""
        market = self.market
        if self.record.fields[name].varies == "language":
            return products.text(name, market.language or None, market.name or None, market.country or None)
        return self.value(products, self.value_key(products, name))

    def value(self, products: Products, key: str) -> Column:
        """The column of a key; amounts as the market shows them."""
        if self.prices is not None and self.record.fields[split_key(key)[0]].kind == "money":
            return self.prices.amounts(products, key)
        return products[key]

    def _prices(self, job: Job, stream: Stream) -> Prices | None:
        """What makes amounts those of the market; None where they are already."""
        catalog = job.project.definition.catalog
        sources = {"": catalog.source, **catalog.sources} if stream.record == PRODUCT.name else {}
        net = frozenset(name for name, one in sources.items() if one is not None and one.vat == "excluded")
        if not net and not job.rates:
            return None
        vat = self.market.vat is not None or any(claim.field == VAT for claim in stream.claims.values())
        if net and not vat:
            node = job.project.root.map["catalog"]
            problem = f"the prices of {', '.join(filter(None, net)) or 'the catalog'} are without VAT"
            raise DefinitionError(node.place, problem, "write the market's rate, such as `vat: 21`")
        return Prices(self.market, job.rates, net, stream.name, lambda products: self.value_key(products, VAT))

    def value_key(self, products: Products, name: str) -> str:
        """The key of a field; of one that varies by market, the market's own."""
        field, market = self.record.fields.get(name), self.market
        if field is None or field.varies != "market":
            return name
        return products.value_key(name, market.name or None, market.currency or None, market.country or None)


def _over_groups(names: frozenset[str]) -> set[str]:
    """What may be asked over the products of a group, where these names have values."""
    return {f"{owner}.{name}" for owner in AGGREGATES for name in names} | {f"{GROUP}.{name}" for name in OF_GROUP}


def _with_currencies(names: Mapping[str, Type], known: Mapping[str, Type]) -> dict[str, Type]:
    """The names, with the columns of currencies of what is worked out over variants (`lowest.price@currency`)."""
    money = [name for name in known if name.endswith(CURRENCY)]
    return {**names, **{f"{owner}.{name}": Type.TEXT for owner in AGGREGATES for name in money}}


def _spread(job: Job, spec: FeedSpec, channel: ChannelDefinition, stream: Stream) -> Spread | None:
    """The places of a feed that has one item for each product and place.

    Raises:
        DefinitionError: the project knows no such place in the feed's country.
    """
    if channel.item not in OWN_VALUES:
        return None
    places = job.places.get(channel.item, ()) or (stores_of_stock(stream.claims) if channel.item == "store" else ())
    spread = spread_of(channel.item, places, stream.claims, spec.market.country)
    if not spread.places:
        title = RECORDS[channel.item].title
        where = f" in {spec.market.country}" if places else ""
        hint = f"write catalog: {title}: FILE, or the {title} themselves"
        raise DefinitionError(spec.channel_node.place, f"the channel {spec.channel} needs {title}{where}", hint)
    return spread


def _columns(stream: Stream) -> dict[str, str]:
    """Name → heading of the columns of a feed that is only read."""
    return {column_name(heading): heading for heading in stream.tables[0].headings}


def _headings(stream: Stream) -> dict[str, str]:
    """Name → heading of the source's columns that no canonical field bears the name of.

    A joined column goes by `SOURCE_HEADING`; by its heading alone too, where no other column is called so.
    """
    found: dict[str, str] = {}
    fields = RECORDS[stream.record].fields
    for heading in stream.tables[0].headings if stream.tables else ():
        name = identifier(heading)
        if name in found:
            raise DefinitionError(
                stream.tables[0].place(stream.tables[0].header_row, heading),
                f"the headings {found[name]!r} and {heading!r} both read as {name!r}",
                "rename one of them",
            )
        if name and name not in fields:
            found[name] = heading
    alone = Counter(identifier(one.heading) for join in stream.joins for one in join.columns)
    for one in (one for join in stream.joins for one in join.columns):
        for name in (identifier(one.name), identifier(one.heading)):
            if name not in fields and name not in found and (name != identifier(one.heading) or alone[name] == 1):
                found[name] = one.name
    return found


def _exact(headings: Mapping[str, str], stream: Stream) -> dict[str, str]:
    """Heading as its file has it → name, for `columns["Prijs DE"]`; a joined one also as `SOURCE.HEADING`."""
    written = {one.name: one.heading for join in stream.joins for one in join.columns}
    short = {written[heading]: name for name, heading in headings.items() if heading in written}
    return short | {heading: name for name, heading in headings.items()}


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
        "words": dict.fromkeys(channel.words) | words_of_market(spec, channel),
        "tables": dict(job.lookups),
    }  # fmt: skip
