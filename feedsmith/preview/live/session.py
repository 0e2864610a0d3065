"""What the preview shows at this moment: the last good state of the project, the one being made, and what is wrong."""

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from feedsmith.errors import FeedsmithError
from feedsmith.preview.index.build import Given, build, open_state
from feedsmith.preview.index.state import State
from feedsmith.preview.live.before import Before, before_of
from feedsmith.preview.live.product import Reader
from feedsmith.preview.live.told import error_told
from feedsmith.run.request import Request
from feedsmith.sources.table import Table, fingerprint
from feedsmith.texts.catalogue import Texts

Tell = Callable[[str], None]
"""Called from any thread with the name of what is new: `progress`, `state` or `error`."""


class Session:
    """Keeps the state; `before` is another one to compare with.

    `start` and `again` ask for it anew and return at once: one thread makes it, and when it is asked for more than once
    meanwhile, the last time counts. The last good state is shown until there is a newer one.
    """

    def __init__(self, request: Request, texts: Texts, before: Before | None = None) -> None:
        self.request, self.texts, self.before = request, texts, before
        self.number = 0
        self.error: dict[str, Any] | None = None
        self.tell: Tell = lambda _: None
        self.shown: State | None = None
        self.reader: Reader | None = None
        self.lock = threading.RLock()
        self._before: Reader | None = None
        self._whole: State | None = None
        self._old: list[State] = []
        self._asking = threading.Lock()
        self._wanted = False
        self._stop = threading.Event()
        self._worker: threading.Thread | None = None

    @property
    def name(self) -> str:
        """What the page is called: the project's folder."""
        return self.state.job.project.folder.resolve().name if self.shown is not None else self.request.here.name

    @property
    def busy(self) -> bool:
        """Whether a state is being made."""
        return self._worker is not None

    @property
    def state(self) -> State:
        """The state that is shown.

        Raises:
            LookupError: there is none yet.
        """
        if self.shown is None:
            raise LookupError("nothing can be shown yet")
        return self.shown

    def readers(self) -> list[Reader]:
        """What reads the rows of the state that is shown; while its index grows, then of the one before."""
        before = [] if self.state.progress.whole else [self._before] if self._before else []
        return [one for one in (self.reader, *before) if one is not None]

    def start(self) -> None:
        """Begin: open the project and fill its index.

        A project that is wrong is told on the page; it is opened again when a file changes.
        """
        self.again()

    def again(self) -> None:
        """Open the project anew, as something may have changed."""
        with self._asking:
            self._wanted = True
            self._stop.set()
            if self._worker is None:
                self._worker = threading.Thread(target=self._work, daemon=True)
                self._worker.start()

    def at(self, moment: datetime | None) -> None:
        """Show the project as it is at another moment; None for now."""
        self.request = replace(self.request, as_of=moment)
        self.again()

    def compare(self, what: str) -> None:
        """Compare with something else: a run, `last`, a git ref, a folder, a file; with nothing where it is empty.

        Raises:
            FeedsmithError: there is nothing of that name; what was compared with before stays.
        """
        new = before_of(what, self.request) if what else None
        with self.lock:
            old, self.before = self.before, new
        if old is not None:
            old.close()
        self._follow()
        self.tell("state")

    def _follow(self) -> None:
        """Tell what is compared with of the state that is shown."""
        with self.lock:
            if self.before is not None and self.shown is not None:
                self.before.follow(self.shown, lambda: self.tell("progress"))

    def close(self) -> None:
        """End the work, and remove what was kept."""
        with self._asking:
            self._wanted, worker = False, self._worker
            self._stop.set()
        if worker is not None:
            worker.join()
        if self.before is not None:
            self.before.close()
        with self.lock:
            for state in self._kept():
                state.close()
            self._old, self.shown, self._whole, self.reader, self._before = [], None, None, None, None

    def watched(self) -> tuple[Path, list[Path]]:
        """The project's folder, and the files of its sources."""
        state = self.shown
        if state is None:
            project = self.request.project or self.request.here
            return (project if project.is_dir() else project.parent), []
        folder = state.job.project.folder
        return folder, [folder / table.shown for stream in state.job.streams for table in stream.sources]

    def outdated(self) -> bool:
        """Whether a source of what is shown was written to since it was read."""
        state = self.shown
        tables = [table for stream in state.job.streams for table in stream.sources] if state is not None else []
        return any(_differs(table) for table in tables)

    # --- in the thread that makes states -------------------------------------------------------------------------

    def _work(self) -> None:
        """Make states as long as they are asked for."""
        while (stop := self._next()) is not None:
            try:
                self._make(stop)
            except FeedsmithError as error:
                self.error = error_told(error)
                self.tell("error")
            except BaseException:  # a fault of our own, which Python tells; the next change begins anew
                with self._asking:
                    self._worker = None
                raise
        self.tell("state")

    def _next(self) -> threading.Event | None:
        """What stops the next state that is asked for; None for no more."""
        with self._asking:
            if not self._wanted:
                self._worker = None
                return None
            self._wanted, self._stop = False, threading.Event()
            return self._stop

    def _make(self, stop: threading.Event) -> None:
        state = open_state(self.request, self._whole)
        self.error = None

        def told() -> None:
            if self.shown is not state:
                self._show(state)
            self.tell("progress")

        if state.changed is not None:
            self._show(state)  # with the figures of the one before it until there are newer ones
        try:
            with suppress(Given):
                build(state, stop, told)
                self._whole = state
                self._follow()
        finally:
            if state is not self.shown:
                state.close()
            self._let_go()

    def _show(self, state: State) -> None:
        """Show a newer state. The one before stays open for a while: a request may still read it."""
        with self.lock:
            if self.shown is not None:
                self._old.append(self.shown)
            self.shown, self.reader, self._before = state, Reader(state), self.reader
            self.number += 1
        self._let_go()
        self._follow()
        self.tell("state")

    def _let_go(self) -> None:
        """Close what is neither shown, nor was shown just before, nor is what the next state goes on with."""
        with self.lock:
            for state in self._old[:-1]:
                if state is not self._whole:
                    self._old.remove(state)
                    state.close()

    def _kept(self) -> list[State]:
        kept = [*self._old, *(one for one in (self.shown, self._whole) if one is not None)]
        return list({id(one): one for one in kept}.values())


def _differs(table: Table) -> bool:
    try:
        return fingerprint(table.source) != table.stamp
    except OSError:
        return True
