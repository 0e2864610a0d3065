"""`feedsmith channels new`."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from feedsmith.cli.channels.files import files_of, folder_of, named_channel
from feedsmith.cli.options import ProjectPath, examples
from feedsmith.cli.output import write, write_file
from feedsmith.texts.catalogue import spoken

if TYPE_CHECKING:
    from feedsmith.definitions.load import Channel

EXAMPLES = examples(
    "feedsmith channels new my_shop --from google", "feedsmith channels new my_shop --from google --full"
)
NAME = re.compile("[a-z][a-z0-9_]*")
WORKBOOK = "xlsx"
"""The format that has no template."""


def new_channel(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The new channel's name.", show_default=False)],
    base: Annotated[str, typer.Option("--from", metavar="NAME", help="The channel to start from.", show_default=False)],
    full: Annotated[bool, typer.Option("--full", help="A whole copy, which no longer follows that channel.")] = False,
    project: ProjectPath = None,
) -> None:
    """A channel of your own, made from another one: its definition and its template, ready to export and to change."""
    from feedsmith.definitions.load import load_channel, template_file
    from feedsmith.issues import Place

    channel = named_channel(base, project)
    folder = folder_of(project)
    text = "".join(_copy(name, channel) if full else _extension(name, channel))
    files = {folder / "channels" / f"{name}.yaml": text}
    if channel.definition.format != WORKBOOK:
        path = folder / "templates" / f"{name}.{channel.definition.format}.j2"
        files[path] = template_file(channel, folder).read_text("utf-8")
    _check(name, base, list(files), project)
    for path, text in files.items():
        _write(path, text)
    load_channel(name, files_of(project), Place("command line"))
    write(_next(name, [path.relative_to(folder) for path in files], known=(folder / "feedsmith.yaml").is_file()))


def _check(name: str, base: str, paths: list[Path], project: Path | None) -> None:
    """Nothing is written over, and no bundled channel is hidden by accident.

    Raises:
        UsageError: the name is none, or it is taken.
    """
    from feedsmith.errors import UsageError
    from feedsmith.issues import Place

    place = Place("command line")
    if not NAME.fullmatch(name):
        raise UsageError(place, f"{name!r} is no name for a channel", "small letters, digits and _, such as my_shop")
    for path in paths:
        if path.exists():
            raise UsageError(Place(str(path)), "this file is there already", "choose another name, or remove the file")
    if name != base and name in files_of(project):
        hint = f"choose another name, or write --from {name} to change that channel for this project"
        raise UsageError(place, f"there is a channel {name!r} already", hint)


def _write(path: Path, text: str) -> None:
    from feedsmith.publish.folder import prepare_folder

    prepare_folder(path.parent)
    write_file(path, [text])


def _copy(name: str, channel: "Channel") -> Iterator[str]:
    """The channel's file as it is, but for the template, which is now one of its own."""
    lines = channel.path.read_text("utf-8").splitlines(keepends=True)
    own = channel.node.map.get("template")
    gone = own.key_place.row if own is not None and own.key_place.path.endswith(channel.path.name) else None
    yield f"# {name}: a copy of the channel {channel.name}.\n"
    yield from (line for number, line in enumerate(lines, 1) if number != gone)


def _extension(name: str, channel: "Channel") -> Iterator[str]:
    """A file that extends the channel, with examples that work once their signs of comment are gone."""
    definition = channel.definition
    yield f"# {name}: the channel {channel.name} lies under this file, which says only what differs.\n"
    yield f"#   feedsmith channels show {channel.name}    what there is to change\n"
    yield f"#   feedsmith channels show {name}    what it comes to\n"
    yield f"extends: {channel.name}\n"
    yield f"title: {name}, made from {channel.name}\n"
    yield "\n# Keys of a field or check are laid over those of the other channel; ~ takes one away.\n"
    yield "# fields:\n"
    yield from (f"#   {line}\n" for line in _fields(channel))
    if definition.checks:
        yield "# checks:\n"
        yield f"#   {next(iter(definition.checks))}: {{else: info}}\n"


def _fields(channel: "Channel") -> Iterator[str]:
    fields = channel.definition.fields
    limited = next((name for name, one in fields.items() if one.max and one.type == "text" and not one.pattern), None)
    if limited is not None and (limit := fields[limited].max):
        said = f"{limit.length:,} {limit.unit}, else {limit.otherwise}"
        yield f"{limited}: {{max: {{length: {max(1, limit.length // 2)}, else: cut}}}}    # there: {said}"
    others = (name for name, one in fields.items() if not one.required and one.status == "current" and name != limited)
    optional = next(others, None)
    if optional is not None:
        yield f"{optional}: {{required: {{else: warn}}}}    # there: optional"
    yield "own_field: {note: A field that the other channel has not., from: id}"


def _next(name: str, written: list[Path], *, known: bool) -> Iterator[str]:
    """What was written and what to do now."""
    texts = spoken()
    files = f" {texts('and')} ".join(path.as_posix() for path in written)
    yield texts("wrote {files}", files=files) + "\n"
    if known:
        line = f"`{name}: {{channel: {name}}}`"
        yield texts("next: add {line} to feeds: in feedsmith.yaml, then", line=line) + "\n"
        yield f"  feedsmith export --channel {name}\n"
    else:
        yield f"{texts('next')}:\n  feedsmith export --catalog FILE --channel {name}\n"
