"""What a channel's error report tells, problem by problem, whatever its format."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from feedsmith.errors import SourceError
from feedsmith.issues import Place, Severity
from feedsmith.run.feedback.forms import ListForm, forms, plain
from feedsmith.sources.csv_part import read_table
from feedsmith.sources.kinds import kind_of
from feedsmith.sources.table import ReadOptions, Table, open_table

NEEDED = ("id", "message")
HEAD_LINES = 200
"""Lines of a text in which the headings are looked for: some reports begin with a summary."""
GOOD = "none"
"""A word of `severities` for what is no problem."""


@dataclass(frozen=True, slots=True)
class Told:
    """One problem. `field` is the channel's word for it, `place` where it stands in the report."""

    id: str
    message: str
    severity: Severity
    place: Place
    code: str = ""
    field: str = ""
    detail: str = ""
    link: str = ""


@dataclass(frozen=True)
class Feedback:
    """A report as read: its form, how many records it has, and its problems."""

    form: str
    records: int
    problems: tuple[Told, ...]


def read_feedback(path: Path, channel: str, columns: Mapping[str, str], scratch: Path) -> Feedback:
    """The problems of a report.

    Args:
        path: the file: JSON, CSV, tab text or a workbook.
        channel: the name of the channel that wrote it.
        columns: headings of a table by what they hold, where they are others than those that are known.
        scratch: a folder for intermediate files.

    Raises:
        SourceError: it cannot be read, or nothing in it says which product has which problem.
    """
    try:
        kind = kind_of(path, str(path))
    except OSError as error:
        raise SourceError(Place(str(path)), f"cannot be read: {error.strerror or error}", "check the path") from error
    if kind == "json":
        return _of_json(path, channel)
    return _of_table(path, columns, scratch)


# --- JSON ----------------------------------------------------------------------------------------------------------


def _of_json(path: Path, channel: str) -> Feedback:
    place = Place(str(path))
    try:
        text = path.read_bytes()
        value = msgspec.json.decode(text)
    except msgspec.DecodeError:
        try:
            value = [msgspec.json.decode(line) for line in text.splitlines() if line.strip()]
        except msgspec.DecodeError as error:
            raise SourceError(place, f"is no JSON: {error}", "download the report again") from error
    documents = value if isinstance(value, list) else [value]
    known = [form for form in forms().lists if channel.startswith(form.channels)]
    found = [(form, list(_found(documents, form))) for form in known]
    forms_here = [form for form in known if any(_has(one, form.at) for one in documents)]
    problems = tuple(_told(way, form, place) for form, ways in found for way in ways)
    if not forms_here:
        ways = "; ".join(" > ".join(form.at) for form in known) or "none for this channel"
        problem = f"is no report of {channel} that is known: none of these lists is in it: {ways}"
        raise SourceError(place, problem, "look whether --channel names the channel that wrote it")
    return Feedback(forms_here[0].title, len(problems), problems)


def _has(value: Any, keys: Sequence[str]) -> bool:
    """Whether the first of the keys are there; lists on the way may be empty."""
    if isinstance(value, list):
        return any(_has(one, keys) for one in value)
    return isinstance(value, dict) and keys[0] in value


def _found(value: Any, form: ListForm) -> Iterator[list[dict[str, Any]]]:
    """Each problem with the objects around it, the innermost first."""

    def walk(value: Any, keys: Sequence[str], around: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
        if isinstance(value, list):
            for one in value:
                yield from walk(one, keys, around)
        elif isinstance(value, dict):
            if not keys:
                yield [value, *around]
            elif keys[0] in value:
                yield from walk(value[keys[0]], keys[1:], [value, *around])

    yield from walk(value, form.at, [])


def _told(way: list[dict[str, Any]], form: ListForm, place: Place) -> Told:
    def text(keys: Sequence[str]) -> str:
        values = (_text(one[key]) for one in way for key in keys if one.get(key) not in (None, "", []))
        return next(values, "")

    id_ = text(form.id)
    line = text(form.line)
    where = Place(place.path, int(line)) if line.isdecimal() else place
    return Told(
        id=id_.split(":", form.id_behind)[-1] if form.id_behind else id_, message=text(form.message),
        severity=_severity(form.all or text(form.severity)) or Severity.ERROR, place=where, code=text(form.code),
        field=text(form.field), detail=text(form.detail), link=text(form.link),
    )  # fmt: skip


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return _text(next((value[key] for key in ("name", "attributeId", "id", "value") if key in value), ""))
    if isinstance(value, list):
        return ", ".join(filter(None, map(_text, value)))
    return str(value)


# --- tables --------------------------------------------------------------------------------------------------------


def _of_table(path: Path, columns: Mapping[str, str], scratch: Path) -> Feedback:
    table = open_table(path, ReadOptions(header_row=_heading_line(path)), scratch, str(path))
    roles = _roles(table, columns)
    problems: list[Told] = []
    records = 0
    for batch in read_table(table):
        records += len(batch)
        cells = {role: batch.columns[heading].values for role, heading in roles.items() if heading in batch.columns}
        for row in range(len(batch)):
            one = {role: (values[row] or "").strip() for role, values in cells.items()}
            severity = _severity(one.get("severity", ""))
            if one.get("message") and severity is not None:
                place = batch.place(row, roles["message"])
                named = {name: one.get(name, "") for name in ("code", "field", "detail", "link")}
                problems.append(Told(one.get("id", ""), one["message"], severity, place, **named))
    return Feedback(f"a table with {', '.join(roles.values())}", records, tuple(problems))


def _heading_line(path: Path) -> int | None:
    """The line of the headings of a text, where a summary stands above them."""
    with path.open("rb") as file:
        head = [file.readline(1 << 16) for _ in range(HEAD_LINES)]
    known = {role: set(names) for role, names in forms().headings.items()}
    for number, line in enumerate(head, 1):
        text = line.decode("utf-8", "replace")
        cells = {plain(cell.strip("\"'\r\n\ufeff ")) for cell in text.replace(";", "\t").replace(",", "\t").split("\t")}
        if all(cells & known[role] for role in NEEDED):
            return number
    return None


def _roles(table: Table, columns: Mapping[str, str]) -> dict[str, str]:
    """The heading of each thing that a report has.

    Raises:
        SourceError: no column says which product, or which problem.
    """
    by_name = {plain(heading): heading for heading in reversed(table.headings)}
    found = {role: by_name[plain(heading)] for role, heading in columns.items() if plain(heading) in by_name}
    for role, names in forms().headings.items():
        heading = next((by_name[name] for name in map(plain, names) if name in by_name), None)
        if heading is not None and role not in found and heading not in found.values():
            found[role] = heading
    lacking = [role for role in NEEDED if role not in found]
    if lacking or any(plain(heading) not in by_name for heading in columns.values()):
        listed = ", ".join(f"`{heading}`" for heading in table.headings)
        missing = " and the ".join(lacking) or "one that --column names"
        problem = f"no column is known as the {missing}; there are {listed}"
        hint = "say which: `--column id=HEADING --column message=HEADING`"
        raise SourceError(table.place(table.header_row), problem, hint)
    return found


def _severity(word: str) -> Severity | None:
    """The severity that a word of the report stands for; None for what is no problem."""
    for name, words in forms().severities.items():
        if plain(word) in words:
            return None if name == GOOD else Severity(name)
    return Severity.ERROR
