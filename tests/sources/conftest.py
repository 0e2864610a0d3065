from pathlib import Path

import pytest

from feedsmith.sources.csv_part import read_part
from feedsmith.sources.parts import BrokenPartError, plan_parts, plan_parts_in_series
from feedsmith.sources.table import ReadOptions, open_table


@pytest.fixture(scope="session")
def opened(tmp_path_factory):
    """Write a file and open it: `opened("sku,title\\n1,a\\n", delimiter=",")`."""
    folder = tmp_path_factory.mktemp("sources")

    def write_and_open(content, name="catalog.csv", **options):
        path = folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return open_table(path, ReadOptions(**options), folder / "spool", name)

    return write_and_open


@pytest.fixture(scope="session")
def read_in_parts():
    """Read as a run does: in parts, and in series from the first broken part on."""

    def batches(table, size, batch_rows=3):
        try:
            for part in plan_parts(table, size):
                yield from list(read_part(table, part, batch_rows=batch_rows))
        except BrokenPartError as error:
            for part in plan_parts_in_series(table, error.part, size):
                yield from list(read_part(table, part, batch_rows=batch_rows))

    return batches


@pytest.fixture(scope="session")
def rows_of():
    """The rows of batches as lists, with their lines."""

    def rows(batches):
        return [
            (line, list(row))
            for batch in batches
            for line, row in zip(batch.lines, zip(*batch.columns.values(), strict=True), strict=True)
        ]

    return rows


@pytest.fixture(scope="session")
def catalogs():
    """Real catalog files, which lie beside the checkout where there are any."""
    folder = Path(__file__).parents[2].parent / "shared" / "data" / "catalogs"
    if not folder.is_dir():
        pytest.skip("no real catalog files here")
    return folder
