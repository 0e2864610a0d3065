import pytest

from feedsmith.sources.describe import ColumnSummary, describe, guess_type

TYPES = [
    (["rood", "blauw"], "text"),
    (["1", "0", "1"], "boolean"),
    (["Ja", "nee"], "boolean"),
    (["1", "25", "-3"], "whole number"),
    (["4006381333931", "96385074"], "GTIN"),
    (["19.95", "1,229.00", "7"], "decimal (.)"),
    (["19,95", "1.229,00", "7"], "decimal (,)"),
    (["2026-11-22", "2026-11-22T10:00:00"], "date"),
    (["22-11-2026"], "date"),
    (["https://a.example/1.jpg"], "URL"),
    (["https://a.example/1.jpg", "none"], "text"),
    (["1", "", "x"], "text"),
    (["", " "], "empty"),
]


@pytest.mark.parametrize(("values", "kind"), TYPES, ids=str)
def test_type(values, kind):
    assert guess_type(values) == kind


def test_describe(opened):
    table = opened("sku,price,note,title\n" + "".join(f'{n},"{n},50",,{"x" * 90}\n' for n in range(10, 14)))
    assert describe(table) == (
        ColumnSummary("sku", 1.0, ("10", "11", "12"), "whole number"),
        ColumnSummary("price", 1.0, ("10,50", "11,50", "12,50"), "decimal (,)"),
        ColumnSummary("note", 0.0, (), "empty"),
        ColumnSummary("title", 1.0, ("x" * 60,), "text"),
    )


def test_only_the_first_rows_are_looked_at(opened):
    table = opened("sku\n" + "1\n" * 3000 + "late\n")
    assert describe(table)[0].type == "boolean"
    assert describe(table, rows=3001)[0].type == "text"
