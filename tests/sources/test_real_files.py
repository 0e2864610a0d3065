"""Every real catalog file is read like the standard library and openpyxl read it."""

import csv
import io

import openpyxl
import pytest

from feedsmith.sources.csv_part import read_table
from feedsmith.sources.table import ReadOptions, open_table

DECLARED = {"wholesale_de_cp1252_2026.csv": "windows-1252"}


def test_text_files(catalogs, tmp_path, read_in_parts, rows_of):
    files = sorted(path for path in catalogs.rglob("*") if path.suffix in {".csv", ".txt"})
    assert files
    for path in files:
        encoding = DECLARED.get(path.name)
        table = open_table(path, ReadOptions(encoding=encoding), tmp_path, path.name)
        text = path.read_bytes().decode(encoding or "utf-8-sig")
        records = csv.reader(io.StringIO(text, newline=""), delimiter=table.dialect.delimiter)
        first = next(cells for cells in records if not all(cell.startswith("# ") for cell in cells))
        width = len(first)
        assert len(table.headings) == width, path
        expected = [
            (cells + [""] * width)[:width]
            for cells in [*([] if table.data_offset else [first]), *records]
            if any(cells)
        ]
        for size in (20_000, 1_500_000):
            read = rows_of(read_in_parts(table, size, 1000))
            assert [row for _, row in read] == [[cell or None for cell in row] for row in expected], path
        lines = text.splitlines() if text.count("\n") == len(text.splitlines()) else text.split("\n")
        assert all(
            (row[0] or "").partition("\n")[0] in lines[line - 1] for line, row in read if '"' not in (row[0] or "")
        )


WORKBOOKS = {
    "food_products.xlsx": 1,
    "grocery_catalogue_2026.xlsx": 2,
    "products_with_floats.xlsx": 1,
    "products_with_numeric_strings.xlsx": 1,
    "products_with_string_dates.xlsx": 1,
    "stock_per_location_matrix_2020.xlsx": 1,
}


@pytest.mark.parametrize(("name", "heading_row"), WORKBOOKS.items())
def test_workbooks(catalogs, tmp_path, rows_of, name, heading_row):
    path = next(catalogs.rglob(name))
    table = open_table(path, ReadOptions(), tmp_path, name)
    assert table.header_row == heading_row
    sheet = openpyxl.load_workbook(path, data_only=True)[table.sheet]
    rows = {
        number: row
        for number, row in enumerate(sheet.iter_rows(values_only=True), 1)
        if any(v is not None for v in row)
    }
    read = dict(rows_of(read_table(table)))
    if table.headings[0] == "section":
        rows = {number: row for number, row in rows.items() if sum(value is not None for value in row) > 1}
        read = {number: row[1:] for number, row in read.items()}
    assert list(read) == [number for number in rows if number > heading_row]
    for number, row in read.items():
        assert [cell is None for cell in row] == [value in (None, "") for value in rows[number][: len(row)]]
        assert all(
            cell == value.replace("_x000D_", "\r")
            for cell, value in zip(row, rows[number], strict=False)
            if isinstance(value, str) and value
        )
