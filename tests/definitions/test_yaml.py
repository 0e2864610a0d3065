"""YAML as a tree: what stays text, where things stand, and what is refused."""

import pytest

from feedsmith.definitions.node import load_yaml, parse_yaml
from feedsmith.errors import DefinitionError
from tests.helpers import write_tree

LAUGHS = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]\n" for level in range(1, 12)
)


@pytest.mark.parametrize(
    "text", ["NO", "1.10", "12:30", "2026-11-22", "yes", "0x1F", "1_000", "007", ".5", "'~'", '""', "'null'"]
)
def test_scalars_stay_text(text):
    assert parse_yaml(f"a: {text}", "f.yaml").map["a"].value == text.strip("'\"")


@pytest.mark.parametrize("text", ["", "~", "null"])
def test_empty_is_none(text):
    assert parse_yaml(f"a: {text}", "f.yaml").map["a"].value is None


@pytest.mark.parametrize("text", ["", "# only a comment\n", "---\n"])
def test_an_empty_file_is_an_empty_mapping(text):
    assert parse_yaml(text, "f.yaml").value == {}


@pytest.mark.parametrize(
    ("text", "row", "column"),
    [
        ("a:  b", 1, "5"),
        ("a: 'b'", 1, "5"),
        ('x: 1\na: "b"', 2, "5"),
        ("é😀: {a: b}", 1, "9"),
        ("a: |\n   b\n", 2, "4"),
        ("a: >-\n\n  b\n", 2, "3"),
        ("a:\n- x\n- b", 3, "3"),
        ("a: &name b", 1, "4"),
    ],
)
def test_places(text, row, column):
    leaf = next(node for _, node in parse_yaml(text, "f.yaml").leaves() if node.text.strip() == "b")
    assert (leaf.place.path, leaf.place.row, leaf.place.column) == ("f.yaml", row, column)


@pytest.mark.parametrize(
    ("text", "start", "place"),
    [
        ("a: x brand", 2, "1:6"),
        ("a: 'x brand'", 2, "1:7"),
        ('a: "\\t brand"', 2, "1:5"),
        ("a: 'it''s brand'", 5, "1:5"),
        ("a: |\n  x\n  y brand\n", 4, "3:5"),
        ("a: x\n  brand", 2, "1:4"),
    ],
)
def test_the_place_of_a_part_is_told_only_where_it_is_known(text, start, place):
    assert str(parse_yaml(text, "f.yaml").map["a"].part(start)) == f"f.yaml:{place}"


def test_an_alias_has_the_value_of_its_anchor_and_a_key_of_its_own():
    root = parse_yaml("a: &x {b: 1}\nlonger: *x\n", "f.yaml")
    assert root.map["longer"].plain() == {"b": "1"}
    assert str(root.map["longer"].key_place) == "f.yaml:2:1"


@pytest.mark.parametrize(
    ("text", "place", "says"),
    [
        ("a: 1\nb: 2\n'a': 3", "3:2", "'a' stands here twice"),
        ("a: !!python/object:os.system x", "1:4", "the tag"),
        ("a: !!binary aGk=", "1:4", "the tag"),
        ("a: !own x", "1:4", "the tag"),
        ("a: 1\n<<: {b: 1}", "2:1", "not supported"),
        ("? [a]\n: 1", "1:3", "a key must be plain text"),
        ("&a [*a]", "1:5", "no anchor"),
        (LAUGHS, "6:10", "too large"),
        ("[" * 200_000, "1:42", "nested too deep"),
        ("{a: " * 200_000, "1:165", "nested too deep"),
        ("- " * 50_000, "1:83", "nested too deep"),
        ("a: 1\n---\nb: 2", "2:1", "second document"),
        ("a: [1", "2:1", "not valid YAML"),
        ("a: 1\nb: \x07", "2:4", "U+0007"),
        ("a:\tb: c", "1:5", "not valid YAML"),
        ("a: b: c", "1:5", "not valid YAML"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_refused_with_its_place(text, place, says):
    with pytest.raises(DefinitionError, match=says.replace("+", r"\+")) as caught:
        parse_yaml(text, "f.yaml")
    assert str(caught.value.place) == f"f.yaml:{place}"


def test_a_byte_order_mark_is_no_part_of_the_first_key(tmp_path):
    write_tree(tmp_path, {"f.yaml": b"\xef\xbb\xbfa: 1\n"})
    assert load_yaml(tmp_path / "f.yaml", "f.yaml").plain() == {"a": "1"}


def test_other_encodings_are_refused_with_their_line(tmp_path):
    write_tree(tmp_path, {"f.yaml": "a: 1\nb: caf\xe9\n".encode("latin-1")})
    with pytest.raises(DefinitionError, match=r"^f\.yaml:2: is not UTF-8 text"):
        load_yaml(tmp_path / "f.yaml", "f.yaml")


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(DefinitionError, match="cannot be read"):
        load_yaml(tmp_path / "f.yaml", "f.yaml")
