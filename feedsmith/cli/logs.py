"""The log as JSON: one object a line on standard error, for programs that gather logs."""

import json
import logging
import os
import re
import sys
from contextlib import suppress
from datetime import UTC, datetime

from feedsmith.errors import FeedsmithError

LOGGER = "feedsmith"
STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
"""What every log record has; the rest is the event's own."""
SECRET_NAME = re.compile(r"auth|credential|key|passw|pwd|secret|token|ping", re.IGNORECASE)
"""Environment variables that hold secrets, by their names."""
SHORTEST = 6
"""Characters of a value that is taken for a secret: shorter ones stand in many words."""
ADDRESS = re.compile(r"(?<=://)[^/@\s\"']*@|(?<=://)([^\s?\"']+)\?[^\s\"']+")
HIDDEN = "***"


logger = logging.getLogger(f"{LOGGER}.cli")


def log_as_json(*, quiet: bool) -> None:
    """Write the log to standard error from here on; a quiet one holds errors only."""
    parent = logging.getLogger(LOGGER)
    parent.handlers = [_Handler()]
    parent.propagate = False
    parent.setLevel(logging.ERROR if quiet else logging.INFO)


def active() -> bool:
    """Whether the log is written."""
    return any(isinstance(handler, _Handler) for handler in logging.getLogger(LOGGER).handlers)


def message(text: str) -> None:
    """What is said in a line for people elsewhere."""
    logger.warning("%s", text, extra={"event": "message"})


def failed(error: FeedsmithError) -> None:
    """What ended the run: each mistake with its place and what to do."""
    for one in getattr(error, "errors", (error,)):
        about = {"event": "error", "place": str(one.place or ""), "help": one.hint, "exit_code": one.exit_code}
        logger.error("%s", one.problem, extra=about)


def ended(code: int, meaning: str) -> None:
    """How the command ended. It is the last line."""
    level = logging.ERROR if code else logging.INFO
    logger.log(level, "%s", meaning, extra={"event": "run-end", "exit_code": code})


class _Handler(logging.Handler):
    """Writes where standard error is at that moment; what cannot be written is lost, and ends no run."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(_Formatter())

    def emit(self, record: logging.LogRecord) -> None:
        with suppress(OSError, AttributeError, ValueError):
            sys.stderr.write(self.format(record) + "\n")
            sys.stderr.flush()


class _Formatter(logging.Formatter):
    """Time in UTC, level, message, then the event's own keys; secrets are hidden."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as a line."""
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        told = {"time": moment.replace("+00:00", "Z"), "level": record.levelname.lower()}
        told |= {name: value for name, value in vars(record).items() if name not in STANDARD}
        return _without_secrets(json.dumps({**told, "message": record.getMessage()}, default=str))


def _without_secrets(line: str) -> str:
    """A line of JSON without values of the environment that are secrets, and without what is secret in addresses."""
    line = ADDRESS.sub(lambda found: f"{found[1]}?{HIDDEN}" if found[1] else f"{HIDDEN}@", line)
    for name, value in os.environ.items():
        if SECRET_NAME.search(name) and len(value) >= SHORTEST:
            line = line.replace(json.dumps(value)[1:-1], HIDDEN)
    return line
