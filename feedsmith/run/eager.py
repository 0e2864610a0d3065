"""Writing the files of a feed while its parts are still being worked on, as if the set checks took no item out.

Most often they take none: then the files are done when the last part is. Else they are thrown away and written again
without the removed items. The copying is done by a thread of the coordinator, which has little else to do.
"""

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from queue import SimpleQueue

from feedsmith.definitions.channel import Envelope
from feedsmith.publish.folder import Staging
from feedsmith.run.assemble import Cutter, Frame, Stretch, WrittenFile, write_stretches
from feedsmith.run.scratch import Section

NEW_FILE, END = "new file", "end"


class EagerFeed:
    """One feed's files on their way. `staged` and `written` are whole after `finish`; `close` removes what is left."""

    def __init__(self, out: Path, name: str, frame: Frame, envelope: Envelope) -> None:
        self.out, self.name, self.frame = out, name, frame
        self.staged: list[Staging] = []
        self.written: list[WrittenFile] = []
        self._cutter = Cutter(frame, envelope)
        self._coming: SimpleQueue[Stretch | str] = SimpleQueue()
        self._error: BaseException | None = None
        self._stack = ExitStack()
        self._thread = threading.Thread(target=self._work, name=f"write {name}", daemon=True)
        self._thread.start()

    def take(self, section: Section) -> None:
        """Write a part's items behind those before them."""
        if self._error is None:
            for stretch in self._cutter.cut(section, set()):
                self._coming.put(NEW_FILE if stretch is None else stretch)

    def end(self) -> None:
        """No part comes any more: the last file is brought to the disk while the set checks run."""
        self._coming.put(END)

    def finish(self) -> None:
        """Wait for the last file.

        Raises:
            OutputError: a file could not be written.
        """
        self.end()
        self._thread.join()
        if self._error is not None:
            raise self._error

    def close(self) -> None:
        """Stop, and remove the files that were not published."""
        self.end()
        self._thread.join()
        self._stack.close()

    def _work(self) -> None:
        end = ""
        try:
            while end != END:
                staging = self._stack.enter_context(Staging(self.out, self.name))
                file = _File(self._coming)
                label = str(staging.label)
                self.written.append(write_stretches(staging.path, label, self.frame, file, compressed=False))
                staging.seal()  # now, while others work, and so that no file is held open
                self.staged.append(staging)
                end = file.end
        except BaseException as error:  # noqa: BLE001 - raised again by `finish`, in the thread that waits
            self._error = error


class _File:
    """The stretches of one file as they come; `end` is the word that ended it."""

    def __init__(self, coming: "SimpleQueue[Stretch | str]") -> None:
        self._coming = coming
        self.end = ""

    def __iter__(self) -> Iterator[Stretch]:
        while not isinstance(stretch := self._coming.get(), str):
            yield stretch
        self.end = stretch
