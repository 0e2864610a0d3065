"""Laws of rules: no value of a row raises, texts are as Jinja writes them, remembering changes nothing."""

from datetime import UTC
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import Environment

from feedsmith.definitions.field import FieldDefinition
from feedsmith.definitions.node import Node
from feedsmith.definitions.rule import rule_cases
from feedsmith.errors import DefinitionError
from feedsmith.issues import Place
from feedsmith.mapping.compile import RuleCompiler
from feedsmith.mapping.expression import compile_expression, compile_text
from feedsmith.mapping.rows import Rows
from feedsmith.mapping.shape import ONE, Locale, shape
from feedsmith.mapping.types import Type
from feedsmith.values.column import Column
from feedsmith.values.measure import Measure
from tests.mapping.conftest import SCOPE, TABLES, TYPES, rows_of

PLACE = Place("rules.yaml", 1, "1")
SIZE = 3
TIMES = 20
"""How often rows are repeated: enough for an answer to be shared by all rows with equal values."""

texts = st.text(min_size=1, max_size=8)
numbers = st.one_of(
    st.decimals(allow_nan=False, allow_infinity=False), st.integers(), st.sampled_from([0, Decimal("0.00")])
)
dates = st.datetimes(timezones=st.just(UTC))
groups = st.dictionaries(st.sampled_from(["country", "price", "price@currency"]), texts, max_size=3)
VALUES = {
    Type.TEXT: texts,
    Type.NUMBER: numbers,
    Type.FLAG: st.booleans(),
    Type.DATE: dates,
    Type.PERIOD: st.tuples(st.none() | dates, st.none() | dates),
    Type.MEASURE: st.builds(Measure, st.decimals(0, 99, places=1), st.sampled_from(["kg", "cm"])),
    Type.LIST: st.lists(texts, min_size=1, max_size=3),
    Type.NUMBERS: st.dictionaries(texts, numbers, max_size=3),
    Type.GROUP: st.fixed_dictionaries({"price": st.none() | numbers, "country": st.none() | texts}),
    Type.GROUPS: st.lists(groups, min_size=1, max_size=3),
}
USED = ("title", "brand", "color", "price", "quantity", "sold", "since", "sale", "weight", "pictures", "stock")
columns = st.fixed_dictionaries(
    {"row": st.lists(VALUES[Type.GROUP], min_size=SIZE, max_size=SIZE)}
    | {name: st.lists(st.none() | VALUES[TYPES[name]], min_size=SIZE, max_size=SIZE) for name in USED}
)

LEAVES = {
    Type.NUMBER: ["price", "quantity", "2", "0.5", "stock.utrecht", "row.price", "none"],
    Type.TEXT: ["title", "brand", '"x"', "row.country", "pictures[0]", "title[:2]", "market.country"],
    Type.FLAG: ["sold", "true", 'since > "2026-01-01"', "weight == weight", "color in lists.warm", "end(sale) > since"],
}
FORMS = {
    Type.NUMBER: ["{n} + {n}", "{n} * {n}", "{n} / {n}", "-{n}", "round({n}, {n})", "length({t})", "net({n})", "max({n}, {n})", "{n} if {f} else {n}", "to_number({t})", "decimals({n})", "{n} or {n}", "ending({n}, {n})", "with_vat({n})", "margin({n}, {n})", "remainder({n}, {n})", "round_up({n})", "occurrences({t}, {t})", "year(since)", "total(stock)"],
    Type.TEXT: ["{t} ~ {n}", "upper({t})", "replace({t}, {t}, {t})", "{t} or {t}", "trim({t})", "host({t})", "domain({t})", "extension({t})", "join(pictures, {t})", "title_case({t})", "after({t}, {t})", "extract({t}, 'a+')", "plain({t})", "unique_words({t})", "pad({t}, {n}, {t})", "word({t}, {n})", "date_text(since, '%d %Y')", "join(together(pictures, split({t}, {t})), {t})", "url_encode({t})", "strip_html({t})"],
    Type.FLAG: ["{n} < {n}", "{t} == {t}", "{f} and {f}", "not {f}", "{t} in {t}", "{n} is empty", "{t} in tables.colors", "matches({t}, 'a+')", "days_until(since) > {n}", "known_category({t})", "valid_gtin({t})", "contains_word({t}, {t})", "is_number({t})", "add_days(since, {n}) > since", "to_date({t}) > since"],
}  # fmt: skip


@st.composite
def expressions(draw, kind=None, depth=3):
    kind = kind or draw(st.sampled_from(list(FORMS)))
    if depth == 0 or draw(st.booleans()):
        return draw(st.sampled_from(LEAVES[kind]))
    form = draw(st.sampled_from(FORMS[kind]))
    for mark, part in (("{n}", Type.NUMBER), ("{t}", Type.TEXT), ("{f}", Type.FLAG)):
        while mark in form:
            form = form.replace(mark, f"({draw(expressions(part, depth - 1))})", 1)
    return form


@given(expressions(), columns)
@settings(max_examples=80, deadline=None)
def test_an_expression_never_raises_and_gives_a_value_a_row(text, catalog):
    try:
        compiled = compile_expression(Node(text, PLACE, PLACE), SCOPE)
    except DefinitionError as error:
        assert "cannot be worked out" in error.problem  # noqa: PT017 - the one mistake that the grammar above can make
        return
    rows = rows_of(SIZE, catalog)
    column = rows.run(compiled)
    assert len(column) == SIZE
    assert "" not in column.values
    assert {failure.row for failure in rows.failures} <= set(range(SIZE))


