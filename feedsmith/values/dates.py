"""Moments and ranges of time in text: strict forms in, ISO 8601 out; a moment without a zone gets the market's."""

import re
from datetime import datetime, time, tzinfo

from feedsmith.values.local_dates import Order, local_moment
from feedsmith.values.problem import Problem

END_OF_DAY = time(23, 59, 59)

_ISO = re.compile(
    r"(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"(?:[Tt ](?P<time>[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?)"
    r" ?(?P<zone>[Zz]|[+-][0-9]{2}(?::?[0-9]{2})?)?)?"
)
_TIME_CODES = ("%H", "%I", "%X", "%c")
_HELP = "write 2026-11-27 or 2026-11-27T00:00+01:00"


def parse_moment(
    text: str,
    zone: tzinfo | None,
    end_of_day: bool = False,  # noqa: FBT001, FBT002 callers name it
    formats: tuple[str, ...] = (),
    order: Order | None = None,
) -> datetime | Problem:
    """The moment that `text` names, or a problem `invalid-date`.

    Args:
        text: an ISO 8601 date, perhaps with a time (to the minute or finer) and a zone, or one of `formats`.
        zone: the zone of a moment that names none; with None such a moment stays without zone.
        end_of_day: a date alone means its last second, not its first.
        formats: other forms that the source declares, as of `datetime.strptime`; never guessed.
        order: what stands first in local dates such as `31/12/2026`; None where there must be none.
    """
    text = text.strip()
    try:
        moment, timed = _moment(text, formats)
        local = local_moment(text, order) if moment is None and order is not None else None
    except ValueError as error:
        return Problem("invalid-date", f"is not a moment: {error}", _HELP)
    if isinstance(local, Problem):
        return local
    moment, timed = local or (moment, timed)
    if moment is None:
        return Problem("invalid-date", "is not a date of a known form", f"{_HELP}, or declare the form of this column")
    if end_of_day and not timed:
        moment = datetime.combine(moment, END_OF_DAY)
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def _moment(text: str, formats: tuple[str, ...]) -> tuple[datetime | None, bool]:
    """The moment and whether it has a time of day; ValueError if there is no such day or time."""
    if found := _ISO.fullmatch(text):
        if not found["time"]:
            return datetime.fromisoformat(found["day"]), False
        return datetime.fromisoformat(f"{found['day']}T{found['time']}{(found['zone'] or '').upper()}"), True
    for form in formats if text.isascii() else ():
        try:
            return datetime.strptime(text, form), any(code in form for code in _TIME_CODES)  # noqa: DTZ007 the caller adds it
        except ValueError:
            continue
    return None, False


def parse_range(text: str, zone: tzinfo | None, formats: tuple[str, ...] = ()) -> tuple[datetime, datetime] | Problem:
    """The start and the end that `text` names as `start/end`; a date alone at the end means its last second.

    Returns:
        Start and end, or a problem: `invalid-date` for one side, `invalid-date-range` for the two together. Forms with
        a slash within (`%d/%m/%Y`) cannot be told apart and belong in two columns.
    """
    sides = text.split("/")
    if len(sides) != 2:  # noqa: PLR2004 start and end
        return Problem("invalid-date-range", "is not a start and an end", "write 2026-11-27/2026-11-30")
    start, end = parse_moment(sides[0], zone, formats=formats), _end(sides[1], zone, formats)
    if isinstance(start, Problem):
        return start
    if isinstance(end, Problem):
        return end
    if (start.tzinfo is None) != (end.tzinfo is None):
        return Problem("invalid-date-range", "only one of start and end has a time zone", "give both a zone")
    if end <= start:
        return Problem("invalid-date-range", "the end is not after the start", "exchange or correct the two dates")
    return start, end


def _end(text: str, zone: tzinfo | None, formats: tuple[str, ...]) -> datetime | Problem:
    """The end of a range."""
    return parse_moment(text, zone, end_of_day=True, formats=formats)


def iso(moment: datetime, colon: bool) -> str:  # noqa: FBT001 callers name it
    """`moment` in ISO 8601 to the minute, with seconds only when they are not 0; fractions are left out.

    Args:
        moment: its zone is written as an offset; without a zone none is written.
        colon: the offset as `+01:00`, else as `+0100`.
    """
    text = moment.replace(tzinfo=None).isoformat(timespec="seconds" if moment.second else "minutes")
    offset = moment.utcoffset()
    if offset is None:
        return text
    minutes = round(offset.total_seconds() / 60)
    sign, (hours, minutes) = "-" if minutes < 0 else "+", divmod(abs(minutes), 60)
    return f"{text}{sign}{hours:02}{':' if colon else ''}{minutes:02}"
