"""What is wrong with one value: a result that a parser returns in place of the value."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """A reason why a value cannot be used; whoever knows the row makes an issue of it.

    `code` is a stable issue code; `message` stands alone; `help` says what to do, and may be empty.
    """

    code: str
    message: str
    help: str = ""
