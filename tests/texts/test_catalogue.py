"""Texts in several languages: every catalogue has every text with the same places, and none that nobody uses."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from typing import Any, get_args

import pytest
import typer
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from docs.codes import raised_by
from feedsmith.cli.app import app
from feedsmith.cli.delta_lines import SAID
from feedsmith.cli.doctor import CHECKS
from feedsmith.definitions.channel import PlaceKind
from feedsmith.definitions.load import channel_files, load_channel
from feedsmith.issues import Severity
from feedsmith.preview.against.published import WORDS as NOTES_OF_THEN
from feedsmith.preview.cards.looks import table
from feedsmith.preview.cards.parts import LABELS, NOTES
from feedsmith.preview.live.words import WORDS
from feedsmith.reports.diff.found import Kind
from feedsmith.reports.diff.words import PRODUCTS, VERBS
from feedsmith.reports.report import DeliveryState, FeedState
from feedsmith.reports.text import COUNTED, FIGURES, VERDICTS
from feedsmith.run import limit_words
from feedsmith.run.doctor import State
from feedsmith.run.execute import execute
from feedsmith.run.request import Request
from feedsmith.run.start.look import DOUBTFUL, LIKELY, SURE
from feedsmith.texts.catalogue import Texts, chosen, languages, of_the_reader
from feedsmith.texts.files import FOLDER, PLACE, SECTIONS
from tests.channels.engine import HERE, NOW
from tests.cli.conftest import run as run  # noqa: PLC0414 - a fixture
from tests.helpers import ROOT
from tests.texts.source import texts_asked

OTHERS = [name for name in languages() if name != "en"]
CALL = re.compile(r"""\btexts\(\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)')""")
COUNT = re.compile(r"""\btexts\.count\([^"]*"((?:[^"\\]|\\.)*)",\s*"((?:[^"\\]|\\.)*)\"""")
BASELINE = "the baseline"
STATES = ("in the feed", "rejected", "filtered", "failed")
FACTS = (
    "system", "holds", "format", "encoding", "delimiter", "sheet", "header row", "rows", "products",
)  # fmt: skip
"""What `inspect` says of a file."""
CHANGES = ("check hardens", "field starts", "field ends", "field changes")
"""What `channels diff` tells of."""
PLACES = ("project", "bundled", "bytes", "items", "publishing")
"""Words of ours that stand in the values of lists: where a channel comes from, what is counted, how a run stands."""


TYPER = {"Examples:", "Usage", "Options", "Commands", "Arguments", "default", "required", "Show this message and exit."}
"""Words around the help of commands."""


@cache
def read(language: str) -> dict[str, Any]:
    return yaml.safe_load((FOLDER / f"{language}.yaml").read_text("utf-8"))


def places(text: str) -> set[str]:
    return set(PLACE.findall(text))


def written() -> Iterator[str]:
    """The texts that code and templates ask for by their own words."""
    yield from (one.text for one in texts_asked())
    for path in (ROOT / "feedsmith").rglob("*.j2"):
        source = path.read_text("utf-8")
        for found in CALL.finditer(source):
            yield ast.literal_eval(f'"{found[1]}"') if found[1] is not None else found[2]
        for found in COUNT.finditer(source):
            yield from found.groups()


def asked() -> set[str]:
    """Every text that something shows."""
    named = {
        *LABELS.values(),
        *NOTES.values(),
        *WORDS,
        *NOTES_OF_THEN,
        *VERDICTS.values(),
        FIGURES,
        BASELINE,
        *STATES,
        *FACTS,
        *PLACES,
        *CHANGES,
        *(SURE, LIKELY, DOUBTFUL),
        *CHECKS,
        *Severity,
        *FeedState,
        *DeliveryState,
        *Kind,
        *State,
        *get_args(PlaceKind),
        *limit_words.PLAIN.values(),
        *limit_words.NEEDS.values(),
        *limit_words.ELSE.values(),
        *(plain for _, plain in limit_words.CLAUSES),
        "command line",
        "standard output",
        "and",
        "or",
        *SAID.values(),
    }
    named |= {text for pair in [*COUNTED.values(), *VERBS.values(), PRODUCTS] for text in pair}
    for face in table().faces.values():
        named |= {face.name, face.hint}
    named |= {part.label for part in table().parts.values()}
    return {str(one) for one in {*named, *written()}} - {""}


