"""A ping: an address that hears when a run starts and how it ended, and raises the alarm when it hears nothing.

Best effort: it takes five seconds at most at the end of a run, and never changes how the run ends.
The paths are those of healthchecks.io: https://healthchecks.io/docs/http_api/.
"""

import os
import threading
from urllib.parse import urlsplit, urlunsplit
from urllib.request import Request, build_opener

from feedsmith.definitions.project import FromEnvironment

PATIENCE = 5.0
"""Seconds for one ping."""
START = "start"
SCHEMES = ("http://", "https://")


class Ping:
    """Pings of one run. `problem` says why the last one was not heard."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._started: threading.Thread | None = None
        self.problem = ""

    def start(self) -> None:
        """Say that the run starts; nobody waits for the answer."""
        self._started = self._send(START)

    def end(self, exit_code: int) -> None:
        """Say how it ended. The start is heard first, or given up."""
        if self._started is not None:
            self._started.join(PATIENCE)
        thread = self._send(str(exit_code))
        thread.join(PATIENCE)
        if thread.is_alive():
            self.problem = "there was no answer in time"

    def _send(self, word: str) -> threading.Thread:
        thread = threading.Thread(target=self._ask, args=(word,), daemon=True)
        thread.start()
        return thread

    def _ask(self, word: str) -> None:
        parts = urlsplit(self._address)
        address = urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/{word}"))
        self.problem = ""
        try:
            request = Request(address, headers={"User-Agent": "feedsmith"})  # noqa: S310 - see `ping_of`
            with build_opener().open(request, timeout=PATIENCE) as answer:
                answer.read(1)
        except Exception as error:  # noqa: BLE001 - whatever a network can do is no matter of the run
            self.problem = str(getattr(error, "reason", error)) or type(error).__name__


def ping_of(given: str | FromEnvironment | None) -> tuple[Ping | None, str]:
    """What pings, and what is wrong with what the project says."""
    if given is None:
        return None, ""
    address = os.environ.get(given.env, "") if isinstance(given, FromEnvironment) else given
    if not address and isinstance(given, FromEnvironment):
        return None, f"the environment variable {given.env} is not set"
    if not address.lower().startswith(SCHEMES):
        return None, "the address does not begin with https:// or http://"
    return Ping(address), ""
