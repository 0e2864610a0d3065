"""Templates: cut at the item loop; what cannot be cut is refused with its line."""

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsmith.errors import DefinitionError, RenderError
from feedsmith.render.load_template import load_template
from tests.helpers import write_tree

FIELDS = ["id", "title", "price", "image_link", "shipping"]
CONTEXT = {"feed": {"title": "My feed"}, "header": "id,title"}
LOOP = "{% for item in items %}\n{{ item }}\n{% endfor %}\n"


def load(folder, source, **others):
    write_tree(folder, {"feed.xml.j2": source, **{f"{name}.j2": text for name, text in others.items()}})
    return load_template(folder / "feed.xml.j2", "templates/feed.xml.j2", FIELDS)


def rendered(template, rows, sizes=None, context=CONTEXT):
    """Head, items and foot; the items in batches of these sizes, or all at once."""
    texts, start = [], 0
    for size in sizes or [len(rows)]:
        texts += template.item_texts(rows[start : start + size], context)
        start += size
    return template.head_text(context), texts, template.foot_text(context)


RICH = """{% macro tag(name, value) %}<{{ name }}>{{ value }}</{{ name }}>{% endmacro %}
{% from "macros.j2" import twice %}
{% import "macros.j2" as more %}
{% set mark = "*" %}
<feed>{{ feed.title }}{% include "part.j2" %}
{% for item in items %}
  {{ tag("id", item.id) }}{{ twice(item["title"]) }}{{ more.twice(mark) }}
{% if raw.price is none %}
  free
{% elif raw.price > 10 %}
  dear
{% endif %}
{% for one in raw.image_link or [] %}
  {{ loop.index }}/{{ loop.length }} {{ one }} {{ item.id }}
{% endfor %}
{% set local = item.title|length %}
  {{ local }} {{ item }}{% include "part.j2" %}

{% endfor %}
</feed>{{ tag("end", mark) }}
"""
OTHERS = {"macros": "{% macro twice(x) %}{{ x }}{{ x }}{% endmacro %}", "part": "[{{ feed.title }}]"}
ROWS = [
    ("1", "Red", None, ["a", "b"], "<all/>"),
    ("2", "Blue", 11, None, "<all/>"),
    ("3", "", 9, [], ""),
]


def test_macros_imports_includes_and_inner_loops_are_carried(tmp_path):
    template = load(tmp_path, RICH, **OTHERS)
    assert template.items.columns == ("item.id", "item.title", "raw.price", "raw.image_link", "item")
    head, items, foot = rendered(template, ROWS)
    assert head == "<feed>My feed[My feed]"
    assert items == [
        "  <id>1</id>RedRed**\n  free\n  1/2 a 1\n  2/2 b 1\n  3 <all/>[My feed]\n",
        "  <id>2</id>BlueBlue**\n  dear\n  4 <all/>[My feed]\n",
        "  <id>3</id>**\n  0 [My feed]\n",
    ]
    assert foot == "</feed><end>*</end>\n"


@pytest.mark.parametrize("sizes", [[1, 1, 1], [2, 1], [0, 1, 0, 2], [3]])
def test_any_batching_gives_the_same_texts(tmp_path, sizes):
    template = load(tmp_path, RICH, **OTHERS)
    assert rendered(template, ROWS, sizes) == rendered(template, ROWS)


@given(
    st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])), max_size=6), st.integers(1, 3)
)
def test_any_text_passes_through_as_it_is(tmp_path_factory, texts, size):
    template = load(tmp_path_factory.mktemp("any"), "{% for item in items %}<{{ item }}>{% endfor %}")
    found = [
        text for start in range(0, len(texts), size) for text in template.item_texts(texts[start : start + size], {})
    ]
    assert found == [f"<{text}>" for text in texts]


def test_a_whole_file_is_the_template_rendered_at_once(tmp_path):
    template = load(tmp_path, "HEAD {{ feed.title }}\n" + LOOP + "FOOT")
    assert rendered(template, ["a", "b"]) == ("HEAD My feed\n", ["a\n", "b\n"], "FOOT")
    assert rendered(template, []) == ("HEAD My feed\n", [], "FOOT")


