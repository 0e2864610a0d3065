"""The form of a file's dates, where it is not ISO 8601."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime

from feedsmith.catalog.headings import Claim
from feedsmith.catalog.records import PRODUCT
from feedsmith.sources.batch import Batch
from feedsmith.values.dates import parse_moment

FORMS = (
    "%d-%m-%Y", "%m-%d-%Y", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%Y/%m/%d", "%Y%m%d",
    "%d-%m-%y", "%d/%m/%y", "%m/%d/%y",
)  # fmt: skip
TIMES = ("", " %H:%M", " %H:%M:%S")
MOMENTS = frozenset({"moment", "moment_end"})


def date_form(claims: Mapping[str, Claim], sample: Batch) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The form that all dates of the sample have, and the other forms that they have too; nothing where none fits.

    >>> fits(["31/12/2026", "1/2/2026"]), fits(["1/2/2026"])
    (['%d/%m/%Y'], ['%d/%m/%Y', '%m/%d/%Y'])
    """
    headings = {one.heading for one in claims.values() if PRODUCT.fields[one.field].kind in MOMENTS}
    texts = {text.strip() for heading in headings for text in sample.columns[heading].filled}
    local = [text for text in texts if not isinstance(parse_moment(text, None), datetime)]
    found = fits(local) if local else []
    return tuple(found[:1]), tuple(found[1:])


def fits(texts: Iterable[str]) -> list[str]:
    """The forms that all of the texts have, those with the day first before the others."""
    texts = list(texts)
    return [form + time for form in FORMS for time in TIMES if all(_is(text, form + time) for text in texts)]


def _is(text: str, form: str) -> bool:
    with suppress(ValueError):
        datetime.strptime(text, form)  # noqa: DTZ007 - only whether it can be read
        return True
    return False
