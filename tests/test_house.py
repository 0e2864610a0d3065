"""The house itself: packaging, layers, samples, lock, words."""

import csv
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import openpyxl
import pytest
import yaml

from tests.conftest import compare_trees, scrubbed
from tests.helpers import ROOT, cases, write_tree

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
BUNDLED = ("channels", "templates", "samples")
SAMPLES = ("shop", "mistakes", "five-lines", "joined")
DEMONSTRATION = "952"
"""The GS1 prefix kept for examples."""


def tracked() -> list[Path]:
    """The text files that belong to the project: tracked by git, or new and not ignored."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout.decode().split("\0")
    paths = [ROOT / name for name in listed if name]
    return [path for path in paths if path.is_file() and path.suffix not in {".xlsx", ".png"}]


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    try:
        paths = tracked()
    except (OSError, subprocess.CalledProcessError):  # a source archive has no git
        paths = [path for folder in ("feedsmith", *BUNDLED) for path in (ROOT / folder).rglob("*.*") if path.is_file()]
    return {path.relative_to(ROOT).as_posix(): path.read_text("utf-8", errors="replace") for path in paths}


def shop_rows() -> list[dict[str, str]]:
    with (ROOT / "samples/shop/catalog.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


# Packaging


def test_wheel_bundles_channels_templates_and_samples():
    wheel = PYPROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert set(wheel["only-include"]) == {"feedsmith", *BUNDLED}
    assert wheel["sources"] == {name: f"feedsmith/_bundled/{name}" for name in BUNDLED}


def test_bundled_folders_exist_and_hold_something():
    assert [name for name in BUNDLED if not any((ROOT / name).rglob("*.*"))] == []


def test_every_definition_has_its_template():
    lacking = []
    for path in (ROOT / "channels").glob("*.yaml"):
        definition = yaml.safe_load(path.read_text("utf-8"))
        template = definition.get("template", f"{path.stem}.{definition.get('format')}.j2")
        inherited = "extends" in definition and "template" not in definition
        if not inherited and not (ROOT / "templates" / template).is_file():
            lacking.append(f"{path.name}: {template}")
    assert lacking == []


def test_console_script_can_be_imported():
    module, _, function = PYPROJECT["project"]["scripts"]["feedsmith"].partition(":")
    code = f"import {module} as module; assert callable(module.{function})"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


# Layers


def test_every_room_has_its_line_in_the_contract():
    contract = PYPROJECT["tool"]["importlinter"]["contracts"][0]
    named = {room for line in contract["layers"] for room in re.split(r"\W+", line)}
    rooms = {path.parent.name for path in (ROOT / "feedsmith").glob("*/__init__.py")}
    files = {path.stem for path in (ROOT / "feedsmith").glob("*.py")} - {"__init__", "__main__"}
    assert named == rooms | files


def test_room_inits_stay_empty():
    assert [path for path in (ROOT / "feedsmith").glob("*/__init__.py") if path.read_text("utf-8")] == []


# Lock


def lock() -> str:
    return (ROOT / "requirements.lock").read_text("utf-8")


def test_lock_names_no_index_and_no_file():
    assert re.findall(r"https?:|file:|--index|--extra-index|--find-links| @ ", lock()) == []


def test_lock_holds_every_dependency_with_a_hash():
    wanted = PYPROJECT["project"]["dependencies"] + PYPROJECT["dependency-groups"]["dev"]
    names = {re.sub("[-_.]+", "-", re.split(r"[^A-Za-z0-9.-]", text)[0].lower()) for text in wanted}
    locked = re.findall(r"^([a-z0-9.-]+)==\S+[^\n]*\\\n    --hash=sha256:", lock(), flags=re.MULTILINE)
    assert names - set(locked) == set()
    assert len(locked) == len(re.findall("^[^#\\s]", lock(), flags=re.MULTILINE))


# Words


def test_no_workplace_in_the_files(texts):
    # Put together here, so that this file does not hold what it looks for.
    words = [
        "/" + "work/",
        "/opt" + "/pypi",
        "pypi" + ".org",
        "python" + "hosted",
        "/root" + "/",
        "TO" + "DO",
        "FIX" + "ME",
    ]
    pattern = re.compile("|".join(map(re.escape, words)))
    found = {name: sorted(set(pattern.findall(text))) for name, text in texts.items() if pattern.search(text)}
    assert found == {}


def test_text_files_end_with_a_line_end_and_use_lf(texts):
    # Templates and expected feeds may end as their format asks for.
    free = ("templates/", "tests/golden/")
    kept = {name: text for name, text in texts.items() if text and not name.startswith(free)}
    assert [name for name, text in kept.items() if not text.endswith("\n") or "\r" in text] == []


# Samples


@pytest.mark.parametrize("name", SAMPLES)
def test_sample_project_names_files_that_exist(name):
    folder = ROOT / "samples" / name
    project = yaml.safe_load((folder / "feedsmith.yaml").read_text("utf-8"))
    paths = [source["path"] for source in project["catalog"]["sources"].values()] + list(
        project.get("tables", {}).values()
    )
    assert [path for path in paths if not list(folder.glob(path))] == []


def test_sample_catalogs_are_as_the_script_makes_them(tmp_path):
    subprocess.run([sys.executable, ROOT / "samples/make.py", tmp_path], check=True, capture_output=True)
    joined = ("joined/shop/artikelen.csv", "joined/kassa/voorraad-amsterdam.csv", "joined/kassa/voorraad-utrecht.csv")
    for name in ("shop/catalog.csv", "mistakes/catalog.csv", *joined):
        assert (tmp_path / name).read_bytes() == (ROOT / "samples" / name).read_bytes(), name
    for name in ("shop/catalog.xlsx", "joined/erp/prijzen.xlsx"):
        with zipfile.ZipFile(tmp_path / name) as made, zipfile.ZipFile(ROOT / "samples" / name) as kept:
            sheet = "xl/worksheets/sheet1.xml"
            assert made.read(sheet) == kept.read(sheet), name


def test_workbook_and_csv_hold_the_same_products():
    with (ROOT / "samples/shop/catalog.xlsx").open("rb") as file:
        heading, *rows = openpyxl.load_workbook(file).active.iter_rows(values_only=True)
    texts = [{name: "" if value is None else value for name, value in zip(heading, row, strict=True)} for row in rows]
    expected = shop_rows()
    assert [row["gtin"] for row in texts] == [row["gtin"] for row in expected]
    assert [f"{row['price']:.2f}" for row in texts] == [row["price"] for row in expected]
    numbers = {"price", "sale_price", "cost_of_goods_sold", "stock_amsterdam", "stock_utrecht"}
    plain = [{name: row[name] for name in row if name not in numbers} for row in texts]
    assert plain == [{name: row[name] for name in row if name not in numbers} for row in expected]


def test_shop_gtins_are_valid_examples_and_ids_unique():
    rows = shop_rows()
    for row in rows:
        assert row["gtin"].startswith(DEMONSTRATION)
        assert len(row["gtin"]) == 13
        assert sum(int(digit) * weight for digit, weight in zip(row["gtin"], (1, 3) * 7, strict=False)) % 10 == 0
    assert len({row["id"] for row in rows}) == len({row["gtin"] for row in rows}) == len(rows) >= 60


def test_every_product_type_of_the_shop_has_a_category():
    with (ROOT / "samples/shop/tables/categories.csv").open(encoding="utf-8", newline="") as file:
        table = {row["product_type"]: row["google_id"] for row in csv.DictReader(file)}
    assert {row["product_type"]: row["google_product_category"] for row in shop_rows()} == table


# The helpers themselves


def test_cases_are_named_after_file_and_case(tmp_path):
    write_tree(tmp_path, {"price.yaml": "zero: {price: 0}\nfree: {price: 1}\n", "gtin.yaml": "short: {gtin: 1}\n"})
    found = [(case.id, case.values) for case in cases(tmp_path)]
    assert found == [
        ("gtin: short", ("gtin", {"gtin": 1})),
        ("price: zero", ("price", {"price": 0})),
        ("price: free", ("price", {"price": 1})),
    ]


def test_a_differing_feed_is_saved_and_accepted_on_request(tmp_path):
    expected = write_tree(tmp_path, {"golden/a.csv": "old\n", "golden/stray.csv": "x\n"}) / "golden"
    made = {"a.csv": b"new\n"}
    with pytest.raises(pytest.fail.Exception, match=r"a\.csv, stray\.csv"):
        compare_trees(expected, made, update=False)
    assert (expected / "a.csv.actual").read_bytes() == b"new\n"
    compare_trees(expected, made, update=True)
    assert scrubbed(expected) == made
    compare_trees(expected, made, update=False)
