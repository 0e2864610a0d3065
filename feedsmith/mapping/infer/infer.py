"""The rule that made a field of a feed, found from the feed and the products that it was made of.

A rule must hold for nearly all products, also for those that were not looked at when it was sought. Where several rules
hold equally well, none is taken: the products do not tell which was meant.
"""

from collections.abc import Sequence

from feedsmith.mapping.infer.evidence import Inferred, Rule, Source, Texts, Verdict, verdict
from feedsmith.mapping.infer.guesses import GUESSES, maps

KEPT = 5
"""Rivals that are told."""


def infer(wanted: Texts, default: Texts, sources: Sequence[Source], groups: Texts = ()) -> Inferred:
    """The rule for a field.

    Args:
        wanted: what the feed has for each product.
        default: what the channel would have without a rule.
        sources: what a rule may read.
        groups: the key of the group of variants that each product belongs to, "" for none; without any, nothing.
    """
    by_default = verdict(wanted, default)
    best: tuple[Verdict, Rule] | None = None
    for guesses in (*GUESSES, (lambda texts, all_: maps(texts, all_, groups),)):
        rules = [rule for guess in guesses for rule in guess(wanted, sources)]
        judged = [(verdict(wanted, rule.gives), rule) for rule in rules]
        good = [(found, rule) for found, rule in judged if found.good]
        if good:
            return _chosen(good, by_default, wanted)
        found = max(judged, key=lambda pair: pair[0].share, default=None)
        if found is not None and (best is None or found[0].share > best[0].share):
            best = found
    if best is None:
        return Inferred(None, Verdict(0, by_default.of, 0.0), by_default)
    return Inferred(None, best[0], by_default, best=best[1], example=_example(wanted, best[1]))


def _chosen(good: list[tuple[Verdict, Rule]], default: Verdict, wanted: Texts) -> Inferred:
    """The best of them, unless another one is as good and means something else."""
    most = max(found.holds for found, _ in good)
    first: list[tuple[Verdict, Rule]] = [(found, rule) for found, rule in good if found.holds == most]
    plain = _smallest(_simplest(first))
    found, rule = plain[0]
    if len(plain) == 1:
        return Inferred(rule, found, default, example=_example(wanted, rule))
    return Inferred(None, found, default, best=rule, rivals=tuple(one for _, one in plain[:KEPT]))


def _simplest(found: list[tuple[Verdict, Rule]]) -> list[tuple[Verdict, Rule]]:
    """Without those that only do more to the same column than another of them, or to more columns."""
    kept: list[tuple[Verdict, Rule]] = []
    for pair in found:
        reads = _reads(pair[1])
        if not any(_reads(rule) and _reads(rule) <= reads for _, rule in kept):
            kept.append(pair)
    return kept


def _smallest(found: list[tuple[Verdict, Rule]]) -> list[tuple[Verdict, Rule]]:
    """Of value maps those with the fewest entries: a finer column always tells what a coarser one does."""
    if any(rule.kind != "value map" for _, rule in found):
        return found
    fewest = min(_entries(rule) for _, rule in found)
    return [(one, rule) for one, rule in found if _entries(rule) == fewest]


def _entries(rule: Rule) -> int:
    return len(rule.written["steps"][0]["map"])


def _reads(rule: Rule) -> frozenset[str]:
    """The names that a rule reads."""
    written = rule.written
    if isinstance(written, str):
        return frozenset(piece.partition("}}")[0].strip() for piece in written.split("{{")[1:])
    return frozenset([written["from"]]) if "from" in written else frozenset(written["parts"])


def _example(wanted: Texts, rule: Rule) -> int | None:
    pairs = zip(wanted, rule.gives, strict=True)
    return next((row for row, (want, give) in enumerate(pairs) if want != give), None)
