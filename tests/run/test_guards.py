"""Guards, each through a whole run: a case that passes, one that warns, one that holds. And what they compare with."""

import csv
import io
import shutil
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from feedsmith.cli.exits import code_of
from feedsmith.definitions.guards import GUARDS as TABLE
from feedsmith.definitions.guards import default_levels
from feedsmith.reports.report import FeedReport, FeedState
from feedsmith.run.guards import New, Past, alarms
from feedsmith.run.history import History, KeptFile, PastFeed, moment
from tests.helpers import write_tree
from tests.run.helpers import Ran, export

CASES = yaml.safe_load((Path(__file__).parent / "guards.yaml").read_text("utf-8"))
GUARDS = frozenset(
    {
        "items-dropped", "too-few-items", "items-grew", "many-rejected", "rejected-rose", "prices-changed",
        "ids-changed", "out-of-stock", "attribute-erosion", "empty-feed", "partial-catalog", "rolled-back",
    }
)  # fmt: skip
PROJECT = """\
catalog: catalog.csv
market: {{country: NL, currency: EUR}}
guards: {guards}
feeds: {{google: {{channel: google_tsv, link: https://www.shop.example, guards: {feed}}}}}
"""
Row = dict[str, str]


def product(number: int, **changes: str) -> Row:
    return {
        "id": f"SKU-{number}", "title": f"Deken {number}", "description": "Een warme deken van wol.",
        "link": f"https://www.shop.example/p/{number}", "image_link": f"https://www.shop.example/i/{number}.jpg",
        "availability": "in_stock", "availability_date": "", "price": f"{number % 90 + 10}.95 EUR", "brand": "Kaap",
        "mpn": f"M{number}", "condition": "new", "product_type": "Wonen",
    } | changes  # fmt: skip


