"""Opening targets, and delivering one file with all the tries that it takes."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TypeVar

import stamina
from stamina.instrumentation import set_on_retry_hooks

from feedsmith.errors import TargetBusyError, TargetClosedError
from feedsmith.issues import Place
from feedsmith.publish.kinds import KINDS, address_of
from feedsmith.publish.settings import TargetSettings
from feedsmith.publish.target import Budget, Target

FIRST_WAIT = 1.0
"""Seconds before the second try; each further wait is twice as long, up to `LONGEST_WAIT`, and a bit at random."""
LONGEST_WAIT = 60.0

Result = TypeVar("Result")


def open_target(settings: TargetSettings, project: Path) -> Target:
    """The target, not connected yet.

    Args:
        settings: they fit together: see `kinds.misfits`.
        project: its folder; relative paths begin there.

    Raises:
        TargetClosedError: what it needs is not installed.
    """
    address = address_of(str(settings.to))
    kind = KINDS[address.scheme]
    try:
        module = import_module(kind.module)
    except ImportError as error:
        hint = f'pip install "feedsmith[{kind.extra}]"'
        problem = f"a target {address.scheme}:// needs {error.name}, which is not installed"
        raise TargetClosedError(Place(str(settings.to)), problem, hint) from error
    target: Target = module.TARGET(settings, address, project)
    return target


def tried(work: Callable[[], Result], retries: int, budget: Budget) -> Result:
    """What `work` gives, tried again while that may help, there is time, and there are retries left.

    A wait that the target asks for is honoured as long as the budget lasts.

    Raises:
        DeliveryError: the last one; it says how often it was tried.
    """
    set_on_retry_hooks([])  # they would log each try, with arguments
    tries = 0
    try:
        for attempt in stamina.retry_context(
            on=lambda error: _worth_it(error, budget),
            attempts=retries + 1, timeout=max(budget.left, 0), wait_initial=FIRST_WAIT, wait_max=LONGEST_WAIT,
            wait_jitter=FIRST_WAIT,
        ):  # fmt: skip
            with attempt:
                tries += 1
                return work()
    except TargetBusyError as error:
        often = f" (tried {tries} times)" if tries > 1 else ""
        raise TargetBusyError(error.place, error.problem + often, error.hint, error.after) from error
    raise RuntimeError("no try was made")


def _worth_it(error: Exception, budget: Budget) -> bool | float:
    """Whether to try again; a number is the seconds to wait before."""
    if not isinstance(error, TargetBusyError) or max(error.after, FIRST_WAIT) >= budget.left:
        return False
    return error.after or True
