"""`feedsmith sample`: the project with all its sources cut to the same products that stand for all."""

import glob
import shutil
import sys
import tempfile
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from feedsmith.catalog.records import PRODUCT
from feedsmith.definitions.load import Project
from feedsmith.definitions.project import SourceDefinition
from feedsmith.errors import UsageError
from feedsmith.issues import Issue, Place
from feedsmith.reports.report import Report
from feedsmith.run.compile_feed import compile_feeds
from feedsmith.run.execute import execute
from feedsmith.run.opening import open_job
from feedsmith.run.request import COMMAND_LINE, Request, open_project
from feedsmith.run.sample.choose import Chosen, choose, key_columns
from feedsmith.run.sample.cut import Keep, cut
from feedsmith.run.sample.rewrite import Moved, without_addresses
from feedsmith.sources.remote import is_remote
from feedsmith.sources.table import ReadOptions, Table, open_table

COPIED = ("channels", "templates", "systems")
"""Folders of a project that go along whole."""
SUFFIX = {"csv": "csv", "xlsx": "xlsx", "xml": "xml", "json": "json", "sql": "csv", "parquet": "csv"}
"""Format → the end of a file's name that had none; rows with types of their own become CSV."""
OUTSIDE = "sources"
"""The folder for files that lie outside the project."""


@dataclass(frozen=True)
class Sampled:
    """What a sample holds: the rows of each file, what its products stand for by kind, and the codes that it lost."""

    rows: dict[str, tuple[int, int]]
    reasons: dict[str, int]
    lost: tuple[str, ...]


def sample(request: Request, out: Path) -> Sampled:
    """Write the sample to a new folder.

    Raises:
        UsageError: there is no project, the folder is not empty, or a source lies outside the project.
        SourceError: a source cannot be read or cut.
    """
    project = open_project(request)
    if project.root.place == COMMAND_LINE:
        raise UsageError(
            COMMAND_LINE, "a sample is made of a project", "begin one with `feedsmith init --catalog FILE`"
        )
    if out.exists() and any(out.iterdir()):
        raise UsageError(Place(str(out)), "the folder is not empty", "name a new one")
    issues = _issues(request)
    rows: dict[str, tuple[int, int]] = {}
    moved: Moved = {}
    with tempfile.TemporaryDirectory(prefix="feedsmith-") as scratch:
        chosen, keys = _chosen(request, project, issues, Path(scratch))
        for path, definition in _sources(project):
            table = open_table(project.folder / path, _options(definition), Path(scratch), path)
            if definition.query or is_remote(path) or table.format == "parquet":
                moved[path, definition.query or ""] = _place_of(table, len(moved))
            if definition.join:
                keep = Keep(chosen, path, set(definition.join.values()), sys.maxsize)
            else:
                keep = Keep(chosen, path, [heading for heading in keys if heading in table.headings] or None)
            rows[path] = cut(table, keep, out / moved.get((path, definition.query or ""), _inside(path)))
            chosen.values |= keep.met if keep.headings is not None and not definition.join else set()
    _copy(project, out, rows, moved)
    again = _issues(replace(request, project=out, catalog=(), sources=()))
    lost = {(one.feed, one.code) for one in issues} - {(one.feed, one.code) for one in again}
    return Sampled(rows, chosen.reasons, tuple(sorted(f"{feed} {code}".strip() for feed, code in lost)))


def _issues(request: Request) -> list[Issue]:
    """The first issue of each code for each feed and field, from a whole run."""
    found: dict[tuple[str, str, str], Issue] = {}

    def tell(report: Report) -> None:
        for issue in report.issues():
            if issue.place.row is not None:
                found.setdefault((issue.feed, issue.code, issue.field), issue)

    execute(replace(request, write=False), tell)
    return list(found.values())


