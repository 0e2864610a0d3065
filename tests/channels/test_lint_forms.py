"""Feeds of Google as shops write them: the forms in which they differ are read, what Google does not take is told."""

import gzip

import pytest

from feedsmith.errors import SourceError
from feedsmith.issues import Severity
from feedsmith.run.execute import execute
from feedsmith.run.request import FeedFile, Request
from tests.channels.engine import HERE, NOW

RSS = """\
<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0">
<channel>
<title>Kleiwerk</title><link>https://www.a.example</link><description>All mugs</description>
<item>
<g:id>A1</g:id><title>Mok Duin &amp; Zee</title>
<description><![CDATA[Mok van steengoed, 300 ml, geschikt voor de vaatwasser.]]></description>
<link>https://www.a.example/p/a1?x=1&amp;y=2</link><g:image_link>https://www.a.example/p/a1.jpg</g:image_link>
<g:availability>in stock</g:availability><g:price>12.95 EUR</g:price><g:brand>Kleiwerk</g:brand>
<g:gtin>9520000005009</g:gtin><g:condition>new</g:condition>
</item>
</channel>
</rss>
"""
ATOM_NAMES = (("<description><!", "<summary><!"), ("]]></description>", "]]></summary>"))
NAMESPACE = "http://base.google.com/ns/1.0"
GOOD = {
    "as it is": (),
    "namespace with a slash": ((NAMESPACE, f"{NAMESPACE}/"),),
    "namespace by https": ((NAMESPACE, NAMESPACE.replace("http", "https")),),
    "namespace of custom attributes": ((NAMESPACE, "http://base.google.com/cns/1.0"),),
    "another prefix": (("xmlns:g=", "xmlns:x="), ("<g:", "<x:"), ("</g:", "</x:")),
    "no prefix": ((f' xmlns:g="{NAMESPACE}"', ""), ("<g:", "<"), ("</g:", "</")),
    "namespace of everything": (("xmlns:g=", "xmlns="), ("<g:", "<"), ("</g:", "</")),
    "prefix on everything": (("<title>Mok", "<g:title>Mok"), ("Zee</title>", "Zee</g:title>")),
    "no declaration": (('<?xml version="1.0" encoding="UTF-8"?>\n', ""),),
    "document type": (("<rss", "<!DOCTYPE rss>\n<rss"),),
    "comment above": (("<rss", "<!-- made by the shop -->\n<rss"),),
    "lines of Windows": (("\n", "\r\n"),),
    "CDATA everywhere": (("12.95 EUR", "<![CDATA[12.95 EUR]]>"), (">A1<", "><![CDATA[A1]]><")),
    "blanks around a value": (("12.95 EUR", "\n    12.95 EUR\n  "),),
    "number of a character": (("Duin", "D&#252;in"),),
    "link to itself": (("<channel>", '<channel><a:link xmlns:a="http://www.w3.org/2005/Atom" href="https://a.example/f" rel="self"/>'),),
    "empty elements": (("</item>", "<g:color/><g:size></g:size><g:material> </g:material></item>"),),
    "older word for the stock": (("in stock", "in_stock"),),
    "capitals in a word": (("in stock", "In Stock"),),
    "currency without a blank": (("12.95 EUR", "12.95EUR"),),
    "currency in small letters": (("12.95 EUR", "12.95 eur"),),
    "price without decimals": (("12.95 EUR", "13 EUR"),),
    "language of a text": (("<title>Mok", '<title xml:lang="nl">Mok'),),
    "products without a channel": ((RSS[: RSS.index("<item>")], "<products>\n"), ("item>", "product>"), ("</channel>\n</rss>", "</products>"), ("<g:", "<"), ("</g:", "</")),
    "Atom": (("<channel>\n", ""), ("</channel>\n", ""), ("rss>", "feed>"), ('<rss version="2.0"', '<feed xmlns="http://www.w3.org/2005/Atom"'), ("item>", "entry>")),
    "Atom with its own names": (*ATOM_NAMES, ("<channel>\n", ""), ("</channel>\n", ""), ("rss>", "feed>"), ('<rss version="2.0"', '<feed xmlns="http://www.w3.org/2005/Atom"'), ("item>", "entry>"), ("<link>https://www.a.example/p/a1?x=1&amp;y=2</link>", '<link rel="alternate" href="https://www.a.example/p/a1?x=1&amp;y=2"/>')),
    "groups and repeated elements": (("</item>", "<g:shipping><g:country>NL</g:country><g:price>4.95 EUR</g:price></g:shipping><g:shipping><g:country>BE</g:country><g:price>6.95 EUR</g:price></g:shipping><g:additional_image_link>https://a.example/1.jpg</g:additional_image_link><g:additional_image_link>https://a.example/2.jpg</g:additional_image_link></item>"),),
}  # fmt: skip
"""What is different → pieces of the feed and what stands in their place."""
BAD = {
    "decimal comma": (("12.95 EUR", "12,95 EUR"), "invalid-price"),
    "currency in front": (("12.95 EUR", "EUR 12.95"), "invalid-price"),
    "sign of the currency": (("12.95 EUR", "€12.95"), "invalid-price"),
    "sign of thousands": (("12.95 EUR", "1,012.95 EUR"), "invalid-price"),
    "no currency": (("12.95 EUR", "12.95"), "invalid-currency"),
    "no address": (("https://www.a.example/p/a1?", "www.a.example/p/a1?"), "invalid-url"),
    "wrong check digit": (("9520000005009", "9520000005008"), "invalid-gtin"),
    "no title": (("<title>Mok Duin &amp; Zee</title>", ""), "missing-conditional"),
}
"""What is wrong → a piece and what stands in its place, and the code of the error."""
BROKEN = {
    "prefix that is not declared": ((f' xmlns:g="{NAMESPACE}"', ""), "6:1: this is no well-formed XML: unbound prefix"),
    "blank line above the declaration": (("<?xml", "\n<?xml"), "2:1: this is no well-formed XML"),
    "entity of HTML": (("Duin", "D&uuml;in"), "6:28: this is no well-formed XML: undefined entity"),
    "bare ampersand": (("?x=1&amp;y=2", "?x=1&y=2"), "8:39: this is no well-formed XML"),
    "end of the file is missing": (("</channel>\n</rss>\n", ""), "12:1: this is no well-formed XML"),
    "element that is not closed": (("</g:brand>", ""), "this is no well-formed XML: mismatched tag"),
}
"""What is broken → a piece and what stands in its place, and the place and words of the message."""


