"""Files within the limits of the channel, and what becomes of the files of a former run."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedsmith.publish.folder import publish_files
from feedsmith.run import finish
from tests.run.helpers import PROJECT, catalog, export, feeds, numbers, part_size, read_feed, rows, shop

TWO = "market: {currency: EUR}\ncatalog: catalog.csv\nfeeds: {two: {channel: two}}\n"


def two_files(folder: Path) -> list[Path]:
    """The files of the feed in the order of their numbers."""
    paths = (folder / "out").glob("two*.json")
    return sorted(paths, key=lambda path: int(path.stem.partition("-")[2] or 0))


@settings(max_examples=15, deadline=None)
@given(
    number=st.integers(1, 40), items=st.integers(1, 15), most=st.integers(300, 2000), size=st.integers(60, 3000),
    doubles=st.sets(st.integers(0, 39), max_size=6),
)  # fmt: skip
def test_no_file_is_larger_than_allowed_and_none_smaller_than_needed(number, items, most, size, doubles):
    products = [product | {"id": "X"} if nr in doubles else product for nr, product in enumerate(rows(number))]
    with TemporaryDirectory() as name, part_size(size):
        folder = shop(Path(name), products, TWO, f"{{items: {items}, bytes: {most}}}")
        ran = export(folder, force=True)
        paths = two_files(folder)
        contents = [numbers(path) for path in paths]
        sizes = [path.stat().st_size for path in paths]
    kept = [
        int(product["nr"]) for product in products if product["id"] != "X" or len(doubles & set(range(number))) == 1
    ]
    assert [nr for content in contents for nr in content] == kept
    assert all(len(content) <= items for content in contents)
    assert all(size <= most for size in sizes)
    assert [file.items for file in ran.feed("two").files] == list(map(len, contents))
    assert [path.name for path in paths] == (
        ["two.json"] if len(paths) == 1 else [f"two-{n + 1}.json" for n in range(len(paths))]
    )
    longest = 220  # of one item
    for content, size_now in zip(contents[:-1], sizes[:-1], strict=True):
        assert len(content) == items or size_now > most - longest


def test_one_item_larger_than_a_file_stands_alone(tmp_path):
    products = rows(3)
    products[1]["brand"] = "x" * 400
    ran = export(shop(tmp_path, products, TWO, "{bytes: 300}"))
    assert [numbers(path) for path in two_files(tmp_path)] == [[1], [2], [3]]
    assert ran.feed("two").items == 3


def test_one_file_becomes_several_and_one_again(tmp_path):
    free = "guards: {max_drop: off, max_growth: off, max_ids_changed: off}\n"
    folder = shop(tmp_path, rows(10), TWO + free, "{items: 10}")
    (folder / "out").mkdir()
    ours = {"two-9.json": b"not of a former run", "two.json.bak": b"a copy of somebody's", "one.xml": b"another feed"}
    for name, raw in ours.items():
        (folder / "out" / name).write_bytes(raw)
    export(folder)
    assert set(feeds(folder)) == {"two.json", *ours}
    (folder / "catalog.csv").write_text(catalog(rows(25)))
    export(folder)
    assert set(feeds(folder)) == {"two-1.json", "two-2.json", "two-3.json", *ours}
    (folder / "catalog.csv").write_text(catalog(rows(15)))
    export(folder)
    assert set(feeds(folder)) == {"two-1.json", "two-2.json", *ours}
    (folder / "catalog.csv").write_text(catalog(rows(4)))
    export(folder)
    assert set(feeds(folder)) == {"two.json", *ours}
    assert {name: feeds(folder)[name] for name in ours} == ours


def test_strays_of_one_output_folder_are_not_those_of_another(tmp_path):
    folder = shop(tmp_path, rows(25), TWO, "{items: 10}")
    export(folder)
    (folder / "catalog.csv").write_text(catalog(rows(5)))
    export(folder, out=tmp_path / "elsewhere")
    assert len(two_files(folder)) == 3
    assert [path.name for path in (tmp_path / "elsewhere").iterdir()] == ["two.json"]


def test_a_run_that_died_before_its_record_leaves_no_stray_for_good(tmp_path, monkeypatch):
    """Between putting the files in place and writing down which they are, a run may be killed."""
    folder = shop(tmp_path, rows(12), TWO, "{items: 5}")

    def dies(*arguments):
        publish_files(*arguments)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(finish, "publish_files", dies)
        with pytest.raises(KeyboardInterrupt):
            export(folder)
    assert len(two_files(folder)) == 3
    assert export(folder).states == ["unchanged"]
    (folder / "catalog.csv").write_text(catalog(rows(4)))
    export(folder)
    assert [path.name for path in two_files(folder)] == ["two.json"]


def test_two_feeds_that_swap_their_files_do_not_remove_each_others(tmp_path):
    project = (
        PROJECT.replace("{channel: one}", "{channel: one, output: FIRST}") + "  four: {channel: one, output: SECOND}\n"
    )
    folder = shop(tmp_path, rows(5), project.replace("FIRST", "a.xml").replace("SECOND", "b.xml"))
    export(folder)
    (folder / "feedsmith.yaml").write_text(project.replace("FIRST", "b.xml").replace("SECOND", "a.xml"))
    (folder / "catalog.csv").write_text(catalog(rows(6)))
    for _ in range(2):
        export(folder)
        assert sorted(feeds(folder)) == ["a.xml", "b.xml", "three.csv", "two.json"]


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b"\xff"])
def test_a_damaged_record_of_an_earlier_feedsmith_counts_as_none(tmp_path, damage):
    folder = shop(tmp_path, rows(5), TWO)
    (folder / ".feedsmith").mkdir()
    (folder / ".feedsmith/published.json").write_bytes(damage)
    assert export(folder).states == ["published"]


@pytest.mark.parametrize("damage", [b"nothing of a database", b"nothing of a database" * 1000])
def test_a_damaged_history_is_told_and_the_feeds_are_made(tmp_path, damage):
    folder = shop(tmp_path, rows(5), TWO)
    export(folder)
    (folder / ".feedsmith/runs.sqlite").write_bytes(damage)
    ran = export(folder)
    assert (ran.states, ran.report.run) == (["unchanged"], 1)
    assert [issue.severity for issue in ran.found("history-damaged")] == ["warning"]
    assert export(folder).report.run == 2


def test_the_bundled_channel_of_meta_keeps_to_5000_requests(tmp_path):
    project = "market: {currency: EUR}\ncatalog: catalog.csv\nfeeds: {meta: {channel: meta}}\n"
    headings = ("id", "title", "description", "availability", "condition", "price", "link", "image_link", "brand")
    made = "\n".join(
        f"SKU-{nr},Deken {nr},Een warme deken van echte wol.,in_stock,new,19.95,https://www.shop.example/{nr},"
        f"https://www.shop.example/{nr}.jpg,Kaap"
        for nr in range(5001)
    )
    folder = shop(tmp_path, ",".join(headings) + "\n" + made + "\n", project)
    export(folder)
    assert [len(read_feed(folder / "out" / f"meta-{nr}.json")) for nr in (1, 2)] == [5000, 1]


def test_two_feeds_never_share_a_file(tmp_path):
    project = PROJECT + "  four: {channel: one, output: two.json}\n"
    with pytest.raises(Exception, match=r"feeds two and four have the file 'two\.json'") as caught:
        export(shop(tmp_path, rows(3), project))
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(("number", "told"), [(17, 0), (18, 1), (20, 1), (21, 0)])
def test_a_file_that_is_nearly_full_is_told_before_its_name_changes(tmp_path, number, told):
    ran = export(shop(tmp_path, rows(number), TWO, "{items: 20}"))
    assert len(ran.found("near-limit", "two")) == told
    assert len(two_files(tmp_path)) == (2 if number > 20 else 1)


def test_a_file_that_is_nearly_full_of_bytes_is_told(tmp_path):
    export(shop(tmp_path, rows(10), TWO))
    size = (tmp_path / "out/two.json").stat().st_size
    for most, told in ((size * 2, 0), (size + 10, 1)):
        ran = export(shop(tmp_path, rows(10), TWO, f"{{bytes: {most}}}"))
        assert [issue.severity for issue in ran.found("near-limit")] == ["warning"] * told
