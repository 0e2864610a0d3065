"""Borders of parts are guessed by counting quotes. Where the guess is wrong, the result is right all the same."""

import pytest

from feedsmith.run import parts as parts_module
from feedsmith.sources import parts as planning
from tests.run.helpers import catalog, export, feeds, numbers, part_size, read_feed, rows, shop, strays

INCHES = '5" wide'


def with_stray_quotes(number: int, places: set[int]) -> str:
    """A catalog in which the titles of these products hold one quote that stands for inches, without quoting."""
    lines = catalog(rows(number)).splitlines(keepends=True)
    return "".join(
        line.replace(f"Deken nummer {nr}", INCHES) if nr in places else line for nr, line in enumerate(lines)
    )


@pytest.fixture
def fallbacks(monkeypatch):
    """The parts from which the file was read in series."""
    seen = []
    real = parts_module.plan_parts_in_series

    def noted(table, begin):
        seen.append(begin.index)
        return real(table, begin, 1000)

    with part_size(1000), monkeypatch.context() as patch:
        patch.setattr(parts_module, "plan_parts_in_series", noted)
        yield seen


CASES = {
    "in the first part": {3},
    "in the middle": {150},
    "twice in one part": {150, 152},
    "twice, parts apart": {100, 200},
    "in the last part": {299},
    "everywhere": set(range(1, 301)),
}


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("places", CASES.values(), ids=CASES)
def test_unquoted_inches(tmp_path, fallbacks, places, workers):
    folder = shop(tmp_path, with_stray_quotes(300, places))
    ran = export(folder, workers=workers)
    assert numbers(folder / "out/one.xml") == numbers(folder / "out/two.json") == list(range(1, 301))
    assert {int(item["nr"]) for item in read_feed(folder / "out/one.xml") if item["title"] == INCHES} == places
    assert ran.report.products == ran.report.sources[0].rows == 300
    assert strays(folder) == []


@pytest.mark.parametrize("workers", [1, 2])
def test_no_border_for_so_long_that_planning_gives_up(tmp_path, fallbacks, monkeypatch, workers):
    """Planning is ahead of the reading: what was planned before still counts."""
    monkeypatch.setattr(planning, "MAX_LINE", 1000)
    folder = shop(tmp_path, with_stray_quotes(300, {100}))
    ran = export(folder, workers=workers)
    assert len(fallbacks) == 1
    assert ran.report.products == 300
    assert numbers(folder / "out/three.csv") == list(range(1, 301))


@pytest.mark.parametrize("workers", [1, 2])
def test_a_quote_that_is_never_closed_ends_the_run_at_its_line(tmp_path, fallbacks, workers):
    folder = shop(tmp_path, rows(300))
    export(folder)
    kept = feeds(folder)
    (folder / "catalog.csv").write_text(catalog(rows(300)).replace("Deken nummer 150", '"Deken'))
    with pytest.raises(Exception, match=r"catalog\.csv:151: a quote is opened and never closed") as caught:
        export(folder, workers=workers)
    assert caught.value.exit_code == 5
    assert feeds(folder) == kept
    assert strays(folder) == []
