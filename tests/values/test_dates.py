from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsmith.values.dates import iso, parse_moment, parse_range
from feedsmith.values.local_dates import order_of
from feedsmith.values.problem import Problem

ZONE = ZoneInfo("Europe/Amsterdam")
FORMATS = ("%d.%m.%Y", "%d.%m.%Y %H:%M")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2026-11-27", "2026-11-27T00:00+01:00"),
        ("2026-07-01", "2026-07-01T00:00+02:00"),
        ("2026-11-27T00:00+0100", "2026-11-27T00:00+01:00"),
        ("2026-11-27T00:00+01:00", "2026-11-27T00:00+01:00"),
        ("2026-11-27T00:00-03", "2026-11-27T00:00-03:00"),
        ("2026-11-27T08:15:30Z", "2026-11-27T08:15:30+00:00"),
        ("2026-11-27 08:15", "2026-11-27T08:15+01:00"),
        ("2026-11-27 08:15:00.123", "2026-11-27T08:15+01:00"),
        ("27.11.2026", "2026-11-27T00:00+01:00"),
        ("27.11.2026 08:15", "2026-11-27T08:15+01:00"),
    ],
)
def test_moments(text, shown):
    assert iso(parse_moment(text, ZONE, formats=FORMATS), colon=True) == shown


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("2026-11-27", "23:59:59"),
        ("27.11.2026", "23:59:59"),
        ("27.11.2026 08:15", "08:15:00"),
        ("2026-11-27T00:00", "00:00:00"),
    ],
)
def test_the_end_of_a_day(text, end):
    assert f"{parse_moment(text, ZONE, end_of_day=True, formats=FORMATS):%H:%M:%S}" == end


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("2026-02-30", "day"),
        ("2026-13-01", "month"),
        ("2026-11-27T25:00", "hour"),
        ("27/11/2026", "known form"),
        ("2026-W48-5", "known form"),
        ("20261127", "known form"),
        ("２０２６-11-27", "known form"),
        ("２7.11.2026", "known form"),
        ("", "known form"),
        ("2026-11-27T00:00+99:00", "strictly between"),
    ],
)
def test_no_moments(text, told):
    problem = parse_moment(text, ZONE, formats=FORMATS)
    assert isinstance(problem, Problem)
    assert problem.code == "invalid-date"
    assert told in problem.message


def test_without_a_zone_a_moment_stays_local():
    assert parse_moment("2026-11-27T08:15", None) == datetime(2026, 11, 27, 8, 15)  # noqa: DTZ001 that is the point
    assert iso(parse_moment("2026-11-27T08:15", None), colon=True) == "2026-11-27T08:15"


def test_ranges():
    start, end = parse_range("2026-11-27/2026-11-30", ZONE)
    assert iso(start, colon=False) == "2026-11-27T00:00+0100"
    assert iso(end, colon=False) == "2026-11-30T23:59:59+0100"
    assert parse_range("2026-11-27/2026-11-27", ZONE)[1] - start == timedelta(hours=23, minutes=59, seconds=59)
    assert parse_range("27.11.2026/30.11.2026", ZONE, FORMATS) == (start, end)


@pytest.mark.parametrize(
    ("text", "zone", "code"),
    [
        ("2026-11-30/2026-11-27", ZONE, "invalid-date-range"),
        ("2026-11-27T08:00Z/2026-11-27T09:00+0100", ZONE, "invalid-date-range"),
        ("2026-11-27", ZONE, "invalid-date-range"),
        ("2026-11-27/2026-11-28/2026-11-29", ZONE, "invalid-date-range"),
        ("2026-11-27T08:00Z/2026-11-28", None, "invalid-date-range"),
        ("0001-01-01T00:00+10:00/0001-01-01T00:00+11:00", None, "invalid-date-range"),
        ("x/2026-11-27", ZONE, "invalid-date"),
        ("2026-11-27/", ZONE, "invalid-date"),
    ],
)
def test_no_ranges(text, zone, code):
    assert parse_range(text, zone).code == code


