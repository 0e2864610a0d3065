"""What ends a run. `feedsmith.cli.exits` prints these without a traceback and ends with `exit_code`."""

from collections.abc import Callable
from typing import TypeVar

from feedsmith.issues import Place

Result = TypeVar("Result")


class FeedsmithError(Exception):
    """Ends the run, with a place, a problem and a hint.

    All three are handed to `Exception.__init__`, so that the error survives the way between processes.
    """

    exit_code = 2

    def __init__(self, place: Place | None, problem: str, hint: str = "") -> None:
        super().__init__(place, problem, hint)
        self.place, self.problem, self.hint = place, problem, hint

    def __str__(self) -> str:
        """The place, the problem, and on a second line the hint."""
        where = f"{self.place}: " if self.place else ""
        return f"{where}{self.problem}" + (f"\n  hint: {self.hint}" if self.hint else "")


class UsageError(FeedsmithError):
    """The command itself is wrong."""


class DefinitionError(FeedsmithError):
    """A project file, channel definition, rule or template cannot be used; nothing was read or written."""


class SourceError(FeedsmithError):
    """A source is missing, unreadable, refused, or changed while it was read."""

    exit_code = 5


class LockedError(FeedsmithError):
    """Another run holds this project's lock."""

    exit_code = 7


class OutputError(FeedsmithError):
    """The output or the state cannot be written; the good feeds stand."""

    exit_code = 8


class DeliveryError(FeedsmithError):
    """A file could not be delivered to a target, and trying again will not help; what is published here is good."""

    exit_code = 6


class TargetBusyError(DeliveryError):
    """A target could not be reached, or refused for now: worth another try, after `after` seconds at the earliest."""

    def __init__(self, place: Place | None, problem: str, hint: str = "", after: float = 0) -> None:
        super().__init__(place, problem, hint)
        self.after = after


class TargetClosedError(DeliveryError):
    """A target lets nobody in: the login, the server's key or certificate. Further files would fare no better."""


class RenderError(FeedsmithError):
    """A template failed on a row, or wrote something its format does not allow; the good feeds stand."""


class DefinitionErrors(DefinitionError):
    """Several independent mistakes of the project and its definitions, told in one go."""

    def __init__(self, errors: tuple[DefinitionError, ...]) -> None:
        first = errors[0]
        super().__init__(first.place, first.problem, first.hint)
        self.args = (errors,)
        self.errors = errors

    def __str__(self) -> str:
        """One mistake after the other."""
        return "\n".join(str(error) for error in self.errors)


class Mistakes:
    """Gathers mistakes of definitions that do not depend on each other, so that all of them are told in one go."""

    def __init__(self) -> None:
        self.found: dict[str, DefinitionError] = {}
        """Each mistake by its text: several feeds may meet the same one."""

    def trying(self, work: Callable[[], Result]) -> Result | None:
        """What `work` gives; None where it is a mistake, which is kept."""
        try:
            return work()
        except DefinitionError as error:
            self.add(error)
        return None

    def add(self, error: DefinitionError) -> None:
        """Keep a mistake, or all of several."""
        for one in getattr(error, "errors", (error,)):
            self.found.setdefault(str(one), one)

    def tell(self) -> None:
        """End the run where there are mistakes.

        Raises:
            DefinitionError: the mistake; `DefinitionErrors` holds several.
        """
        errors = tuple(self.found.values())
        if errors:
            raise errors[0] if len(errors) == 1 else DefinitionErrors(errors)
