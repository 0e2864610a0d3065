"""A run of the history as the `runs` commands show it."""

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from feedsmith.texts.catalogue import spoken

if TYPE_CHECKING:
    from feedsmith.run.history import PastFeed, PastRun


def how_ended(run: "PastRun", *, under_way: bool) -> str:
    """How a run ended, in a few words; `under_way` says that some run is."""
    if run.exit_code is None:
        return spoken()("under way") if under_way else spoken()("ended without a word")
    return spoken()("code {code}", code=str(run.exit_code))


def run_record(state: Path, run: "PastRun", candidates: "Collection[PastFeed]", *, under_way: bool) -> dict[str, Any]:
    """A run for programs; `version` 1 of `runs list` and `runs show`."""
    return {
        "run": run.number,
        "started": run.started,
        "seconds": run.seconds,
        "command": run.command,
        "feedsmith": run.version,
        "as_of": run.as_of,
        "exit_code": run.exit_code,
        "under_way": under_way and run.exit_code is None,
        "problem": run.problem,
        "feeds": [_feed_record(state, feed, candidates) for feed in run.feeds],
        "manifest": run.manifest,
    }


def _feed_record(state: Path, feed: "PastFeed", candidates: "Collection[PastFeed]") -> dict[str, Any]:
    import msgspec

    from feedsmith.run.kept import is_kept

    record = msgspec.to_builtins(feed)
    hidden = {"run", "feed", "ledger", "sent", "origin"}
    return {
        "name": feed.feed,
        **{key: value for key, value in record.items() if key not in hidden},
        "made_by": feed.origin or feed.run,
        "kept": is_kept(state, feed),
        "candidate": candidate_of(state, feed, candidates),
    }


def candidate_of(state: Path, feed: "PastFeed", candidates: "Collection[PastFeed]") -> str | None:
    """Where a held feed's files lie, relative to the project; None once something newer is there."""
    from feedsmith.run.candidates import candidate_folder

    return candidate_folder(state, feed).relative_to(state.parent).as_posix() if feed in candidates else None
