import unicodedata
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from feedsmith.values.column import Column
from feedsmith.values.text import (
    clean_column,
    cut_at_word,
    has_html,
    mojibake_rows,
    nfc,
    strip_html,
    strip_html_column,
)

ANY_TEXT = st.text(st.characters(), max_size=30)  # with surrogates


@pytest.mark.parametrize(
    ("text", "clean", "removed"),
    [
        ("plain", "plain", None),
        (" outer\t", "outer", None),
        ("\u00a01\u00a0kg\u202fx ", "1 kg x", None),
        ("e\u0301", "é", None),
        ("a\r\nb\rc\u2028d", "a\nb\nc\nd", None),
        ("a\tb\nc", "a\tb\nc", None),
        ("😀 ok", "😀 ok", None),
        ("T\x03shirt", "Tshirt", "U+0003"),
        ("a\x0bb", "a\nb", "U+000B"),
        ("a\x85b", "a\nb", "U+0085"),
        ("a\x9fb", "ab", "U+009F"),
        ("a\x00b\x00", "ab", "U+0000"),
        ("a\u200bb\ufeff", "ab", "U+200B, U+FEFF"),
        ("\u202egro.elpmaxe", "gro.elpmaxe", "U+202E"),
        ("a\u2066b", "ab", "U+2066"),
        ("\ue000x", "x", "U+E000"),
        ("\U000f0001x", "x", "U+F0001"),
        ("\ud800x", "x", "U+D800"),
        ("\ufffex", "x", "U+FFFE"),
        ("\U0001ffffx", "x", "U+1FFFF"),
        ("\ufdd0x", "x", "U+FDD0"),
        (" \u200b ", None, "U+200B"),
        ("  ", None, None),
        ("", None, None),
    ],
)
def test_clean(text, clean, removed):
    column, told = clean_column(Column(["as is", None, text]))
    assert column.values == ["as is", None, clean]
    assert told == ({2: removed} if removed else {})


def test_a_clean_column_is_the_same_column():
    for values in (["a", "b\nc", None], ["é"], [None], []):
        column = Column(values)
        assert clean_column(column) == (column, {})


@given(st.lists(st.one_of(st.none(), ANY_TEXT), max_size=4))
def test_clean_text_is_good_xml_and_stays(values):
    column, _ = clean_column(Column(values))
    assert clean_column(Column(column.values.copy()))[0].values == column.values
    for text in column.filled:
        assert text == text.strip() == unicodedata.normalize("NFC", text) != ""
        assert etree.fromstring(f"<a>{escape(text)}</a>").text == text


@given(st.lists(ANY_TEXT, min_size=1, max_size=4))
def test_a_column_is_its_values(values):
    column, told = clean_column(Column(values))
    for row, text in enumerate(values):
        one, one_told = clean_column(Column([text]))
        assert (one[0], one_told.get(0)) == (column[row], told.get(row))


def test_nfc():
    assert nfc("e\u0301") == "é"


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("plain", "plain"),
        ("Size < 10 & up", "Size < 10 & up"),
        ("  kept as it is\n\n & so ", "  kept as it is\n\n & so "),
        ("<p>a</p><p>b</p>", "a\nb"),
        ("<P>a<BR/>b<br>c</P>", "a\nb\nc"),
        ("<b>a</b>b", "ab"),
        ("<ul>\n <li>a</li>\n <li>b</li></ul>c", "- a\n- b\nc"),
        ("<tr><td>a</td><td>b</td></tr>", "a b"),
        ('<p class="a>b" style="x">q</p>', "q"),
        ("<p title='5\" wide'>q</p>", "q"),
        ("<a href=x>q</a>", "q"),
        ("<meta charset='utf-8'><p>x", "x"),
        ("a&nbsp;b", "a b"),
        ("&lt;b&gt;", "<b>"),
        ("&amp;lt;", "&lt;"),
        ("<p>&amp;amp; &eacute;&#233;&#xE9;</p>", "&amp; ééé"),
        ("R&D, AT&T; ?a=1&copy=2", "R&D, AT&T; ?a=1&copy=2"),
        ("<p>zero&#8203;width</p>", "zerowidth"),
        ("<script>if(a<b){}</script>x", "x"),
        ("<style>\np{}</style>Hi", "Hi"),
        ("x<script>y", "x"),
        ("<p>x <!-- c --> y", "x y"),
        ("<p>x <!-- c", "x"),
        ("Mail <info@a.example> <b>x</b>", "Mail <info@a.example> x"),
        ("Mail <info@a.example> <style>x</style>", "Mail <info@a.example>"),
        ("<XL> & <foo>", "<XL> & <foo>"),
        ("<XL> <b>x</b>", "<XL> x"),
        ("a < b <i>c</i>", "a < b c"),
        ("<p>a\r\n\r\n  b</p>\n\n<p></p><p>c</p>", "a\nb\nc"),
        ("<p>\x00x<script></p>", "x"),
        ("<p></p>", ""),
        ("", ""),
    ],
)
def test_strip_html(markup, text):
    assert strip_html(markup) == text
    assert strip_html_column(Column([None, markup])).values == [
        None,
        (text or None) if "<" in markup or "&" in markup else text,
    ]


