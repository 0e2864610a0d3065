"""What each rule of a project does with the catalog: the products it is asked for, touches and changes.

A field's rule lies in layers (project, rule sets, market, feed), and a layer has cases. From the upper layer down each
case is asked for the products that those before it left over.
"""

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from feedsmith.catalog.products import Products
from feedsmith.definitions.node import Node
from feedsmith.definitions.origin import compact
from feedsmith.definitions.resolve import FeedSpec
from feedsmith.issues import Place
from feedsmith.mapping.compile import Layer
from feedsmith.mapping.expression import Compiled
from feedsmith.mapping.rows import Memo, Rows
from feedsmith.mapping.rule import Rule
from feedsmith.run.compile_feed import compile_layers
from feedsmith.run.feed import CompiledFeed
from feedsmith.run.job import Job
from feedsmith.run.opening import open_job
from feedsmith.run.part import names_read
from feedsmith.run.request import Request, open_project
from feedsmith.run.survey import Progress, compiled_feeds, survey
from feedsmith.run.unknown_fields import OF_GROUP
from feedsmith.run.unused import Unused, unused
from feedsmith.values.column import Column


@dataclass
class Use:
    """What a rule did: products asked, touched (its condition holds) and changed (another value than without it)."""

    asked: int = 0
    touched: int = 0
    changed: int = 0

    def add(self, other: "Use") -> None:
        """Add what it did in a later part."""
        self.asked += other.asked
        self.touched += other.touched
        self.changed += other.changed


@dataclass(frozen=True)
class RuleLine:
    """A rule of a feed: one case of a field's rule, or a condition.

    `kind` is `field`, `where`, `exclude`, `segment`, `rank` or `own field`; `layer` names the block that it stands in.
    `use` is None where nothing is counted, for the reason in `skipped`. `hidden` is where a rule stands that leaves
    nothing over for this one.
    """

    kind: str
    name: str
    text: str
    place: Place
    layer: str
    use: Use | None
    hidden: Place | None = None
    skipped: str = ""


@dataclass
class UsesFound:
    """What was counted, by feed and number of the rule; and the products that each feed was made of."""

    uses: dict[str, list[Use]]
    products: dict[str, int] = field(default_factory=dict)

    def add(self, other: "UsesFound") -> None:
        """Add what a later part came to."""
        for name, uses in other.uses.items():
            self.products[name] = self.products.get(name, 0) + other.products.get(name, 0)
            for own, one in zip(self.uses.setdefault(name, [Use() for _ in uses]), uses, strict=True):
                own.add(one)


@dataclass(frozen=True)
class CountUses:
    """The survey of what rules do."""

    def looker(self, job: Job, feeds: Mapping[int, CompiledFeed]) -> "UseCounter":
        """The layers of all rules, compiled."""
        return UseCounter({feed.spec.name: compile_layers(job, feed) for feed in feeds.values()})


@dataclass(frozen=True)
class UseCounter:
    """The survey made ready: layers by feed and field."""

    layers: Mapping[str, Mapping[str, tuple[Layer, ...]]]

    def names(self, feeds: list[CompiledFeed]) -> set[str]:
        """All that rules read, those of hidden layers too."""
        names = names_read(feeds)
        for feed in feeds:
            names |= set(feed.names.derived)
            for layer in (one for layers in self.layers[feed.spec.name].values() for one in layers):
                names |= {name for rule in (layer.whole, layer.below) if rule is not None for name in rule.reads}
                names |= {name for when in (layer.when, *layer.cases) if when is not None for name in when.names}
        return names

    def nothing(self) -> UsesFound:
        """No feed was looked at yet."""
        return UsesFound({})

    def look(self, feed: CompiledFeed, products: Products, memo: dict[Hashable, Memo]) -> UsesFound:
        """What the rules of a feed did with one batch, in the order of `lines`."""
        whole, gone = feed.left_out(products, memo)
        rows, _ = feed.without(whole, gone)
        uses = [_derived(name, whole) for name in feed.names.derived]
        uses += [_condition(reason.compiled, whole, reason.wanted) for reason in feed.reasons]
        for key, layers in self.layers[feed.spec.name].items():
            uses += _field(key, layers, rows)
        return UsesFound({feed.spec.name: uses}, {feed.spec.name: whole.size})


def _derived(name: str, rows: Rows) -> Use:
    """A field of the project's own gives a value; a segment holds."""
    touched = sum(1 for value in rows.column(name) if value is not None and value is not False)
    return Use(rows.size, touched, touched)


def _condition(compiled: Compiled, rows: Rows, wanted: bool) -> Use:  # noqa: FBT001 - what its reason says
    """A condition leaves out the products for which it is not as wanted."""
    left = sum(1 for value in rows.run(compiled) if bool(value) is not wanted)
    return Use(rows.size, left, left)