@given(
    st.datetimes(
        timezones=st.sampled_from([UTC, timezone(timedelta(hours=-3, minutes=-30)), timezone(timedelta(hours=14))])
    ),
    st.booleans(),
)
def test_what_is_written_is_read(moment, colon):
    moment = moment.replace(microsecond=0)
    assert parse_moment(iso(moment, colon=colon), ZONE) == moment
    assert len(iso(moment, colon=colon)) <= 25


LOCAL = [
    # text, order, the moment or a part of what is told
    ("31.12.2026", "", "2026-12-31T00:00"),
    ("1.2.2026", "", "2026-02-01T00:00"),
    ("1.2.26 9:05", "", "2026-02-01T09:05"),
    ("1.2.2026", "month", "2026-02-01T00:00"),
    ("31-12-2026", "", "2026-12-31T00:00"),
    ("12/31/26", "", "2026-12-31T00:00"),
    ("12/31/2026 23:59:30", "", "2026-12-31T23:59:30"),
    ("02/01/2026", "month", "2026-02-01T00:00"),
    ("02/01/2026", "day", "2026-01-02T00:00"),
    ("13/01/2026", "month", "2026-01-13T00:00"),
    ("5/5/2026", "", "2026-05-05T00:00"),
    ("02/01/2026", "", "two dates"),
    ("31/31/2026", "day", "not a moment"),
    ("30-2-2026", "day", "not a moment"),
    ("31 dec 2026", "", "2026-12-31T00:00"),
    ("31 dec. 2026 12:30", "", "2026-12-31T12:30"),
    ("1 mrt 2026", "", "2026-03-01T00:00"),
    ("1. März 2026", "", "2026-03-01T00:00"),
    ("31. Dezember 2026, 18:00 Uhr", "", "2026-12-31T18:00"),
    ("1er août 2026", "", "2026-08-01T00:00"),
    ("15 févr. 2026", "", "2026-02-15T00:00"),
    ("December 31, 2026", "", "2026-12-31T00:00"),
    ("Dec 31st 2026", "", "2026-12-31T00:00"),
    ("31-okt-2026", "", "2026-10-31T00:00"),
    ("31 foo 2026", "", "known form"),
    ("31.12.2026", None, "known form"),
    ("31 dec 2026", None, "known form"),
    ("3112.2026", "", "known form"),
    ("2026", "", "known form"),
]


@pytest.mark.parametrize(("text", "order", "expected"), LOCAL)
def test_local_dates(text, order, expected):
    found = parse_moment(text, None, order=order)
    if isinstance(found, Problem):
        assert found.code == "invalid-date"
        assert expected in found.message
    else:
        assert iso(found, colon=True) == expected


def test_a_local_date_alone_ends_with_its_day():
    assert parse_moment("31.12.2026", UTC, end_of_day=True, order="day").hour == 23
    assert parse_moment("31.12.2026 08:00", UTC, end_of_day=True, order="day").hour == 8


@given(st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2099, 12, 31)), st.sampled_from("/-."))  # noqa: DTZ001
def test_a_column_that_shows_its_order_is_read_as_it_was_written(moment, sign):
    written = {"day": f"%d{sign}%m{sign}%Y %H:%M:%S", "month": f"%m{sign}%d{sign}%Y %H:%M:%S"}
    whole = moment.replace(microsecond=0)
    for order, form in written.items():
        if sign == "." and order == "month":
            continue
        column = [whole.strftime(form), datetime(2026, 12, 31).strftime(form)]  # noqa: DTZ001
        assert parse_moment(column[0], None, order=order_of(column) or "day") == whole


@pytest.mark.parametrize(
    ("texts", "order"),
    [
        (["01/02/2026", "31/12/2026"], "day"),
        (["01/02/2026", "12/31/2026"], "month"),
        (["31/12/2026", "12/31/2026"], ""),
        (["01/02/2026"], ""),
        (["31.12.2026", "2026-12-31", "x"], ""),
        ([], ""),
    ],
)
def test_what_a_column_shows(texts, order):
    assert order_of(texts) == order
