"""The functions of rules for dates and periods."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from feedsmith.mapping.function import Function
from feedsmith.mapping.types import Type
from feedsmith.values.dates import parse_moment
from feedsmith.values.problem import Problem

T = Type
DATE_CODES = re.compile(r"%[dmYyHMSjVu%]")
"""The codes of a written date that are digits: the same in every language."""
LONGEST_FORM = 100


def date_form(form: str) -> str:
    """The form of a written date, such as `%d-%m-%Y`.

    Raises:
        ValueError: it has another code than those for digits.
    """
    if "%" in DATE_CODES.sub("", form) or len(form) > LONGEST_FORM:
        raise ValueError(f"the form {form!r} is not one of %d, %m, %Y, %y, %H, %M, %S, %j, %V, %u with signs between")
    return form


def date_text(moment: datetime, form: str) -> str:
    """The date as text in that form."""
    return moment.strftime(form)


def to_date(text: str, form: str = "") -> datetime:
    """A text as a moment: of the form, else as ISO writes it. ValueError when it is none."""
    moment = parse_moment(text, UTC, formats=(form,) if form else ())
    if isinstance(moment, Problem):
        raise ValueError(f"{text!r} {moment.message}")  # noqa: TRY004 - the value is wrong, not its type
    return moment


def _period(start: datetime | None, end: datetime | None) -> tuple[datetime | None, datetime | None] | None:
    return (start, end) if start is not None or end is not None else None


DATE_FUNCTIONS: Mapping[str, Function] = {
    "add_days": Function(
        lambda moment, days: moment + timedelta(days=float(days)), (T.DATE, T.NUMBER), T.DATE, "so many days later"
    ),
    "date_text": Function(
        date_text,
        (T.DATE, T.TEXT),
        T.TEXT,
        'a date as text: `date_text(today, "%d-%m-%Y")`; also `%y`, `%H`, `%M`, `%S`, `%j`, `%V` (week), `%u`',
        prepare=date_form,
    ),
    "days_since": Function(
        lambda moment, now: (now - moment).days, (T.DATE, T.DATE), T.NUMBER, "whole days up to now", beside="now"
    ),
    "days_until": Function(
        lambda moment, now: (moment - now).days, (T.DATE, T.DATE), T.NUMBER, "whole days from now", beside="now"
    ),
    "end": Function(lambda period: period[1], (T.PERIOD,), T.DATE, "the end of a period"),
    "month": Function(lambda moment: Decimal(moment.month), (T.DATE,), T.NUMBER, "the month of a date, 1 to 12"),
    "period": Function(_period, (T.DATE, T.DATE), T.PERIOD, "from a start to an end", takes_empty=True),
    "start": Function(lambda period: period[0], (T.PERIOD,), T.DATE, "the start of a period"),
    "to_date": Function(
        to_date,
        (T.TEXT, T.TEXT),
        T.DATE,
        'reads a text as a date: as ISO writes it, or in a form: `to_date(launch, "%d.%m.%Y")`',
        least=1,
        prepare=date_form,
    ),
    "weekday": Function(
        lambda moment: Decimal(moment.isoweekday()), (T.DATE,), T.NUMBER, "the day of the week; 1 is Monday"
    ),
    "year": Function(lambda moment: Decimal(moment.year), (T.DATE,), T.NUMBER, "the year of a date"),
}
"""The functions by name."""