def written(rows: list[Row]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, product(1), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def changed(rows: list[Row], share: int = 0, **change) -> list[Row]:
    """The rows with the first `share` per cent of them changed."""
    number = len(rows) * share // 100
    first, rest = rows[:number], rows[number:]
    if "drop" in change:
        return rest
    if "add" in change:
        return rows + [product(1000 + nr) for nr in range(number)]
    if "rename" in change:
        return [row | {"id": row["id"].replace("SKU", "ART")} for row in first] + rest
    if "reject" in change:
        return [row | {"price": ""} for row in first] + rest
    if "times" in change:
        times = Decimal(str(change["times"]))
        return [row | {"price": f"{Decimal(row['price'][:-4]) * times:.2f} EUR"} for row in first] + rest
    return [row | change.get("set", {}) for row in first] + rest


def shop(folder: Path, rows: list[Row], guards: str = "{}", feed: str = "{}") -> Path:
    return write_tree(
        folder, {"feedsmith.yaml": PROJECT.format(guards=guards, feed=feed), "catalog.csv": written(rows)}
    )


def said(ran: Ran) -> dict[str, str]:
    return {issue.code: str(issue.severity) for issue in ran.issues if issue.code in GUARDS}


@pytest.fixture(scope="module")
def published(tmp_path_factory) -> dict[int, Path]:
    """Projects with a published version, by their number of products."""
    numbers = {case.get("rows", 40) for case in CASES.values()}
    made = {nr: shop(tmp_path_factory.mktemp("shop"), [product(one) for one in range(1, nr + 1)]) for nr in numbers}
    assert [export(folder).states for folder in made.values()] == [["published"]] * len(made)
    return made


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_guards(tmp_path, published, case):
    number = case.get("rows", 40)
    rows = [product(nr) for nr in range(1, number + 1)]
    folder = shutil.copytree(published[number], tmp_path, dirs_exist_ok=True)
    old = (folder / "out/google.tsv").read_bytes()
    shop(tmp_path, changed(rows, **case["after"]), case.get("guards", "{}"), case.get("feed", "{}"))
    ran = export(folder)
    assert said(ran) == case["says"]
    holds = "error" in case["says"].values()
    same = not case["after"]
    assert ran.states == [("held" if holds else "unchanged" if same else "published")]
    assert code_of(ran.report, "never") == (3 if holds else 0)
    if "words" in case:
        assert any(case["words"] in issue.message for issue in ran.issues)
    if holds:
        assert (folder / "out/google.tsv").read_bytes() == old


def test_every_guard_has_its_cases():
    for name, guard in TABLE.items():
        found = {case["says"].get(guard.code) for title, case in CASES.items() if title.startswith(name)}
        assert found >= {None, "warning", "error"} or name == "max_erosion", name


def test_a_required_field_that_is_suddenly_empty_holds(tmp_path):
    """A channel of the project's own that recommends a field: without it items are told of and stay."""
    channel = "extends: google_tsv\nfields: {product_type: {required: {else: warn}}}\n"
    rows = [product(nr) for nr in range(1, 41)]
    write_tree(tmp_path, {"channels/own.yaml": channel})
    folder = shop(tmp_path, rows)
    (folder / "feedsmith.yaml").write_text((folder / "feedsmith.yaml").read_text().replace("google_tsv", "own"))
    export(folder)
    (folder / "catalog.csv").write_text(written([row | {"product_type": ""} for row in rows]))
    ran = export(folder)
    assert ran.states == ["held"]
    assert "product_type, which the channel asks for, is empty" in ran.found("attribute-erosion")[0].message


def test_items_come_and_go_in_any_order(tmp_path):
    """Rows in another order are the same items."""
    rows = [product(nr) for nr in range(1, 41)]
    folder = shop(tmp_path, rows)
    export(folder)
    (folder / "catalog.csv").write_text(written(rows[::-1]))
    assert said(export(folder)) == {}


def test_baselines_move_with_what_is_published_and_never_with_what_is_held(tmp_path):
    rows = [product(nr) for nr in range(1, 101)]
    folder = shop(tmp_path, rows, "{max_ids_changed: off}")
    export(folder)
    for number in (60, 50, 65):
        (folder / "catalog.csv").write_text(written(rows[:number]))
        assert export(folder).states == ["held"], number
    (folder / "catalog.csv").write_text(written(rows[:75]))
    assert export(folder).states == ["published"]


def test_a_feed_that_bleeds_slowly_is_noticed_within_a_week(tmp_path):
    rows = [product(nr) for nr in range(1, 101)]
    folder = shop(tmp_path, rows[:70], "{max_ids_changed: off}")
    state = folder / ".feedsmith"
    with History(state, write=True) as history:
        for days, items in ((30, 500), (8, 110), (6, 75), (5, 74), (4, 73), (3, 72), (2, 71)):
            number = history.begin("feedsmith export", "0.1.0", "")
            at = moment(datetime.now(UTC) - timedelta(days=days))
            with history._change() as change:
                change.execute("UPDATE runs SET started = ? WHERE number = ?", (at, number))
            files = (KeptFile("google.csv", items, 1, str(number)),)
            history.note(
                [
                    PastFeed(
                        number,
                        "google",
                        "google_tsv",
                        "out",
                        "published",
                        items=items,
                        products_in=items,
                        files=files,
                        at=at,
                    )
                ]
            )
    ran = export(folder)
    assert ran.states == ["held"]
    assert ran.found("items-dropped")[0].message.startswith("70 items where there were 110 a week ago: 36.4 % fewer")


def test_a_part_of_the_catalog_is_nothing_to_compare_with(tmp_path):
    """Who tries a project with some products first is not held when all of them come."""
    rows = [product(nr) for nr in range(1, 101)]
    folder = shop(tmp_path, rows)
    assert export(folder, limit=25).states == ["published"]
    assert export(folder).states == ["published"]
    (folder / "catalog.csv").write_text(written(rows[:10]))
    assert export(folder).states == ["held"]


def test_force_passes_all_and_is_told(tmp_path):
    rows = [product(nr) for nr in range(1, 41)]
    folder = shop(tmp_path, rows)
    export(folder)
    (folder / "catalog.csv").write_text(written(rows[:10]))
    ran = export(folder, force=True)
    assert ran.states == ["published"]
    assert said(ran) == {"items-dropped": "warning", "ids-changed": "warning"}
    assert all("published by --force" in issue.message for issue in ran.issues if issue.code in GUARDS)


def test_a_damaged_ledger_is_told_and_the_other_guards_go_on(tmp_path):
    rows = [product(nr) for nr in range(1, 41)]
    folder = shop(tmp_path, rows)
    export(folder)
    (ledger,) = (folder / ".feedsmith/ledgers").iterdir()
    for damage in (ledger.read_bytes()[:-7], b"", b"\x28\xb5\x2f\xfd nothing", None):
        ledger.write_bytes(damage) if damage is not None else ledger.unlink()
        (folder / "catalog.csv").write_text(written(rows[:10]))
        ran = export(folder)
        assert said(ran) == {"items-dropped": "error"}
        assert [issue.severity for issue in ran.found("not-compared")] == ["warning"]


def test_ledgers_are_kept_of_what_can_come_back_only(tmp_path):
    rows = [product(nr) for nr in range(1, 41)]
    folder = shop(tmp_path, rows)
    (folder / "feedsmith.yaml").write_text((folder / "feedsmith.yaml").read_text() + "history: {keep: 2}\n")
    for number in (40, 39, 38, 38, 5):
        (folder / "catalog.csv").write_text(written(rows[:number]))
        export(folder)
    assert sorted(path.name for path in (folder / ".feedsmith/ledgers").iterdir()) == [
        "google-2.zst", "google-4.zst", "google-5.zst"
    ]  # fmt: skip


def test_a_dry_run_compares_item_by_item(tmp_path):
    rows = [product(nr) for nr in range(1, 41)]
    folder = shop(tmp_path, rows)
    export(folder)
    (folder / "catalog.csv").write_text(written(changed(rows, share=100, times=100)))
    ran = export(folder, write=False, dry_run=True)
    assert (said(ran), ran.states) == ({"prices-changed": "error"}, ["checked"])


def test_the_number_of_workers_changes_nothing_of_what_guards_say(tmp_path):
    rows = [product(nr) for nr in range(1, 41)]
    folder = shop(tmp_path, rows)
    export(folder, workers=2)
    (folder / "catalog.csv").write_text(written(changed(rows, share=50, rename=True)[::-1]))
    first, second = export(folder, workers=1), export(folder, workers=2)
    assert said(first) == said(second) == {"ids-changed": "error"}
    assert first.found("ids-changed")[0].message == second.found("ids-changed")[0].message


numbers = st.integers(0, 200)


@given(
    now=numbers, rejected=numbers, before=st.lists(numbers, min_size=1, max_size=5), week=st.none() | numbers,
    fill=st.dictionaries(st.sampled_from(["id", "gtin", "color"]), st.floats(0, 1)),
    was=st.dictionaries(st.sampled_from(["id", "gtin", "color", "gone"]), st.floats(0, 1)),
)  # fmt: skip
def test_guards_compare_any_figures(now, rejected, before, week, fill, was):
    """No figures are too odd; what holds comes first; of fewer than 20 items nothing is said."""

    def past(items: int) -> PastFeed:
        return PastFeed(1, "google", "google", "out", "published", items=items, rejected=rejected, fill=was)

    report = FeedReport("google", "google", FeedState.CHECKED, items=now, rejected=rejected, fill=fill)
    known = Past(past(before[0]), tuple(map(past, before)), None if week is None else past(week))
    found = list(alarms(New(report, None, ["id", "gtin", "color"], ["id"]), known, default_levels()))
    assert [alarm.holds for alarm in found] == sorted((alarm.holds for alarm in found), reverse=True)
    assert all({alarm.code} <= GUARDS for alarm in found)
    if before[0] < 20:
        assert found == []
    if now == 0 and before[0] >= 20 and len(before) == 1:
        assert any(alarm.code == "items-dropped" and alarm.holds for alarm in found)
