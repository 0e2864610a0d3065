"""How a command ends: one table of exit codes, and messages for everything that can end it."""

import errno
import io
import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from types import FrameType
from typing import TYPE_CHECKING, Any, TextIO

from feedsmith.errors import DefinitionError, FeedsmithError, OutputError, UsageError
from feedsmith.issues import Place, Severity
from feedsmith.reports.harmless import harmless
from feedsmith.reports.style import Style, can_colour
from feedsmith.texts.catalogue import Texts, spoken

if TYPE_CHECKING:
    from feedsmith.reports.report import Report

DONE, DATA, HELD, PARTIAL, UNDELIVERED, UNWRITABLE, BUG = 0, 1, 3, 4, 6, 8, 70
"""The codes that are decided here; an error brings its own as `exit_code`."""
DEFINITION = 2

CODES = {
    70: "a bug of feedsmith, told with a traceback",
    130: "interrupted; the good feeds stand",
    143: "terminated; the good feeds stand",
    2: "the command, the project, a channel, a rule or a template is wrong",
    7: "another run holds this project's lock",
    5: "a source is missing, unreadable, refused, or changed while it was read; the good feeds stand",
    8: "the output or the state cannot be written; the good feeds stand",
    3: "held: a guard kept at least one previous feed",
    6: "delivery failed; the local feeds are good, and `feedsmith publish` goes on from there",
    4: "some feeds or targets are done, others failed",
    1: "the data has issues at or above --fail-on, or feeds differ with --exit-code",
    0: "all that was asked for is published or unchanged",
}
"""Every exit code and what it means. Where several hold at once, the first in this order counts."""

FAIL_ON: dict[str, tuple[Severity, ...]] = {
    "error": (Severity.ERROR,),
    "warning": (Severity.ERROR, Severity.WARNING),
    "never": (),
}
"""The severities that make a run end with 1, by what `--fail-on` says."""


