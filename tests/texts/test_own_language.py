"""A language of the user's own, added by doing what docs/languages.md says."""

import re

import pytest

from feedsmith.texts.catalogue import Texts, chosen, languages
from tests.cli.conftest import PROJECT, catalog, product
from tests.cli.conftest import run as run  # noqa: PLC0414 - a fixture
from tests.helpers import ROOT, write_tree

PAGE = (ROOT / "docs/languages.md").read_text("utf-8")


def page_block(language: str) -> str:
    """The last example of the page in this notation."""
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)[-1]


@pytest.fixture
def own(tmp_path, monkeypatch):
    """A folder of catalogues, and a function that writes one."""
    monkeypatch.setenv("FEEDSMITH_LANG", "")
    monkeypatch.setenv("FEEDSMITH_TEXTS", str(tmp_path / "texts"))

    def write(text: str, name: str = "de.yaml") -> None:
        write_tree(tmp_path / "texts", {name: text})

    return write


@pytest.fixture
def shop(tmp_path):
    rows = [product(1), product(2, title="Deken " * 60)]
    return write_tree(tmp_path / "shop", {"feedsmith.yaml": PROJECT, "catalog.csv": catalog(rows)})


def test_what_the_page_says_adds_a_language(own, run, shop):
    assert "FEEDSMITH_TEXTS=texts feedsmith --lang de" in page_block("console")
    own(page_block("yaml"))
    told = run("--lang", "de", "validate", cwd=shop)
    assert languages() == ["de", "en", "nl"]
    assert (told.code, told.err) == (0, "")
    assert "2 items geprüft, nichts geschrieben" in told.out
    assert "hat 364 Zeichen, höchstens 150" in told.out
    assert "kürze den Text" in told.out
    assert "1 feed checked" in told.out  # the page has no German for it


def test_errors_and_help_too(own, run, shop):
    own(page_block("yaml"))
    wrong = run("--lang", "de", "channels", "show", "gogle", cwd=shop)
    assert wrong.err.startswith("error: command line: es gibt keinen Kanal 'gogle'\n  hint: did you mean google")
    assert "Alles lesen und prüfen" in run("--lang", "de", "--help").out


def test_single_texts_of_a_language_that_is_there(own):
    own("texts: {Products: Artikelen}", "nl.yaml")
    assert (Texts("nl")("Products"), Texts("nl")("Preview")) == ("Artikelen", "Voorbeeld")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("texts: [", "de.yaml:2: is not valid YAML"),
        ("[a]", "de.yaml: a catalogue is a mapping of sections to texts"),
        ("text: {}", "de.yaml: there is no section text in a catalogue"),
        ("texts: [a]", "the section texts is a mapping of English texts to translations"),
        ("texts: {on: an}", "the key True is read as a word of YAML, not as a text"),
        ("texts: {all: 5}", "the translation of 'all' is no text"),
        ("texts: {'{number} rows': '{count} Zeilen'}", "the translation of '{number} rows' has other places in braces"),
        ("codes: {too-long: zu lang}", "the code too-long has a title and a help"),
        (b"texts: {all: \xe4}", "de.yaml: is not UTF-8 text"),
    ],
)
def test_a_catalogue_that_is_wrong_is_told_in_english(own, run, shop, text, told):
    own(text)
    wrong = run("--lang", "de", "validate", cwd=shop)
    assert (wrong.code, told in wrong.err) == (2, True), wrong.err


def test_a_folder_that_is_not_there_changes_nothing(own, run, shop):
    assert run("validate", cwd=shop).code == 0
    assert chosen() == "en"
    assert "there are: en, nl" in run("--lang", "de", "validate", cwd=shop).err