def command_texts(command: Any) -> Iterator[str]:
    yield command.help or ""
    yield from (getattr(one, "help", None) or "" for one in command.params)
    for below in getattr(command, "commands", {}).values():
        yield from command_texts(below)


@pytest.mark.parametrize("language", OTHERS)
def test_every_text_is_there_and_none_besides(language):
    theirs = set(read(language)["texts"])
    assert sorted(asked() - theirs) == []
    assert sorted(theirs - asked()) == []


def test_scripts_ask_for_texts_that_they_get():
    """A page's scripts get their texts with the page, so each one that they name must be sent along."""
    for path in (ROOT / "feedsmith/preview/assets").rglob("*.js"):
        source = path.read_text("utf-8")
        named = {*re.findall(r'\bwords\["([^"]+)"\]', source), *re.findall(r'\bword\("([^"]+)"', source)}
        for pair in re.findall(r'\bcounted\([^"]+"([^"]+)", "([^"]+)"\)', source):
            named |= set(pair)
        assert sorted(named - set(WORDS)) == [], path.name


def test_scripts_get_no_text_that_they_never_show():
    sources = "".join(path.read_text("utf-8") for path in (ROOT / "feedsmith/preview/assets").rglob("*.js"))
    shown = {word for word in WORDS if f'"{word}"' in sources or f" {word}: " in sources}
    assert sorted(set(WORDS) - shown - set(STATES)) == []


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("section", ["texts", "messages", "commands"])
def test_a_text_has_the_places_of_its_english(language, section):
    found = read(language)[section]
    assert [english for english, theirs in found.items() if places(english) != places(theirs)] == []
    assert [english for english, theirs in found.items() if not theirs.strip()] == []


@pytest.mark.parametrize("language", languages())
def test_every_issue_code_has_a_title(language):
    files = channel_files(HERE)
    codes = raised_by({name: load_channel(name, files) for name in files})
    told = read(language)["codes"]
    assert sorted(set(codes) - set(told)) == [], "give the new code a title in feedsmith/texts/*.yaml"
    assert sorted(set(told) - set(codes)) == []
    assert [code for code, one in told.items() if set(one) != {"title", "help"} or not all(one.values())] == []


@pytest.mark.parametrize("language", OTHERS)
def test_the_help_of_commands(language):
    ours = set(command_texts(typer.main.get_command(app))) - {""}
    theirs = set(read(language)["commands"])
    assert sorted(ours | TYPER) == sorted(theirs), "each command and option has its help in each language"


def test_catalogues_have_no_other_sections():
    assert [name for language in languages() for name in read(language) if name not in SECTIONS] == []


# --- messages


MISTAKES = ROOT / "samples/mistakes"


@pytest.mark.parametrize("language", OTHERS)
def test_the_messages_of_common_mistakes_are_translated(language):
    """Of the sample of mistakes every message and remedy, but for names that the project gives."""
    issues = []
    execute(Request(project=MISTAKES, as_of=NOW, workers=1), lambda report: issues.extend(report.issues()))
    texts = Texts(language)
    told = {one.message for one in issues if one.code != "filtered"}
    left = sorted(message for message in told if texts.message(message) == message)
    assert left == []
    assert [one.code for one in issues if one.help and texts.remedy(one.code, one.help) == one.help] == []


word = st.text(alphabet="abcXYZ0189-", min_size=1, max_size=12)


@pytest.mark.parametrize("language", OTHERS)
@settings(deadline=None)
@given(st.data())
def test_what_stands_in_a_message_stands_in_its_translation(language, data):
    """A message made of a known text gives that text's translation with the same values; values are never lost."""
    found = read(language)["messages"]
    english = data.draw(st.sampled_from(sorted(found)))
    values = {name: data.draw(word) for name in sorted(places(english))}
    made = PLACE.sub(lambda place: values[place[1]], english)
    theirs = Texts(language).message(made)
    assert theirs != made or found[english] == english
    assert all(value in theirs for value in values.values())