def _field(key: str, layers: tuple[Layer, ...], rows: Rows) -> list[Use]:
    """What each case of each layer did, the lowest layer first."""
    found: list[list[Use]] = []
    asked = set(range(rows.size))
    for layer in reversed(layers):
        uses, asked = _layer(key, layer, rows, asked)
        found.append(uses)
    return [use for uses in reversed(found) for use in uses]


def _layer(key: str, layer: Layer, rows: Rows, asked: set[int]) -> tuple[list[Use], set[int]]:
    """What the cases of a layer did, and the products that it leaves to the layers below."""
    with_it, without = _column(key, layer.whole, rows), _column(key, layer.below, rows)
    left = _met(layer.when, rows, asked)
    below = asked - left
    if not layer.rule.cases:  # an empty value: no layer gives the field anything
        return [Use(len(asked), len(left), _differ(with_it, without, left))], below
    uses = []
    for when, (definition, _) in zip(layer.cases, layer.rule.cases, strict=True):
        hits = _met(when, rows, left)
        uses.append(Use(len(left), len(hits), _differ(with_it, without, hits)))
        if not definition.sources:
            below |= hits
        left = left - hits
    return uses, below | left


def _column(key: str, rule: Rule | None, rows: Rows) -> Column:
    return rule.apply(rows, key) if rule is not None else Column([None] * rows.size)


def _met(when: Compiled | None, rows: Rows, asked: set[int]) -> set[int]:
    if when is None or not asked:
        return set(asked)
    answers = rows.run(when)
    return {row for row in asked if answers[row]}


def _differ(one: Column, other: Column, rows: set[int]) -> int:
    return sum(1 for row in rows if one[row] != other[row])


# --- all of a project ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class FeedRules:
    """The rules of one feed, in the order of the file's blocks, and the products that it is made of."""

    name: str
    products: int
    lines: tuple[RuleLine, ...]


def rule_uses(request: Request, scratch: Path, progress: Progress | None = None) -> tuple[list[FeedRules], Unused]:
    """What the rules of each feed did, over the whole catalog; and what nothing uses, where all feeds were asked for.

    Raises:
        FeedsmithError: the project or its catalog is wrong.
    """
    job, _ = open_job(request, open_project(request), scratch)
    feeds = compiled_feeds(job)
    found, _ = survey(replace(request, limit=None), job, feeds, CountUses(), progress)
    uses = found if isinstance(found, UsesFound) else UsesFound({})
    listed = [
        FeedRules(feed.spec.name, uses.products.get(feed.spec.name, 0), tuple(_lines(job, feed, uses)))
        for _, feed in sorted(feeds.items())
    ]
    return listed, unused(request, job, feeds)


def _lines(job: Job, feed: CompiledFeed, found: UsesFound) -> Iterator[RuleLine]:
    """Each rule with what it did; those that are not counted follow."""
    uses: list[Use | None] = list(found.uses.get(feed.spec.name, ()))
    lines = [*_derived_lines(job, feed), *_condition_lines(feed.spec), *_field_lines(job, feed)]
    yield from (replace(line, use=use) for line, use in zip(lines, uses or [Use() for _ in lines], strict=True))
    known = {one.key for one in feed.fields}
    for name, rule in feed.spec.fields.items():
        if name not in known:
            skipped = "of groups: not counted" if name.startswith(OF_GROUP) else "the channel has no such field"
            yield RuleLine("field", name, compact(rule.node), rule.node.place, rule.origin, None, skipped=skipped)


def _derived_lines(job: Job, feed: CompiledFeed) -> Iterator[RuleLine]:
    root = job.project.root.map
    own = root["catalog"].map.get("fields") if "catalog" in root else None
    sections = {"own field": own, "segment": root.get("segments"), "rank": root.get("ranks")}
    for name in feed.names.derived:
        kind, node = next(
            (kind, one.map[name]) for kind, one in sections.items() if one is not None and name in one.map
        )
        yield RuleLine(kind, name, compact(node), node.place, "project", Use())


def _condition_lines(spec: FeedSpec) -> Iterator[RuleLine]:
    for one in spec.where:
        yield RuleLine("where", one.name, compact(one.node), one.node.place, one.origin, Use())
    for one in spec.exclude.values():
        yield RuleLine("exclude", one.name, compact(one.node), one.node.place, one.origin, Use())


def _field_lines(job: Job, feed: CompiledFeed) -> Iterator[RuleLine]:
    for key, layers in compile_layers(job, feed).items():
        hidden: list[Place | None] = []
        above: Place | None = None
        for layer in reversed(layers):
            hidden.append(above)
            above = above or (None if layer.rule.goes_on else layer.rule.node.place)
        for layer, by in zip(layers, reversed(hidden), strict=True):
            cases: list[Node] = [node for _, node in layer.rule.cases] or [layer.rule.node]
            for node in cases:
                yield RuleLine("field", key, compact(node), node.place, layer.rule.origin, Use(), by)
