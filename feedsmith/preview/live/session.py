"""What the preview shows at this moment: the last good state of the project, the one being made, and what is wrong."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from feedsmith.errors import FeedsmithError
from feedsmith.preview.index.build import Given, State, build, open_state
from feedsmith.preview.live.before import Before, before_of
from feedsmith.preview.live.product import Reader
from feedsmith.preview.live.told import error_told
from feedsmith.run.request import Request
from feedsmith.texts.catalogue import Texts

Tell = Callable[[str], None]
"""Called from any thread with the name of what is new: `progress`, `state` or `error`."""


class Session:
    """Keeps the state; `before` is another one to compare with.

    `start` and `again` make it anew in the background; the last good one is shown meanwhile.
    """

    def __init__(self, request: Request, texts: Texts, before: Before | None = None) -> None:
        self.request, self.texts, self.before = request, texts, before
        self.number = 0
        self.error: dict[str, Any] | None = None
        self.busy = False
        self.tell: Tell = lambda _: None
        self.shown: State | None = None
        self.reader: Reader | None = None
        self._before: Reader | None = None
        self.lock = threading.RLock()
        self._old: list[State] = []
        self._stop = threading.Event()
        self._worker: threading.Thread | None = None

    @property
    def name(self) -> str:
        """What the page is called: the project's folder."""
        return self.state.job.project.folder.resolve().name if self.shown is not None else self.request.here.name

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
        """Open the project, and begin to fill its index.

        A project that is wrong is told on the page; it is opened again when a file changes.
        """
        self._begin(self._opened())

    def again(self) -> None:
        """Open the project anew; what is shown stays until there is something newer."""
        self._end_worker()
        self._begin(self._opened())

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
        self._end_worker()
        with self.lock:
            for state in {id(one): one for one in (*self._old, *([self.shown] if self.shown else []))}.values():
                state.close()
            if self.before is not None:
                self.before.close()
            self._old, self.shown, self.reader, self._before = [], None, None, None

    def watched(self) -> list[Path]:
        """The files and folders whose change matters."""
        state = self.shown
        if state is None:
            project = self.request.project or self.request.here
            return [project if project.is_dir() else project.parent]
        folder = state.job.project.folder
        own = [file for stream in state.job.streams for table in stream.sources for file in (folder / table.shown,)]
        return [folder, *(path for path in own if path.exists())]

    def _opened(self) -> State | None:
        try:
            state = open_state(self.request)
        except FeedsmithError as error:
            self.error = error_told(error)
            self.busy = False
            self.tell("error")
            return None
        self.error = None
        return state

    def _begin(self, state: State | None) -> None:
        if state is None:
            return
        self._stop, self.busy = threading.Event(), True
        self._worker = threading.Thread(target=self._fill, args=(state, self._stop), daemon=True)
        self._worker.start()

    def _fill(self, state: State, stop: threading.Event) -> None:
        def told() -> None:
            if self.shown is not state and not stop.is_set():
                self._show(state)
            self.tell("progress")

        try:
            build(state, stop, told)
        except Given:
            pass
        except FeedsmithError as error:
            self.error = error_told(error)
            self.tell("error")
        finally:
            if not stop.is_set():
                self.busy = False
                self.tell("state")
            elif self.shown is not state:
                state.close()

    def _show(self, state: State) -> None:
        """Show a newer state. The one before stays open for a while: a request may still read it."""
        with self.lock:
            if self.shown is not None:
                self._old.append(self.shown)
            self.shown, self.reader, self._before = state, Reader(state), self.reader
            self.number += 1
            while len(self._old) > 1:
                self._old.pop(0).close()
        self._follow()
        self.tell("state")

    def _end_worker(self) -> None:
        self._stop.set()
        if self._worker is not None:
            self._worker.join()
            self._worker = None