@pytest.fixture
def linted(tmp_path):
    """The errors and the number of items of a feed with this content."""

    def run(content, name="feed.xml"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        issues = []
        request = Request(here=HERE, as_of=NOW, workers=1, feed=FeedFile(path, "google"))
        report = execute(request, lambda report: issues.extend(report.issues()))
        return issues, report.feeds[0].items

    return run


def changed(text, changes):
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text


@pytest.mark.parametrize("name", GOOD)
def test_a_form_that_is_read(linted, name):
    issues, items = linted(changed(RSS, GOOD[name]))
    assert [(issue.code, issue.message) for issue in issues if issue.severity is not Severity.INFO] == []
    assert [issue.value for issue in issues if issue.code == "unknown-column"] == []
    assert items == 1


@pytest.mark.parametrize("name", BAD)
def test_what_is_wrong_is_told_with_its_line(linted, name):
    change, code = BAD[name]
    issues, items = linted(changed(RSS, [change]))
    assert {(issue.code, issue.place.row) for issue in issues if issue.severity is Severity.ERROR} == {(code, 5)}
    assert items == 0


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_broken_has_a_place(linted, name):
    change, said = BROKEN[name]
    with pytest.raises(SourceError) as raised:
        linted(changed(RSS, [change]))
    assert said in str(raised.value)
    assert raised.value.exit_code == 5
    assert raised.value.hint


@pytest.mark.parametrize(
    ("encoding", "named"), [("utf-8-sig", "UTF-8"), ("iso-8859-1", "ISO-8859-1"), ("utf-16", "UTF-16")]
)
def test_encodings_and_gzip(linted, encoding, named):
    content = changed(RSS, [("UTF-8", named), ("Duin", "Düin")]).encode(encoding)
    for one in (content, gzip.compress(content)):
        issues, items = linted(one)
        assert (items, [issue.code for issue in issues if issue.severity is not Severity.INFO]) == (1, [])


# --- rows ----------------------------------------------------------------------------------------------------------

NAMES = ["id", "title", "description", "link", "image_link", "availability", "price", "brand", "gtin", "condition"]
VALUES = [
    "A1", "Mok Duin", "Mok van steengoed voor 300 ml, ook voor de vaatwasser.", "https://www.a.example/p/a1",
    "https://www.a.example/p/a1.jpg", "in stock", "12.95 EUR", "Kleiwerk", "9520000005009", "new",
]  # fmt: skip


def rows(names=NAMES, values=VALUES, sign="\t", end="\n"):
    return f"{sign.join(names)}{end}{sign.join(values)}{end}"


def with_value(name, value):
    return [value if key == name else one for key, one in zip(NAMES, VALUES, strict=True)]


ROWS = {
    "tabs": rows(),
    "commas": rows(values=with_value("description", "Mok van steengoed."), sign=","),
    "semicolons": rows(sign=";"),
    "bars": rows(sign="|"),
    "byte order mark and lines of Windows": "\ufeff" + rows(end="\r\n"),
    "names in capitals": rows([name.upper() for name in NAMES]),
    "names with blanks": rows([name.replace("_", " ") for name in NAMES]),
    "names as titles": rows([name.replace("_", " ").title() for name in NAMES]),
    "names with a prefix": rows([f"g:{name}" for name in NAMES]),
    "quoted cells with quotes and a line end": rows(values=with_value("title", '"Mok ""Duin""\nvan klei"')),
    "an inch": rows(values=with_value("title", 'Plank 5" wit')),
    "blank lines below": rows() + "\n\n",
    "the line of a spreadsheet": "sep=;\n" + rows(sign=";"),
    "groups in a cell": rows([*NAMES, "shipping"], [*VALUES, "NL:::4.95 EUR,BE::Standaard:6.95 EUR"]),
    "groups with their order": rows([*NAMES, "shipping(country:price)"], [*VALUES, "NL:4.95 EUR"]),
    "columns of the same name": rows([*NAMES, *["additional image link"] * 2], [*VALUES, *[f"https://a.example/{at}.jpg" for at in "12"]]),
}  # fmt: skip


@pytest.mark.parametrize("name", ROWS)
def test_rows_that_are_read(linted, name):
    issues, items = linted(ROWS[name], "feed.txt")
    assert [(issue.code, issue.message) for issue in issues if issue.severity is not Severity.INFO] == []
    assert [issue.value for issue in issues if issue.code == "unknown-column"] == []
    assert items == 1


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("gtin", "9.52E+12", "id-changed-type"),
        ("price", "12,95 EUR", "invalid-price"),
        ("link", "", "missing-required"),
    ],
)
def test_what_is_wrong_in_a_row_is_told_with_its_column(linted, name, value, code):
    issues, _ = linted(rows(values=with_value(name, value)), "feed.txt")
    found = {(issue.code, issue.place.row, issue.place.column) for issue in issues if issue.severity is Severity.ERROR}
    assert found == {(code, 2, name)}
