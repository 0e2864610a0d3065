"""The documentation is true: its parts are fresh, its commands run, its examples compile, its links lead somewhere."""

import json
import re
import tomllib
from pathlib import Path

import pytest
import yaml

from docs import build, sections
from docs.blocks import ROOT, blocks, run_page
from docs.codes import raised_by
from docs.markdown import words
from docs.picture import picture
from feedsmith.checks.texts import TEXT_CHECKS
from feedsmith.definitions import channel, field, project, rule
from feedsmith.definitions.model import Strict
from feedsmith.errors import FeedsmithError
from feedsmith.mapping.functions import FUNCTIONS
from feedsmith.mapping.steps import STEPS
from feedsmith.reports.json_report import json_report
from feedsmith.run.compile_feed import compile_feed
from feedsmith.run.execute import execute
from feedsmith.run.opening import open_job
from feedsmith.run.request import Request, open_project

PAGES = sorted(["README.md", *(path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").rglob("*.md"))])
CODE = re.compile(r"`[^`\n]+`")
LINK = re.compile(r"!?\[[^\]]*\]\((?P<target>[^)\s]+)\)")
FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"``.*?``|`[^`\n]*`")
"""A pattern in a table may look like a link."""
HEADING = re.compile(r"^#+ (?P<text>.+)$", re.MULTILINE)
ANCHOR = re.compile(r'<a id="(?P<name>[^"]+)">')


def text_of(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def anchors(text: str) -> set[str]:
    """The anchors of a page as GitHub makes them from headings, and those that are written."""
    found = {match["name"] for match in ANCHOR.finditer(text)}
    for match in HEADING.finditer(FENCED.sub("", text)):
        plain = re.sub(r"[^\w\- ]", "", match["text"].lower())
        found.add(plain.replace(" ", "-"))
    return found


# Fresh


@pytest.mark.parametrize("name", PAGES)
def test_generated_tables_are_fresh(name):
    made = sections.channel_pages().get(name)
    assert (build.filled(text_of(name)) if made is None else made) == text_of(name), "run `make docs`"


def test_picture_is_fresh():
    assert picture() == text_of(build.PICTURE), "run `make docs`"


def test_no_page_is_left_of_a_channel_that_is_gone():
    assert list(build.strays()) == []


def test_check_names_what_is_out_of_date_and_writes_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(build, "ROOT", tmp_path)
    assert build.renew("page.md", lambda: "new\n", check=True) == "out of date: run `make docs`"
    assert list(tmp_path.iterdir()) == []
    assert build.renew("page.md", lambda: "new\n", check=False) == build.WRITTEN
    assert build.renew("page.md", lambda: "new\n", check=True) == ""


# Commands


WITH_COMMANDS = [name for name in PAGES if "```sh\n" in text_of(name) or "```console\n" in text_of(name)]


@pytest.mark.parametrize("name", WITH_COMMANDS)
def test_commands_run_and_print_what_the_page_shows(name, tmp_path):
    ran = list(run_page(text_of(name), tmp_path / "page"))
    shown = [
        (block.line, step.command, step.shown) for block, steps in ran for step in steps if block.language == "console"
    ]
    printed = [
        (block.line, step.command, step.printed)
        for block, steps in ran
        for step in steps
        if block.language == "console"
    ]
    assert ran
    assert printed == shown


def test_command_blocks_of_every_page_are_in_a_language_that_is_run():
    """A block that holds commands cannot escape the test by another name."""
    known = {"console", "sh", "yaml", "jinja", "json", "text", "xml", "python"}
    assert {block.language for name in PAGES for block in blocks(text_of(name))} <= known
    shells = [
        (name, block.line) for name in PAGES for block in blocks(text_of(name)) if block.text.startswith("feedsmith ")
    ]
    in_sh = [(name, block.line) for name in PAGES for block in blocks(text_of(name)) if block.language == "sh"]
    assert set(shells) <= set(in_sh)


# Examples


def examples():
    for name in PAGES:
        for block in blocks(text_of(name)):
            if block.language == "yaml" and block.file is None:
                yield pytest.param(block.text, id=f"{name}:{block.line}")


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """A copy of the sample shop, over which an example is laid as an environment."""
    folder = tmp_path_factory.mktemp("shop") / "shop"
    folder.mkdir()
    for path in (ROOT / "samples/shop").rglob("*"):
        if path.suffix in {".yaml", ".csv"}:
            target = folder / path.relative_to(ROOT / "samples/shop")
            target.parent.mkdir(exist_ok=True)
            target.write_bytes(path.read_bytes())
    return folder


@pytest.mark.parametrize("example", list(examples()))
def test_examples_of_rules_compile(example, shop, tmp_path):
    (shop / "feedsmith.docs.yaml").write_text(example, "utf-8")
    request = Request(project=shop, env="docs", limit=0, here=shop)
    job, _ = open_job(request, open_project(request), tmp_path)
    feeds = [compile_feed(job, spec) for spec in job.specs]
    written = yaml.safe_load(example).get("fields", {})
    skipped = {issue.field for issue in feeds[0].notes if issue.code == "unknown-column"}
    assert feeds[0].spec.channel == "google"
    assert skipped & set(written) == set()


def test_sample_files_are_shown_as_they_are():
    shown = {block.file: block.text for name in PAGES for block in blocks(text_of(name)) if block.file}
    samples = {name: text for name, text in shown.items() if name.startswith("samples/")}
    assert "samples/five-lines/feedsmith.yaml" in samples
    assert {name: text_of(name) for name in samples} == samples


def test_json_report_has_the_keys_that_the_page_shows(tmp_path):
    (block,) = [block for block in blocks(text_of("docs/commands.md")) if block.language == "json"]
    pieces: list[str] = []
    request = Request(project=ROOT / "samples/mistakes", out=tmp_path / "out", write=False, workers=1, here=tmp_path)
    execute(request, lambda report: pieces.extend(json_report(report)))
    real, shown = json.loads("".join(pieces)), json.loads(block.text)
    assert list(real) == list(shown)
    assert list(real["catalog"]["sources"][0]) == list(shown["catalog"]["sources"][0])
    assert list(real["feeds"][0]) == list(shown["feeds"][0])
    assert list(real["issues"][0]) == list(shown["issues"][0])
    assert list(real["issues"][0]["source"]) == list(shown["issues"][0]["source"])


# Complete


@pytest.mark.parametrize(
    ("page", "names"),
    [
        ("docs/expressions.md", FUNCTIONS),
        ("docs/steps.md", STEPS),
        ("docs/checks.md", TEXT_CHECKS),
        ("docs/checks.md", raised_by(sections.channels())),
        ("docs/channels.md", sections.channels()),
        ("README.md", sections.channels()),
    ],
    ids=["functions", "steps", "text checks", "issue codes", "channels", "channels in the README"],
)
def test_everything_is_named(page, names):
    text = text_of(page)
    assert [name for name in names if f"`{name}`" not in text] == []


def test_every_command_is_told():
    names = list(sections.command_names())
    assert {"export", "validate", "channels show"} <= set(names)
    page = text_of("docs/commands.md")
    assert [name for name in names if f"### `feedsmith {name}`" not in page] == []


def test_every_key_of_a_project_and_a_channel_is_told():
    models = [
        (page, model)
        for page, modules in (("project-file", (project, rule)), ("new-channel", (channel, field)))
        for module in modules
        for model in vars(module).values()
        if isinstance(model, type) and issubclass(model, Strict) and model.__module__ == module.__name__
    ]
    assert len(models) > 10
    told = {page: text_of(f"docs/{page}.md") for page, _ in models}
    lacking = [
        f"{page}: {model.__name__}.{info.alias or name}"
        for page, model in models
        for name, info in model.model_fields.items()
        if f"| `{info.alias or name}` |" not in told[page]
    ]
    assert lacking == []


def test_words_hold_nothing_that_is_gone():
    assert set(words()["codes"]) == set(raised_by(sections.channels()))


def test_every_error_has_its_exit_code_in_the_table():
    kinds = [FeedsmithError, *FeedsmithError.__subclasses__()]
    page = text_of("docs/commands.md")
    assert [kind.__name__ for kind in kinds if f"| {kind.exit_code} |" not in page] == []


def test_rooms_stand_in_the_order_of_their_layers():
    contract = tomllib.loads(text_of("pyproject.toml"))["tool"]["importlinter"]["contracts"][0]
    layers = [set(re.split(r"\W+", line)) for line in contract["layers"]]
    told = re.findall(r"^\| `(\w+)` \| .* \|$", text_of("docs/architecture.md"), re.MULTILINE)
    numbers = [next(number for number, rooms in enumerate(layers) if room in rooms) for room in told]
    assert numbers == sorted(numbers)
    assert set(told) == set().union(*layers)


# Links


@pytest.mark.parametrize("name", [*PAGES, "CONTRIBUTING.md", "CHANGELOG.md"])
def test_links_lead_somewhere(name):
    lost = []
    for match in LINK.finditer(CODE.sub("", FENCED.sub("", text_of(name)))):
        target, _, anchor = match["target"].partition("#")
        if target.startswith(("http://", "https://")):
            continue
        path = ((ROOT / name).parent / target).resolve() if target else ROOT / name
        known = path.exists() and (not anchor or anchor in anchors(path.read_text("utf-8")))
        if not known or not path.is_relative_to(Path(ROOT)):
            lost.append(match["target"])
    assert lost == []