class Stopped(BaseException):
    """A signal asked the run to stop. No `Exception`, so that nothing on the way out takes it for a failure."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.code = 128 + number


def worst(codes: Iterable[int]) -> int:
    """The code that counts where several hold at once; 0 without any.

    >>> worst([1, 4, 3]), worst([]), worst([8, 5])
    (3, 0, 5)
    """
    order = list(CODES)
    return min(codes, key=order.index, default=DONE)


def code_of(report: "Report", fail_on: str) -> int:
    """The exit code of a run with this report; `fail_on` is a key of `FAIL_ON`."""
    return worst(_codes(report, fail_on))


def _codes(report: "Report", fail_on: str) -> Iterator[int]:
    states = [str(feed.state) for feed in report.feeds]
    if "held" in states:
        yield HELD
    failed = [feed.exit_code for feed in report.feeds if str(feed.state) == "failed"]
    if failed:
        yield DEFINITION if set(states) == {"failed"} and not any(failed) else PARTIAL
        yield from filter(None, failed)
    deliveries = {str(one.state) for feed in report.feeds for one in feed.deliveries}
    if "failed" in deliveries:
        yield UNDELIVERED if deliveries == {"failed"} else PARTIAL
    if any(report.total(severity) for severity in FAIL_ON[fail_on]):
        yield DATA


def ended(command: Callable[[], None]) -> int:
    """Run a command, tell on standard error what ended it, and give its exit code."""
    code = _ended(command)
    if (logs := _json_logs()) is not None:
        logs.ended(code, CODES.get(code, "ended"))
    return code


def _ended(command: Callable[[], None]) -> int:
    _listen()
    try:
        command()
        _flush()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else DONE if end.code is None else DATA
    except (Stopped, KeyboardInterrupt) as stop:
        code = stop.code if isinstance(stop, Stopped) else 128 + signal.SIGINT
        texts = spoken()
        tell(texts("stopped; the feeds that were published before stand") if code in CODES else texts("stopped"))
        return code
    except FeedsmithError as error:
        tell_error(error)
        return error.exit_code
    except OSError as error:
        return _refused(error)
    except Exception:  # noqa: BLE001 - the last resort: told in full, and with its own code
        return _bug()
    return DONE


def _listen() -> None:
    """Let signals stop the run in good order; a second one of the same kind ends the process at once."""

    def stop(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - as a signal handler is called
        signal.signal(number, signal.SIG_DFL)
        raise Stopped(number)

    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) is not signal.SIG_IGN:  # a shell's background job is not to hear Ctrl-C
            signal.signal(number, stop)


def _flush() -> None:
    """What still waits for standard output must be out before the command counts as done."""
    if sys.stdout is not None:
        sys.stdout.flush()


def _refused(error: OSError) -> int:
    """An error of standard output, which everything else would have told in its own words."""
    if error.errno == errno.EPIPE:
        let_go(sys.stdout)
        return DONE
    if error.errno in {errno.ENOSPC, errno.EIO, errno.EDQUOT, errno.EFBIG}:
        let_go(sys.stdout)
        tell_error(unwritable(error))
        return UNWRITABLE
    return _bug()


def unwritable(error: OSError) -> OutputError:
    """The error of a standard output that takes no more."""
    return OutputError(Place("standard output"), f"cannot be written: {error.strerror or error}", "free disk space")


def let_go(stream: TextIO | None) -> None:
    """Give up a stream that nobody reads or that takes no more; the rest of its buffer goes nowhere."""
    with suppress(OSError, io.UnsupportedOperation, AttributeError):
        empty = os.open(os.devnull, os.O_WRONLY)
        os.dup2(empty, stream.fileno())  # type: ignore[union-attr] # None has no fileno and is let be
        os.close(empty)


def _json_logs() -> Any:
    """The module that writes the log as JSON, where a command asked for that; it is not loaded before."""
    logs = sys.modules.get("feedsmith.cli.logs")
    return logs if logs is not None and logs.active() else None


def tell(text: str) -> None:
    """A line on standard error; where there is none, nothing. A log of JSON has it as a message."""
    if (logs := _json_logs()) is not None:
        logs.message(text)
        return
    with suppress(OSError, AttributeError):
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()


def tell_error(error: FeedsmithError) -> None:
    """What ended the run: place, problem and hint, without a traceback."""
    if (logs := _json_logs()) is not None:
        logs.failed(error)
        return
    texts = spoken()
    style = Style(colour=sys.stderr is not None and can_colour(sys.stderr))
    for single in getattr(error, "errors", (error,)):
        first, *rest = (harmless(line) for line in _said(single, texts))
        tell("\n".join([style.paint(texts("error: "), "bold red") + first, *_marked(single), *rest]))


def _said(error: FeedsmithError, texts: Texts) -> list[str]:
    """Place and problem, then what to do about it."""
    said = texts.error(error)
    where = f"{texts(str(said.place))}: " if said.place else ""
    return [
        *f"{where}{said.problem}".splitlines(),
        *(f"  {texts('hint')}: {said.hint}".splitlines() if said.hint else ()),
    ]


def refused(error: Any) -> int:
    """Tell what typer has against the words of a command, and give the exit code."""
    texts, context = spoken(), getattr(error, "ctx", None)
    said = error.format_message()
    if context is not None and said == context.get_help():  # a group of commands without one of them
        tell(said)
        return DEFINITION
    asked = context.command_path if context is not None else "feedsmith"
    hint = texts("`{command} --help` shows what can be asked", command=asked)
    tell_error(UsageError(None, texts.message(said), hint))
    return DEFINITION


def _marked(error: FeedsmithError) -> list[str]:
    """The line of a definition file that an error is about, with a mark; none for other files."""
    if error.place is None or not isinstance(error, DefinitionError):
        return []
    from feedsmith.definitions.node import marked

    return [harmless(line) for line in marked(error.place)]


def _bug() -> int:
    trace = traceback.format_exc()
    version = sys.version.split()[0]
    texts = spoken()
    tell(
        f"{trace}\n"
        + texts(
            "This is a bug of feedsmith. Please report it with the lines above, the command and Python {version}.",
            version=version,
        )
    )
    return BUG