def test_a_loop_that_reads_nothing_still_gives_a_text_an_item(tmp_path):
    template = load(tmp_path, "{% for item in items %}x{% endfor %}")
    assert template.items.columns == ("item",)
    assert template.item_texts(["a", "b"], CONTEXT) == ["x", "x"]


def test_windows_line_ends_and_a_byte_order_mark_are_taken(tmp_path):
    template = load(tmp_path, "\ufeff" + LOOP.replace("\n", "\r\n"))
    assert rendered(template, ["a"]) == ("", ["a\n"], "")


# What is refused, and where


@pytest.mark.parametrize(
    ("source", "line", "says"),
    [
        ("a\n{{ feed.title }}\n", 1, "needs one loop"),
        ("{% if true %}\n" + LOOP + "{% endif %}", 2, "at its top level"),
        ("{% for item in items|reverse %}{% endfor %}", 1, "at its top level"),
        ("{% for item in items[:5] %}{% endfor %}", 1, "at its top level"),
        ("\n" + LOOP + LOOP, 5, "only once"),
        ("{{ items|length }}\n" + LOOP, 1, "only once"),
        (LOOP + "{{ items }}", 4, "only once"),
        ("{% set items = [] %}" + LOOP, 1, "only once"),
        ("{% for item in items %}\n{% for x in items %}{% endfor %}{% endfor %}", 2, "only once"),
        ("{% for item in items if item %}{% endfor %}", 1, "cannot have a condition"),
        ("{% for item in items %}{% else %}none{% endfor %}", 1, "cannot have a condition"),
        ("{% for item in items recursive %}{% endfor %}", 1, "recursive"),
        ("{% for product in items %}{% endfor %}", 1, "called item"),
        ("{% for a, b in items %}{% endfor %}", 1, "called item"),
        ("{% for item in items %}\n{% if not loop.last %},{% endif %}{% endfor %}", 2, "no `loop`"),
        ("{% for item in items %}\n{% for x in [loop.index] %}{% endfor %}{% endfor %}", 2, "no `loop`"),
        ('{% extends "base.j2" %}\n' + LOOP, 1, "cannot use extends"),
        ("\n{% block a %}{% endblock %}" + LOOP, 2, "cannot use block"),
        ("{% for item in items %}{% block a %}{% endblock %}{% endfor %}", 1, "cannot use block"),
        ("a\nb\0c\n" + LOOP, 2, "NUL"),
        ("{% for item in items %}\n{{ item.titel }}{% endfor %}", 2, "item has no 'titel'"),
        ("{% for item in items %}\n\n{{ raw['prise'] }}{% endfor %}", 3, "raw has no 'prise'"),
        ("{% for item in items %}{{ item[feed.title] }}{% endfor %}", 1, "is named in the template"),
        ("{% for item in items %}{{ raw }}{% endfor %}", 1, "raw is not a value"),
        ("{% for item in items %}\n{% set item = 1 %}{% endfor %}", 2, "choose another name"),
        ("{% for item in items %}\n{% for item in raw.image_link %}{% endfor %}{% endfor %}", 2, "choose another name"),
        (LOOP + "{{ item.title }}", 4, "in the item loop only"),
        ("{{ raw.title }}\n" + LOOP, 1, "in the item loop only"),
        ("\n{% for item in items %}", 2, "cannot be read"),
        ("\n{{ feed.title|shout }}" + LOOP, 2, "shout"),
        ("{% for item in items %}\n{{ item|shout }}{% endfor %}", 2, "shout"),
        ('\n{% include "none.j2" %}' + LOOP, 2, "no template 'none.j2'"),
        ('{% include "../feed.xml.j2" %}' + LOOP, 1, "no template '../feed.xml.j2'"),
        ('\n{% include "a" ~ ".j2" %}' + LOOP, 2, "names one file"),
    ],
)
def test_what_cannot_be_cut_is_refused_with_its_line(tmp_path, source, line, says):
    with pytest.raises(DefinitionError, match=says.replace("[", r"\[")) as caught:
        load(tmp_path, source)
    assert (caught.value.place.path, caught.value.place.row) == ("templates/feed.xml.j2", line)
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)  # noqa: S301 - our own