@given(expressions(), columns)
@settings(max_examples=40, deadline=None)
def test_rows_one_by_one_give_the_same_as_all_at_once(text, catalog):
    try:
        compiled = compile_expression(Node(text, PLACE, PLACE), SCOPE)
    except DefinitionError:
        return
    together = rows_of(TIMES * SIZE, {name: column * TIMES for name, column in catalog.items()})
    found = together.run(compiled).values
    alone = [rows_of(1, {name: [column[row]] for name, column in catalog.items()}) for row in range(SIZE)]
    assert found == [rows.run(compiled)[0] for rows in alone] * TIMES
    assert {failure.row % SIZE for failure in together.failures} == {row for row in range(SIZE) if alone[row].failures}


pieces = st.recursive(
    st.sampled_from(["{{ brand }}", "{{ title }}", " - ", "{{ color or title }}", "{{ size }}"]),
    lambda inner: st.builds(
        "{{% if {0} %}}{1}{{% elif {0} == {2} %}}{1}{{% else %}}{3}{{% endif %}}".format,
        st.sampled_from(["brand", "color", "size"]), inner, st.sampled_from(["title", "'a'"]), inner,
    ) | st.builds("{}{}".format, inner, inner),
    max_leaves=6,
)  # fmt: skip


@given(
    pieces,
    st.lists(st.fixed_dictionaries(dict.fromkeys(("brand", "title", "color", "size"), texts)), min_size=1, max_size=4),
)
@settings(max_examples=50, deadline=None)
def test_a_text_is_what_jinja_writes(text, products):
    template = Environment(keep_trailing_newline=True).from_string(text)  # noqa: S701 - compared, never shown
    expected = [template.render(product) or None for product in products]
    rows = rows_of(len(products), {name: [product[name] for product in products] for name in products[0]})
    assert rows.run(compile_text(Node(text, PLACE, PLACE), SCOPE)).values == expected


@given(st.lists(expressions(), min_size=1, max_size=4), columns)
@settings(max_examples=40, deadline=None)
def test_remembering_changes_nothing(written, catalog):
    shared = rows_of(SIZE, catalog)
    for text in [*written, *written]:
        for expected in (None, Type.FLAG):
            try:
                compiled = compile_expression(Node(text, PLACE, PLACE), SCOPE, expected)
            except DefinitionError:
                continue
            alone = Rows(SIZE, shared.find, {})
            before = len(shared.failures)
            assert shared.run(compiled).values == alone.run(compiled).values
            assert [one.problem for one in shared.failures[before:]] == [one.problem for one in alone.failures]


def test_equal_rules_of_two_feeds_share_their_column():
    rows = rows_of(2, {"color": ["rood", "x"]})
    first, second = (
        rows.run(compile_expression(Node('color in ["rood", "geel"]', PLACE, PLACE), SCOPE)) for _ in range(2)
    )
    assert first is second


keys = st.sampled_from(
    ["from", "value", "calc", "parts", "drop", "separator", "table", "key", "missing", "group", "groups", "list", "when", "steps", "default", "colors", "title", "cut", "replace", "table", "first", "odd"]
)  # fmt: skip
scalars = st.sampled_from(
    [
        "title",
        "price",
        "{{ brand }}",
        "price > 3",
        "colors",
        "english",
        "error",
        "cut",
        "upper",
        "3",
        "{{",
        "x y",
        "",
        "0",
    ]
)
trees = st.recursive(
    st.none() | scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=12,
)


def node_of(value):
    if isinstance(value, dict):
        return Node({key: node_of(item) for key, item in value.items()}, PLACE, PLACE)
    return Node([node_of(item) for item in value] if isinstance(value, list) else value or None, PLACE, PLACE)


@given(trees, columns)
@settings(max_examples=150, deadline=None)
def test_a_rule_of_any_form_is_a_mistake_or_works(tree, catalog):
    node = node_of(tree)
    try:
        rule = RuleCompiler(SCOPE, TABLES, "EUR", 20).cases(rule_cases(node), None, node)
    except DefinitionError as error:
        assert error.problem  # noqa: PT017 - either outcome is right, any other exception is not
        return
    if rule is not None:
        assert len(rule.apply(rows_of(SIZE, catalog), "field")) == SIZE


plain = FieldDefinition(type="text")
definitions = st.sampled_from(
    [FieldDefinition(type=name, values={"in_stock": "in stock", "gone": None} if name == "choice" else None) for name in ONE]
    + [FieldDefinition(type=name, repeat="2", values=["a"] if name == "choice" else None) for name in ("text", "money", "choice")]
    + [FieldDefinition(type="group", group={"country": FieldDefinition(type="country"), "price": FieldDefinition(type="money")}, repeat=repeat) for repeat in (None, "3")]
)  # fmt: skip


@given(
    definitions,
    st.sampled_from(list(VALUES)).flatmap(
        lambda kind: st.tuples(st.just(kind), st.lists(st.none() | VALUES[kind], max_size=4))
    ),
)
@settings(max_examples=150, deadline=None)
def test_any_value_takes_the_shape_of_any_field_or_is_a_problem(definition, found):
    kind, values = found
    shaped = shape(Column(values), kind, definition, Locale(UTC, "EUR"))
    assert len(shaped.column) == len(values)
    lost = [
        row
        for row, value in enumerate(values)
        if value is not None and shaped.column[row] is None and value not in ("", [], {})
    ]
    told = [row for row in lost if row in shaped.problems or not str(values[row]).strip()]
    if definition.type != "text" and kind not in {Type.GROUP, Type.GROUPS, Type.NUMBERS}:
        assert lost == told
