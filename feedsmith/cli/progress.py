"""The progress of a run on standard error, on a terminal only."""

import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from feedsmith.texts.catalogue import spoken

Told = Callable[[int, int, int], None]
"""Takes bytes done, bytes in all, products so far."""


@contextmanager
def at_work() -> Iterator[tuple[Path, Told | None]]:
    """A scratch folder for a pass over the catalog, and what it is to tell its progress to."""
    with tempfile.TemporaryDirectory(prefix="feedsmith-") as scratch, progress_bar(quiet=False) as progress:
        yield Path(scratch), progress


@contextmanager
def progress_bar(*, quiet: bool) -> Iterator[Told | None]:
    """What a run is to tell its progress to. None where nobody watches."""
    if quiet or sys.stderr is None or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

    columns = (BarColumn(), TaskProgressColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        bar, texts = progress.add_task("", total=None), spoken()

        def told(done: int, total: int, products: int) -> None:
            progress.update(bar, completed=done, total=total, description=texts("{number} products", number=products))

        yield told
