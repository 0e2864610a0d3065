"""What the file itself cannot hold: told, and sent with a stand-in or not at all."""

from decimal import Decimal

import pytest

from feedsmith.checks.ledger import Ledger
from feedsmith.checks.unfit import tell_rounded, unfit_checks
from feedsmith.definitions.channel import ChannelDefinition
from feedsmith.values.column import Column
from feedsmith.values.measure import Measure

BASE = {"title": "t", "owner": "o", "reference": "r", "read": "2026-11-22", "format": "csv"}
GROUP = {"type": "group", "group": {"a": {}, "b": {}}}
NEVER, CP = {"quote": "never", "delimiter": "\t"}, {"encoding": "cp1252"}


def run(values, dialect, **field):
    """The column, and the findings as (row, code, consequence)."""
    channel = ChannelDefinition.model_validate({**BASE, "dialect": dialect, "fields": {"x": field}})
    ledger, column = Ledger(), Column(values)
    for check in unfit_checks(channel.fields["x"], channel):
        column = check.run("x", column, ledger)
    return column, ledger


@pytest.mark.parametrize(
    ("dialect", "field", "value", "sent", "code"),
    [
        ({}, {}, 'a,b\n"ł', 'a,b\n"ł', None),
        (NEVER, {}, "a\tb\r\nc\nd", "a b c d", "unfit-character"),
        (NEVER, {}, 'a "b", c', 'a "b", c', None),
        (NEVER, {"repeat": "9"}, ["a\tb", "c"], ["a b", "c"], "unfit-character"),
        (NEVER, {"type": "group", "group": {"a": {}, "b": {}}}, {"a": "x\ny"}, {"a": "x y"}, "unfit-character"),
        (NEVER | {"else": "drop"}, {}, "a\tb", None, "unfit-character"),
        (CP, {}, "Crème brûlée à 5 €", "Crème brûlée à 5 €", None),
        (CP, {}, "Miłość ő Ș \u2212 😀", "Mi?osc o S - ?", "unfit-character"),
        ({"encoding": "ascii"}, {}, "„Été” – ½ ﬁn", '"Ete" - ? fin', "unfit-character"),
        (CP, {"type": "measure"}, Measure(Decimal(1), "Ω"), Measure(Decimal(1), "?"), "unfit-character"),
        (CP | {"else": "drop"}, {}, "ł", None, "unfit-character"),
        ({"encoding": "utf-16"}, {}, "ł😀", "ł😀", None),
        ({}, {"repeat": "9"}, ["a,b", "c"], ["a,b", "c"], "list-separator"),
        ({}, {"repeat": "9", "join": "|"}, ["a,b", "c"], ["a,b", "c"], None),
        ({"lists": "quoted"}, {"repeat": "9"}, ["a,b", "c"], ["a,b", "c"], None),
        ({"else": "drop"}, {"repeat": "9"}, ["a,b", "c"], None, "list-separator"),
        ({}, {"repeat": "9", "type": "url"}, ["https://a.example/b,c"], ["https://a.example/b,c"], None),
        ({}, {"repeat": {"max": "9", "columns": "json"}}, ["a,b"], ["a,b"], None),
        ({}, GROUP, {"a": "x:y"}, {"a": "x:y"}, "list-separator"),
        ({}, {**GROUP, "columns": "flat"}, {"a": "x:y,"}, {"a": "x:y,"}, None),
    ],
)  # fmt: skip
def test_a_value_that_does_not_fit(dialect, field, value, sent, code):
    column, ledger = run([None, value, None], dialect, **field)
    assert column.values == [None, sent, None]
    assert [(one.row, one.code) for one in ledger.findings] == ([(1, code)] if code else [])
    assert not ledger.rejected


def test_the_characters_are_named_and_what_is_sent_is_told():
    _, ledger = run(["Miłość😀", "ok"], CP)
    assert [one.message for one in ledger.findings] == [
        "holds 'ł', 'ś', 'ć', '😀', which the encoding cp1252 lacks; a stand-in is sent"
    ]
    _, ledger = run(["ł"], CP | {"else": "drop"})
    assert ledger.findings[0].message.endswith("lacks; the value is left out")


def test_an_item_can_be_left_out():
    _, ledger = run(["a", "ł"], CP | {"else": "reject"})
    assert ledger.rejected == {1}


def test_amounts_that_a_whole_number_cannot_hold_are_told():
    ledger = Ledger()
    amounts = [Decimal("19.99"), Decimal("1.005"), None, Decimal("85.5"), Decimal("85.0")]
    tell_rounded("price", Column(amounts), Column(["EUR", "EUR", "EUR", "JPY", "JPY"]), ledger)
    assert [(one.row, one.message) for one in ledger.findings] == [
        (1, "1.005 has more places than EUR; it is rounded"),
        (3, "85.5 has more places than JPY; it is rounded"),
    ]
