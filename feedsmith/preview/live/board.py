"""The dashboard: issues by code and feed, how much of the catalog each channel can have, what to mend first."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from feedsmith.preview.index import read
from feedsmith.preview.index.listed import BITS
from feedsmith.preview.index.state import State
from feedsmith.texts.catalogue import Texts


def board(state: State, texts: Texts, chosen: Sequence[str] = ()) -> dict[str, Any]:
    """The dashboard's figures for all feeds; what to mend first for those that were chosen, where any were."""
    names = [feed.spec.name for feed in state.feeds]
    with read.reading(state.index) as database:
        counts = read.feeds(database, len(names), state.spread)
        kinds = read.kinds(database)
        fixes = read.fixes(database, [name for name in names if name in chosen] or names)
        records = read.records(database)
    ready = [
        {
            "name": name, "waiting": name in state.waiting, **count,
            "share": count["in"] / total if (total := sum(count.values())) else 0.0,
        }
        for name, count in zip(names, counts, strict=True)
    ]  # fmt: skip
    return {
        "records": [[name, records.get(name, 0)] for name in state.job.records],
        "ready": ready,
        "codes": _codes(kinds, names, texts),
        "fixes": [{**fix, "title": texts.title(fix["code"]), "help": texts.help(fix["code"])} for fix in fixes],
        "whole": state.progress.whole,
    }


def codes_told(kinds: Iterable[Mapping[str, Any]], texts: Texts) -> list[list[Any]]:
    """Codes as a filter offers them, by their titles: code, title, number, and the kinds of records that have them.

    No kind of record is named where that is not known.
    """
    numbers: Counter[str] = Counter()
    bits: Counter[str] = Counter()
    for kind in kinds:
        numbers[kind["code"]] += kind["issues"]
        bits[kind["code"]] |= kind["records"]
    told = (
        [code, texts.title(code), number, [name for name, bit in BITS.items() if bit & bits[code]]]
        for code, number in numbers.items()
    )
    return sorted(told, key=lambda one: str(one[1]))


def _codes(kinds: list[dict[str, Any]], names: list[str], texts: Texts) -> list[dict[str, Any]]:
    """The codes with their numbers by feed, the graver and more numerous first; feed "" is the catalog itself."""
    found: dict[tuple[str, str], dict[str, int]] = {}
    for kind in kinds:
        feeds = found.setdefault((kind["severity"], kind["code"]), {})
        feeds[kind["feed"]] = feeds.get(kind["feed"], 0) + kind["issues"]
    order = {name: number for number, name in enumerate(["error", "warning", "info"])}
    ranked = sorted(found.items(), key=lambda one: (order[one[0][0]], -sum(one[1].values()), one[0][1]))
    return [
        {"severity": severity, "code": code, "title": texts.title(code), "number": sum(feeds.values()),
         "feeds": [[name, feeds[name]] for name in ["", *names] if name in feeds]}
        for (severity, code), feeds in ranked
    ]  # fmt: skip