def test_the_nearest_name_is_told(tmp_path):
    with pytest.raises(DefinitionError, match="did you mean title"):
        load(tmp_path, "{% for item in items %}{{ item.titel }}{% endfor %}")


def test_a_mistake_in_an_included_file_names_that_file(tmp_path):
    with pytest.raises(DefinitionError, match="cannot be read") as caught:
        load(tmp_path, '{% include "a.j2" %}' + LOOP, a='{% import "b.j2" as b %}', b="\n{{ x")
    assert (caught.value.place.path, caught.value.place.row) == ("templates/b.j2", 2)


def test_a_file_that_is_not_there_or_not_utf_8(tmp_path):
    with pytest.raises(DefinitionError, match="cannot be read"):
        load_template(tmp_path / "none.j2", "templates/none.j2", FIELDS)
    write_tree(tmp_path, {"latin.j2": "é".encode("latin-1")})
    with pytest.raises(DefinitionError, match="UTF-8"):
        load_template(tmp_path / "latin.j2", "templates/latin.j2", FIELDS)


# What fails on a row


@pytest.mark.parametrize(
    ("source", "others", "place"),
    [
        ("\n{% for item in items %}\n\n{{ 1 // raw.price }}\n{% endfor %}", {}, ("templates/feed.xml.j2", 4)),
        ("{% for item in items %}\n{{ raw.price + 'a' }}{% endfor %}", {}, ("templates/feed.xml.j2", 2)),
        ("{% for item in items %}\n\n{{ nothing }}{{ raw.price }}{% endfor %}", {}, ("templates/feed.xml.j2", 3)),
        ("{% macro f(x) %}\n{{ 1 // x }}{% endmacro %}\n{% for item in items %}\n{{ f(raw.price) }}{% endfor %}", {}, ("templates/feed.xml.j2", 2)),
        ('{% for item in items %}{{ raw.price }}\n{% include "a.j2" %}{% endfor %}', {"a": "\n\n{{ nothing }}"}, ("templates/a.j2", 3)),
    ],
)  # fmt: skip
def test_a_failing_row_gives_the_templates_line(tmp_path, source, others, place):
    template = load(tmp_path, source, **others)
    with pytest.raises(RenderError, match="the template failed") as caught:
        template.item_texts([0], CONTEXT)
    assert (caught.value.place.path, caught.value.place.row) == place


def test_a_failing_head_gives_the_templates_line(tmp_path):
    template = load(tmp_path, "\n{{ feed.titel }}\n" + LOOP)
    with pytest.raises(RenderError, match="titel") as caught:
        template.head_text(CONTEXT)
    assert caught.value.place.row == 2


@pytest.mark.parametrize(
    "source",
    ["{% for item in items %}{{ item }}{% endfor %}", '{% for item in items %}{{ "\\0" }}{{ item }}{% endfor %}'],
)
def test_a_nul_in_an_item_cannot_shift_the_others(tmp_path, source):
    with pytest.raises(RenderError, match="NUL"):
        load(tmp_path, source).item_texts(["a\0b", "c"], CONTEXT)


@pytest.mark.parametrize(
    "expression",
    [
        "''.__class__.__mro__",
        "item.__class__",
        "feed.__init__.__globals__",
        "''.__class__.__base__.__subclasses__()",
        "raw.image_link.append('x')",
        "feed.update({'title': 1})",
        "('{0.__class__}').format(feed) ~ ''.__class__",
        "range(10)",
        "cycler('a')",
        "lipsum()",
        "self._TemplateReference__context",
    ],
)
def test_the_sandbox_lets_nothing_out(tmp_path, expression):
    images = ["a"]
    with pytest.raises((DefinitionError, RenderError)):
        load(tmp_path, "{% for item in items %}{{ raw.image_link }}{{ " + expression + " }}{% endfor %}").item_texts(
            [images], CONTEXT
        )
    assert images == ["a"]
    assert CONTEXT["feed"] == {"title": "My feed"}


def test_format_cannot_reach_attributes(tmp_path):
    template = load(tmp_path, "{% for item in items %}{{ '{0.__class__}'.format(feed) }}{{ item }}{% endfor %}")
    with pytest.raises(RenderError):
        template.item_texts(["a"], CONTEXT)