def _chosen(request: Request, project: Project, issues: list[Issue], scratch: Path) -> tuple[Chosen, Collection[str]]:
    """The products that stand for all, and the columns of their files by which rows speak of products."""
    job, _ = open_job(request, project, scratch)
    feeds = compile_feeds(job)
    stream = next((one for one in job.streams if one.record == PRODUCT.name), None)
    if stream is None:
        return Chosen({(one.place.path, one.place.row or 0) for one in issues}), set()
    return choose(stream, [feeds[number] for number in stream.feeds], issues), key_columns(stream)


# --- the files of a project --------------------------------------------------------------------------------------


def _sources(project: Project) -> Iterator[tuple[str, SourceDefinition]]:
    """Each file that the project reads records from, as it names it, and how it is read."""
    catalog = project.definition.catalog
    listed = [catalog.source, *catalog.sources.values(), catalog.promotions, catalog.reviews]
    for definition in listed:
        for one in _by_sheet(definition) if definition is not None else ():
            for pattern in one.path:
                yield from ((path, one) for path in _matching(project, pattern))


def _by_sheet(source: SourceDefinition) -> list[SourceDefinition]:
    """A source of several sheets as one for each."""
    return [source.model_copy(update={"sheet": [sheet]}) for sheet in source.sheet] or [source]


def _matching(project: Project, pattern: str) -> list[str]:
    if not any(sign in pattern for sign in "*?["):
        return [pattern]
    return sorted(glob.glob(pattern, root_dir=project.folder))  # noqa: PTH207 - Path.glob refuses absolute patterns


def _options(source: SourceDefinition) -> ReadOptions:
    quote = "" if source.quote == "none" else source.quote
    return ReadOptions(
        source.encoding, source.delimiter, quote, source.escape, next(iter(source.sheet), None), source.header_row,
        item=source.item, query=source.query,
    )  # fmt: skip


def _inside(path: str) -> str:
    """The place of a file in the sample: the same, or a folder of its own for files from elsewhere."""
    elsewhere = Path(path).is_absolute() or ".." in Path(path).parts
    return f"{OUTSIDE}/{Path(path).name}" if elsewhere else path


def _place_of(table: Table, number: int) -> str:
    """A file in the sample for what lies at an address; the rows of a query are a CSV file."""
    name = PurePosixPath(urlsplit(table.shown).path).name or "catalog"
    suffix = "" if PurePosixPath(name).suffix and table.format not in {"sql", "parquet"} else f".{SUFFIX[table.format]}"
    return f"{OUTSIDE}/{number + 1}-{PurePosixPath(name).stem + suffix if suffix else name}"


def _copy(project: Project, out: Path, cut_files: dict[str, tuple[int, int]], addresses: Moved) -> None:
    """Everything else of the project; the addresses of files from elsewhere are changed in its YAML files."""
    whole = list(_whole_files(project))
    fetched = {path for path, _ in addresses}
    moved = {path: _inside(path) for path in {*cut_files, *whole} - fetched if _inside(path) != path}
    for path in whole:
        target = out / _inside(path)
        if path not in cut_files and (project.folder / path).is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(project.folder / path, target)
            if target.suffix in {".yaml", ".yml"}:
                text = without_addresses(target.read_text("utf-8"), addresses)
                for old, new in moved.items():
                    text = text.replace(old, new)
                target.write_text(text, "utf-8")
    for name in COPIED:
        if (project.folder / name).is_dir():
            shutil.copytree(project.folder / name, out / name, dirs_exist_ok=True)


def _whole_files(project: Project) -> Iterator[str]:
    """The files that go along as they are: YAML, tables, lists, places, workbooks of channels."""
    definition = project.definition
    yield project.shown
    yield from (path.name for path in project.folder.glob("feedsmith.*.yaml"))
    patterns = [*definition.include, *definition.tables.values(), *definition.taxonomies.values()]
    patterns += [definition.rates] if definition.rates else []
    patterns += [feed.workbook for feed in definition.feeds.values() if feed.workbook]
    for places in (definition.catalog.stores, definition.catalog.regions):
        if isinstance(places, SourceDefinition):
            patterns += places.path
    for pattern in patterns:
        yield from _matching(project, pattern)
