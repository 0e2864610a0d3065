"""A product in all places of a feed: in which stores or regions it is an item, and what is wrong there."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from feedsmith.catalog.products import Products
from feedsmith.checks.ledger import SEVERITIES
from feedsmith.errors import RenderError
from feedsmith.issues import Issue, Severity, shown
from feedsmith.run.decide import messages_of
from feedsmith.run.feed import CompiledFeed
from feedsmith.run.spread import Place

IN_FEED, REJECTED, FILTERED, FAILED = "in the feed", "rejected", "filtered", "failed"


@dataclass(frozen=True, slots=True)
class InPlace:
    """What became of a product in one place. `number` is the place's in the feed, `name` what shoppers call it.

    `issues` are those of the checks over the whole feed that are about this place; `wrong` counts the product's own
    there, by severity.
    """

    number: int
    code: str
    name: str
    state: str
    issues: tuple[Issue, ...]
    wrong: Mapping[str, int]


def in_places(feed: CompiledFeed, alone: Products, of_sets: Iterable[Issue]) -> tuple[InPlace, ...]:
    """A product, alone in its batch, in each place of a feed that has an item for each.

    `of_sets` are the issues that checks over the whole feed told of the product; these name no place.
    """
    spread = feed.names.spread
    if spread is None:
        return ()
    try:
        found = _Found(feed, alone, [place for _, place in spread.pairs(alone, feed.names.value)])
    except RenderError:
        found = None
    return tuple(_in_place(found, number, place, of_sets) for number, place in enumerate(spread.places))


def chosen_places(places: Sequence[InPlace], code: str, most: int) -> list[InPlace]:
    """At most so many places: that of the code first, then by state: rejected, in the feed, any other."""
    order = {state: number for number, state in enumerate((REJECTED, IN_FEED))}
    ranked = sorted(places, key=lambda place: (place.code != code, order.get(place.state, len(order))))
    return ranked[:most]


def _in_place(found: "_Found | None", number: int, place: Place, of_sets: Iterable[Issue]) -> InPlace:
    issues = tuple(found.about(number, of_sets)) if found is not None else ()
    state = found.states.get(number, FILTERED) if found is not None else FAILED
    if state == IN_FEED and any(one.severity is Severity.ERROR for one in issues):
        state = REJECTED
    wrong: Mapping[str, int] = found.wrong.get(number, {}) if found is not None else {}
    return InPlace(number, str(place.get("code") or ""), str(place.get("name") or ""), state, issues, wrong)


class _Found:
    """What a run says of one product, by the number of the place; `carried` are the places that have any of it."""

    def __init__(self, feed: CompiledFeed, alone: Products, carried: list[int]) -> None:
        self.feed = feed
        result = feed.run(alone, {})
        kept = [carried[number] for number in result.kept]
        items = [place for place, is_item in zip(kept, result.alive, strict=True) if is_item]
        self.states = {place: IN_FEED if place in items else REJECTED for place in kept}
        self.told = {
            place: {name: result.told[name][item] for name in feed.told} for item, place in enumerate(items)
        }  # fmt: skip
        self.wrong = {carried[number]: counts for number, counts in _wrong(feed, alone).items()}
        self.messages = messages_of(feed.sets, feed.told)

    def about(self, place: int, of_sets: Iterable[Issue]) -> Iterator[Issue]:
        """Those of the issues that tell of the item in this place: their message is the one it gives."""
        told = self.told.get(place)
        if told is None:
            return
        texts = [(check.code, self._text(name, told)) for name, check in self.feed.sets.items()]
        for issue in of_sets:
            own = issue.feed == self.feed.spec.name and issue.value == shown(told.get(issue.field, issue.value))
            if own and any(issue.code == code and issue.message.startswith(text) for code, text in texts):
                yield issue

    def _text(self, name: str, told: Mapping[str, str]) -> str:
        compiled = self.messages[name]
        return compiled.call(*([told[one] or None] for one in compiled.names))[0] or name


def _wrong(feed: CompiledFeed, alone: Products) -> dict[int, Counter[str]]:
    """How many issues there are of each severity, by the number among what could become items."""
    whole, gone = feed.left_out(alone, {})
    rows, kept = feed.without(whole, gone)
    items, ledger = feed.items(alone, rows)
    found: dict[int, Counter[str]] = {number: Counter() for number in kept}
    for finding in ledger.findings:
        found[kept[finding.row]][SEVERITIES[finding.consequence]] += 1
    for failure in (*rows.failures, *items.failures):
        found[kept[failure.row]][failure.severity] += 1
    return found
