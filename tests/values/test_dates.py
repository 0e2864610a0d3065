from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsmith.values.dates import iso, parse_moment, parse_range
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
