"""The tables of names and words hold what the code expects of them."""

from collections import Counter

import pytest

from feedsmith.catalog.aliases import aliases_for
from feedsmith.catalog.headings import normalise
from feedsmith.catalog.product import FIELDS, Product
from feedsmith.catalog.system import BESIDE, systems
from feedsmith.catalog.tables import read_table
from feedsmith.catalog.words import currency_words, flag_words, words_of

ALIASES = read_table("aliases")
SYSTEMS = systems()


def test_alias_fields_exist():
    assert set(ALIASES["fields"]) <= set(FIELDS)
    assert {field for fields in ALIASES["shared"].values() for field in fields} <= set(FIELDS)


def test_a_certain_name_belongs_to_one_field():
    certain = [name for facts in ALIASES["fields"].values() for name in facts.get("certain", ())]
    own = [name for name in FIELDS if name != "stock"]
    assert [name for name, times in Counter([*certain, *own]).items() if times > 1] == []


def test_names_are_written_as_normalised():
    lists = [facts.get(part, ()) for facts in ALIASES["fields"].values() for part in ("certain", "maybe")]
    definitions = [SYSTEMS[name].definition for name in SYSTEMS]
    lists += [names for one in definitions for names in (*one.fields.values(), *one.columns.values(), one.ignore)]
    lists += [together for one in definitions for kind in one.files.values() for together in kind.when]
    assert [name for names in lists for name in names if normalise(name) != name] == []


@pytest.mark.parametrize("name", list(SYSTEMS))
def test_systems_are_recognised_by_each_of_their_marks(name):
    system = SYSTEMS[name]
    assert set(system.definition.fields) <= set(FIELDS)
    assert aliases_for(system).names
    files = system.definition.files
    marks = [(kind, together) for kind, one in files.items() for together in one.when]
    alone = [together for kind, together in marks if files[kind].part not in BESIDE]
    recognised = [SYSTEMS.recognise(together) for together in alone]
    assert [found and found.name for found in recognised] == [name] * len(alone)
    assert [system.kind_of(together) for _, together in marks] == [kind for kind, _ in marks]


def test_an_unknown_file_has_no_system():
    assert SYSTEMS.recognise(["id", "title", "price"]) is None


@pytest.mark.parametrize(
    "field", [field for field in FIELDS.values() if field.kind == "choice"], ids=lambda field: field.name
)
def test_every_choice_is_its_own_word(field):
    assert [words_of(field).find(choice) for choice in field.choices] == list(field.choices)
    assert [words_of(field).find(choice.lower()) for choice in field.choices] == list(field.choices)


def test_words_lead_to_choices_that_exist():
    table = read_table("choices")
    assert {name for name in table if name in FIELDS} | {"flag", "currency", "energy_class"} == set(table)
    for name in table.keys() & FIELDS.keys() - {"currency"}:
        assert set(table[name]) <= set(FIELDS[name].choices)


@pytest.mark.parametrize("name", read_table("choices"))
def test_no_word_means_two_things(name):
    words = [
        (normalise(word), choice)
        for choice, said in read_table("choices")[name].items()
        for word in said
        if word != "-1"
    ]
    meanings: dict[str, set[str]] = {}
    for word, choice in words:
        meanings.setdefault(word, set()).add(choice)
    assert {word: found for word, found in meanings.items() if len(found) > 1} == {}


@pytest.mark.parametrize(
    ("field", "word", "choice"),
    [
        ("availability", "Op voorraad", "in_stock"), ("availability", "auf Lager", "in_stock"), ("availability", "EN STOCK", "in_stock"),
        ("availability", "https://schema.org/InStock", "in_stock"), ("availability", "InStock", "in_stock"), ("availability", "épuisé", "out_of_stock"),
        ("availability", "pre-order", "preorder"), ("condition", "gebraucht", "used"), ("gender", "Dames", "female"), ("gender", "herren", "male"),
        ("gender", "femme", "female"), ("age_group", "erwachsene", "adult"), ("status", "1", "active"), ("status", "-1", "draft"), ("energy_efficiency_class", "a++", "A++"),
    ],
)  # fmt: skip
def test_words(field, word, choice):
    assert words_of(FIELDS[field]).find(word) == choice


def test_flags_and_currencies():
    assert [flag_words().find(word) for word in ("ja", "NON", "x", "TRUE", "0", "maybe", "-1")] == [
        "true",
        "false",
        "true",
        "true",
        "false",
        None,
        None,
    ]
    assert [currency_words().find(word) for word in ("€", "Euro", "£", "$")] == ["EUR", "EUR", "GBP", None]


def test_every_field_is_described():
    assert all(field.description.endswith((".", "2-day.")) for field in FIELDS.values())
    assert FIELDS["availability"].choices == ("in_stock", "out_of_stock", "preorder", "backorder", "discontinued")
    assert FIELDS["title"].varies == "language"
    assert FIELDS["price"].varies == "market"
    assert FIELDS["stock"].varies == "store"
    assert FIELDS["shipping"].parts[:4] == ("country", "region", "service", "price")


def test_schema_is_made_from_the_model():
    schema = Product.model_json_schema()
    assert set(schema["properties"]) == set(FIELDS)
    assert "required" not in schema
