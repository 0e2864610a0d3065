"""The dashboard: issues by code and feed, how much of the catalog each channel can have, what to mend first."""

from typing import Any

from feedsmith.preview.index import read
from feedsmith.preview.index.state import State
from feedsmith.texts.catalogue import Texts

MOST = 40
"""Codes that the dashboard lists."""


def board(state: State, texts: Texts) -> dict[str, Any]:
    """The dashboard's figures."""
    names = [feed.spec.name for feed in state.feeds]
    with read.reading(state.index) as database:
        counts = read.feeds(database, len(names), state.spread)
        kinds = read.kinds(database)
        fixes = read.fixes(database, names)
    ready = [
        {
            "name": name, "waiting": name in state.waiting, **count,
            "share": count["in"] / total if (total := sum(count.values())) else 0.0,
        }
        for name, count in zip(names, counts, strict=True)
    ]  # fmt: skip
    return {
        "ready": ready,
        "codes": _codes(kinds, names, texts),
        "fixes": [{**fix, "title": texts.title(fix["code"])} for fix in fixes],
        "whole": state.progress.whole,
    }


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
        for (severity, code), feeds in ranked[:MOST]
    ]  # fmt: skip