SIMPLE = st.lists(
    st.sampled_from(["<p>a</p>", "<br>", "<ul><li>b</li><li>c</li></ul>", "<b>d</b>", "word", " & ", "é", "&lt;"]),
    max_size=8,
)


@given(SIMPLE)
def test_the_parser_gives_the_same_text(pieces):
    markup = "<div>" + "".join(pieces) + "</div>"
    assert strip_html(markup + "<style>x</style>") == strip_html(markup)


@given(st.text("<>/&;ablip !-\"'=#x\n", max_size=40))
def test_any_markup_gives_text(markup):
    assert isinstance(strip_html(markup), str)
    assert has_html(Column([markup])) in ([], [0])


@pytest.mark.parametrize(
    "markup",
    [
        "<div>" * 30_000 + "<style>",
        '<a "' * 20_000,
        "<" * 50_000,
        "<!--" * 20_000,
        "<b>" + " " * 50_000 + "x",
        "&" * 50_000,
    ],
)
def test_hostile_markup_ends_soon(markup):
    assert len(strip_html(markup)) <= len(markup)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("<p>x</p>", True),
        ("a<br>b", True),
        ("a &nbsp; b", True),
        ("&#233;", True),
        ("&eacute;", True),
        ("<!-- x -->", True),
        ("</div>", True),
        ("Size < 10 & up", False),
        ("R&D; AT&T;", False),
        ("<XL> <info@a.example> 3<5", False),
        ("plain", False),
    ],
)
def test_has_html(text, found):
    assert has_html(Column([None, text, "a & b < c"])) == ([1] if found else [])


@pytest.mark.parametrize(
    "text",
    [
        "cafÃ©",
        "â‚¬ 5",
        "donâ€™t",
        "10Â°C",
        "GORE-TEXÂ®",
        "LegoÃ¢",
        "grÃ¶ÃŸer",
        "voilÃ  du",
        "MaÃ®tre",
        "x\ufffdy",
        "ï»¿Titel",
        "Å‚adny",
        "imiÄ™",
        "Ð°Ð±",
        "MARQUÃ‰",
        "ÃƒÂ©",
        "AcmeÂ©",
        "â„¢",
    ],
)
def test_mojibake(text):
    assert mojibake_rows(Column(["good", None, text])) == [2]


@pytest.mark.parametrize(
    "text",
    [
        "SÃO PAULO",
        "MAÇÃ",
        "“MAÇÔ",
        "MAÇû",
        "MAÇÃ…",
        "MAÇÃ™",
        "Ângela",
        "PORTUGUÊS",
        "âge",
        "château",
        "Ångström",
        "Ärger",
        "Привет",
        "naïve",
        "Žluťoučký",
        "ÐAÐ",
        "10 °C",
        "5 € – “ok” ™ ®",
    ],
)
def test_no_mojibake(text):
    assert mojibake_rows(Column([text])) == []


@given(st.text(st.sampled_from("éèêëàáâãçñóòôõöúùûüßœ€’–"), min_size=1, max_size=3))
def test_text_of_western_europe_decoded_twice_is_found(text):
    try:
        damaged = ("x" + text).encode().decode("cp1252")
    except UnicodeDecodeError:
        return
    if "\u00a0" not in damaged and "\u00ad" not in damaged:
        assert mojibake_rows(Column([damaged])) == [0]


@pytest.mark.parametrize(
    ("text", "length", "tail", "cut"),
    [
        ("short", 5, "…", "short"),
        ("Warm jumper, red and blue", 13, "", "Warm jumper"),
        ("Warm jumper, red and blue", 13, "…", "Warm jumper…"),
        ("Warm jumper - red", 14, "", "Warm jumper"),
        ("Warm jumper red", 11, "", "Warm jumper"),
        ("aaa bbb", 3, "", "aaa"),
        ("x" * 20, 10, "...", "xxxxxxx..."),
        ("a bbbbbbbbbbbbbbb", 8, "", "a bbbbbb"),
        ("日本語日本語", 3, "…", "日本…"),
        ("ab cd", 1, "…", "a"),
        ("ab", 0, "…", ""),
    ],
)
def test_cut_at_word(text, length, tail, cut):
    assert cut_at_word(text, length, tail) == cut


@given(st.text(max_size=40), st.integers(0, 40), st.sampled_from(["", "…", "..."]))
def test_a_cut_is_never_too_long(text, length, tail):
    cut = cut_at_word(text, length, tail)
    assert len(cut) <= length
    assert text.startswith(cut.removesuffix(tail))
    assert cut == text or len(text) > length