@given(st.text(max_size=80))
def test_a_message_of_no_catalogue_stays_as_it_is_or_keeps_its_values(text):
    english = Texts("en")
    assert english.message(text) == text
    assert english.remedy("too-long", text) == text
    Texts("nl").message(text)  # never fails


def test_parts_of_a_message_are_messages_too():
    texts = Texts("nl")
    whole = 'price is required, and the catalog\'s value cannot be used: price "tien": holds no digit'
    assert texts.message(whole) == (
        'price is verplicht, en de waarde van de catalogus is niet bruikbaar: price "tien": bevat geen cijfer'
    )
    assert texts.message("has 12 values, at most 10; the value is cut") == (
        "heeft 12 waarden, maximaal 10; de waarde wordt ingekort"
    )
    assert texts.message("the size of the shoe is odd; the value is left out") == (
        "the size of the shoe is odd; de waarde wordt weggelaten"
    )


def test_a_remedy_falls_back_to_that_of_its_code():
    texts = Texts("nl")
    assert texts.remedy("too-long", "shorten it in the catalog or by a rule").startswith("kort het in")
    assert texts.remedy("too-long", "say less of the shoe") == "kort de tekst in in de catalogus of met een regel"
    assert texts.remedy("a-projects-own", "say less of the shoe") == "say less of the shoe"
    assert texts.remedy("too-long", "") == ""


# --- which language


@pytest.mark.parametrize(
    ("variables", "command_line", "page"),
    [
        ({}, "en", "en"),
        ({"LANG": "nl_NL.UTF-8"}, "en", "nl"),
        ({"LANG": "C.UTF-8"}, "en", "en"),
        ({"LANG": "nl_NL", "LC_ALL": "en_GB"}, "en", "en"),
        ({"LANG": "en_GB", "FEEDSMITH_LANG": "nl"}, "nl", "nl"),
        ({"LANG": "nl_NL", "FEEDSMITH_LANG": "en"}, "en", "en"),
        ({"FEEDSMITH_LANG": "nl-BE"}, "nl", "nl"),
        ({"FEEDSMITH_LANG": "tlh"}, "en", "en"),
        ({"FEEDSMITH_LANG": "../nl"}, "en", "en"),
    ],
)
def test_the_language_comes_from_the_environment(monkeypatch, variables, command_line, page):
    for name in ("FEEDSMITH_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert (chosen(), of_the_reader()) == (command_line, page)


def test_figures_are_written_as_the_language_does():
    assert (Texts("en").number(1_234_567), Texts("nl").number(1_234_567)) == ("1,234,567", "1.234.567")
    assert Texts("nl").count(2_000, "1 product", "{number} products") == "2.000 producten"


def test_reports_for_people_are_translated_and_those_for_programs_are_not(run, monkeypatch, tmp_path):
    monkeypatch.setenv("FEEDSMITH_LANG", "")
    page = tmp_path / "report.html"
    words = ("validate", "--project", MISTAKES, "--report", f"html={page}", "--workers", "1")
    told = run("--lang", "nl", *words)
    assert "1 feed gecontroleerd; 14 fouten" in told.out
    assert "oplossing: vul het in of geef het veld een regel" in told.out
    assert '<html lang="nl">' in page.read_text("utf-8")
    monkeypatch.setenv("FEEDSMITH_LANG", "nl")
    programs = run(*words, "--format", "jsonl").out
    monkeypatch.setenv("FEEDSMITH_LANG", "en")
    assert programs == run(*words, "--format", "jsonl").out
    assert "checked; 14 errors" in run(*words).out


def test_help_in_another_language(run, monkeypatch):
    monkeypatch.setenv("FEEDSMITH_LANG", "nl")
    told = run("explain", "--help").out
    assert "Volg één product" in told
    assert "Voorbeelden:" in told
    monkeypatch.setenv("FEEDSMITH_LANG", "")
    assert "Lees, verwerk" in run("--lang", "NL", "validate", "--help").out
    monkeypatch.setenv("FEEDSMITH_LANG", "")
    unknown = run("--lang", "tlh", "validate")
    assert (unknown.code, "there are: en, nl" in unknown.err) == (2, True)
