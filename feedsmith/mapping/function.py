"""What a function of rules is; `functions` lists them all."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from feedsmith.mapping.types import Type


@dataclass(frozen=True, slots=True)
class Function:
    """`arguments` are types in order; `more` says that the last one may repeat, `least` how many must be given.

    `prepare` turns the last argument, which must then be a fixed text, into what `call` gets (a compiled pattern).
    `beside` is put in behind the arguments where it is not given: `vat`, the market's rate, or `now`, the run's clock.
    A method of `Taxonomy` is called on that of the feed's language.
    """

    call: Callable[..., Any]
    arguments: tuple[Type, ...]
    result: Type
    does: str
    least: int | None = None
    more: bool = False
    prepare: Callable[[str], Any] | None = None
    takes_empty: bool = False
    beside: str = ""
