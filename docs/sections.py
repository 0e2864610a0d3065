"""The generated parts of the docs, each a function without arguments that gives Markdown: `SECTIONS` is the list."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import typer
import yaml
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from typer.testing import CliRunner

from docs.blocks import ROOT
from docs.codes import raised_by
from feedsmith.catalog.product import FIELDS
from feedsmith.catalog.tables import read_table
from feedsmith.checks.texts import TEXT_CHECKS
from feedsmith.cli.app import app
from feedsmith.cli.exits import CODES
from feedsmith.definitions import channel as definition
from feedsmith.definitions import project
from feedsmith.definitions.channel import ChannelDefinition, FieldDefinition, ItemCheck, Length, SetCheck
from feedsmith.definitions.load import Channel, channel_files, load_channel, template_file
from feedsmith.definitions.rule import RuleDefinition
from feedsmith.mapping.functions import FUNCTIONS
from feedsmith.mapping.steps import STEPS
from feedsmith.resources import bundled

MADE = "<!-- Made by `make docs` from the channel's definition; change that instead. -->"
GROUP_DEPTH = "&nbsp;&nbsp;"
PLAIN = {"COLUMNS": "100", "NO_COLOR": "1", "TERM": "dumb"}
"""Of a help text that is the same everywhere."""


@cache
def words() -> dict[str, Any]:
    """What the docs say about things that have no text of their own in the code: `docs/words.yaml`."""
    loaded: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "words.yaml").read_text("utf-8"))
    return loaded


# --- Markdown --------------------------------------------------------------------------------------------------------


def cell(text: object) -> str:
    """A text as a table's cell."""
    return " ".join(str(text).split()).replace("|", "\\|")


def code(text: object) -> str:
    """A text as code in a table's cell; nothing for an empty one."""
    plain = cell(text)
    return f"`` {plain} ``" if "`" in plain else f"`{plain}`" if plain else ""


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; its cells are Markdown already."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


# --- rules -----------------------------------------------------------------------------------------------------------


def functions() -> str:
    """All functions of expressions."""
    rows = []
    for name, function in sorted(FUNCTIONS.items()):
        given = [kind.value for kind in function.arguments]
        takes = ", ".join(given) + (", …" if function.more else "")
        rows.append([code(name), cell(takes), cell(function.result.value), cell(function.does)])
    rows.append([code("currency"), "an amount's name", "text", "the currency of an amount"])
    return table(["Function", "Takes", "Gives", "What it is"], sorted(rows))


def steps() -> str:
    """All steps of rules."""
    rows = [
        [code(name), cell(step.takes.value), cell(step.gives.value), cell(step.does), code(step.example)]
        for name, step in sorted(STEPS.items())
    ]
    return table(["Step", "Takes", "Gives", "What it does", "Example"], rows)


# --- checks ----------------------------------------------------------------------------------------------------------


def text_checks() -> str:
    """All named text checks."""
    rows = [
        [code(name), cell(check.does), code(check.code), cell(check.help)]
        for name, check in sorted(TEXT_CHECKS.items())
    ]
    return table(["Check", "Objects to", "Issue code", "What helps"], rows)


def issue_codes() -> str:
    """All issue codes."""
    rows = []
    for name, places in sorted(raised_by(channels()).items()):
        if name not in words()["codes"]:
            message = f"docs/words.yaml does not say what the issue code {name!r} means"
            raise LookupError(message)
        rows.append([f'<a id="{name}"></a>{code(name)}', cell(words()["codes"][name]), cell(", ".join(places))])
    return table(["Code", "What it says", "Comes from"], rows)


# --- the catalog -----------------------------------------------------------------------------------------------------


def canonical_fields() -> str:
    """All fields of a product."""
    rows = []
    for name, field in FIELDS.items():
        more = [
            f"one of {', '.join(map(code, field.choices))}" if field.choices else "",
            f"a bare number is in {field.unit}" if field.unit else "",
            f"parts: {code(':'.join(field.parts))}" if field.parts else "",
        ]
        notes = "; ".join(filter(None, [cell(field.description), *more]))
        rows.append([code(name), cell(words()["kinds"][field.kind]), cell(field.varies), notes])
    return table(["Field", "Kind", "Varies by", "What it holds"], rows)


def headings() -> str:
    """The headings by which each field is known, but for those of one system."""
    found = read_table("aliases")["fields"]
    rows = []
    for name in FIELDS:
        facts = found.get(name, {})
        known = ", ".join(map(code, facts.get("certain", ())))
        perhaps = ", ".join(map(code, facts.get("maybe", ())))
        if known or perhaps:
            rows.append([code(name), known, perhaps])
    return table(["Field", "Always", "Where nothing better claims it"], rows)


def systems() -> str:
    """The systems whose exports are recognised, with the headings that tell."""
    rows = [
        [cell(facts["title"]), " or ".join(" + ".join(map(code, together)) for together in facts["when"])]
        for facts in read_table("aliases")["systems"].values()
    ]
    return table(["System", "Recognised by the headings"], sorted(rows))


# --- channels --------------------------------------------------------------------------------------------------------


@cache
def channels() -> Mapping[str, Channel]:
    """The bundled channels."""
    here = bundled("channels")
    files = {name: path for name, path in channel_files(here.parent / "no project").items() if path.parent == here}
    return {name: load_channel(name, files) for name in files}


def channel_table(folder: str = "channels/") -> str:
    """The bundled channels, with a link to the page of each."""
    rows = []
    for name, channel in channels().items():
        one = channel.definition
        link = f"[{code(name)}]({folder}{name}.md)"
        rows.append([link, cell(one.title), one.format.upper(), str(len(one.fields)), one.read.isoformat()])
    return table(["Channel", "What it is", "Format", "Fields", "Specification read"], rows)


def channel_pages() -> dict[str, str]:
    """The page of each bundled channel, by its path in the checkout."""
    return {f"docs/channels/{name}.md": _page(channel) for name, channel in channels().items()}


def _page(channel: Channel) -> str:
    one = channel.definition
    parts = [
        f"# `{channel.name}`: {one.title}\n",
        MADE + "\n",
        table(["", ""], _facts(channel)),
        "## Fields\n",
        "[What happens](../checks.md#consequences) to a value or an item that breaks a rule stands in brackets.\n",
        table(["Field", "Needed", "Type", "Limits", "Value by default", "Note"], _field_rows(one.fields)),
    ]
    if one.checks:
        parts += ["## Conditions\n", "None of these may be true of an item.\n", _conditions(one.checks)]
    if one.sets:
        parts += ["## Checks over the whole feed\n", _sets(one.sets)]
    if one.lists:
        rows = [[code(f"lists.{name}"), ", ".join(map(code, values))] for name, values in one.lists.items()]
        parts += ["## Lists\n", "Conditions and rules can name them.\n", table(["List", "Values"], rows)]
    return "\n".join(parts)


def _facts(channel: Channel) -> Iterator[list[str]]:
    one = channel.definition
    most = {"items": one.envelope.items, "bytes": one.envelope.bytes}
    limits = [f"{number:,} {what}" for what, number in most.items() if number]
    yield ["Owner", cell(one.owner)]
    yield ["Specification", f"<{one.reference}>, read on {one.read.isoformat()}"]
    template = "" if one.format == "xlsx" else f", template {code(template_file(channel, ROOT).name)}"
    yield ["Format", one.format.upper() + template]
    if one.format == "csv":
        how = one.dialect
        delimiter = code("tab" if how.delimiter == "\t" else how.delimiter)
        encoding = "" if how.encoding == "utf-8" else f", encoding {how.encoding.upper()}"
        yield ["Cells", f"delimiter {delimiter}, decimal sign {code(how.decimal)}, quotes: {how.quote}{encoding}"]
    if one.delivery:
        yield ["Delivery", cell(one.delivery)]
    if limits:
        yield ["One file holds at most", " and ".join(limits) + "; more items make numbered files"]
    yield ["An item that is absent from the file", words()["semantics"][one.semantics]]
    if one.blank:
        yield ["Blank values", cell(one.blank)]


def _field_rows(fields: Mapping[str, FieldDefinition], depth: int = 0) -> Iterator[list[str]]:
    for key, one in fields.items():
        name = f"{GROUP_DEPTH * depth}{code(key)}" + (f"<br>in the feed {code(one.name)}" if one.name else "")
        yield [name, _needed(one), _type(one), _limits(one), _default(key, one) if not depth else "", _note(one)]
        yield from _field_rows(one.group, depth + 1)


def _needed(one: FieldDefinition) -> str:
    needs = []
    for need in one.required:
        when = f"when {code(need.when)}" if need.when else "always"
        needs.append(f"{when} ({need.otherwise})")
    return "<br>".join(needs)


def _type(one: FieldDefinition) -> str:
    form = f", written {code(one.form)}" if one.form else ""
    repeat = ""
    if one.repeat is not None:
        repeat = f", up to {one.repeat.max} ({one.repeat.otherwise})" if one.repeat.max else ", several"
    return f"{one.type}{form}{repeat}"


def _limits(one: FieldDefinition) -> str:
    found = [_length("at least", one.min), _length("at most", one.max)]
    if one.range is not None:
        ends = [f"from {one.range.min}" if one.range.min else "", f"to {one.range.max}" if one.range.max else ""]
        found.append(f"{' '.join(filter(None, ends))} ({one.range.otherwise})")
    if one.pattern is not None:
        found.append(f"matches {code(one.pattern.match)} ({one.pattern.otherwise})")
    if one.values:
        found.append("one of " + ", ".join(_word(ours, theirs) for ours, theirs in one.values.items()))
    if one.units:
        found.append("units " + ", ".join(map(code, one.units)))
    for check in one.checks:
        name, wanted = (check, "warn") if isinstance(check, str) else next(iter(check.items()))
        found.append(f"check {code(name)} ({wanted})")
    return "<br>".join(filter(None, found))


def _length(what: str, limit: Length | None) -> str:
    return f"{what} {limit.length:,} {limit.unit} ({limit.otherwise})" if limit else ""


def _word(ours: str, theirs: str | None) -> str:
    return code(ours) if ours == theirs else f"{code(ours)} → {code(theirs) if theirs else 'no word'}"


def _default(key: str, one: FieldDefinition) -> str:
    source = code(one.value) if one.value else code(one.from_) if one.from_ else code(key) if key in FIELDS else ""
    after = [code(step if isinstance(step, str) else next(iter(step))) for step in one.steps]
    found = [source, f"steps {', '.join(after)}" if after else "", f"else {code(one.default)}" if one.default else ""]
    return "<br>".join(filter(None, found))


def _note(one: FieldDefinition) -> str:
    more = [
        f"from {one.since}" if one.since else "",
        f"until {one.until}" if one.until else "",
        "" if one.status == "current" else one.status,
        "not confirmed by the owner" if one.uncertain else "",
        f"once for each of `vars: {one.expand}:`" if one.expand else "",
    ]
    page = f"[page]({one.reference})" if one.reference else ""
    return "; ".join(filter(None, [cell(one.note).rstrip("."), *more, page]))


def _conditions(checks: Mapping[str, ItemCheck]) -> str:
    rows = []
    for name, check in checks.items():
        asked = code(check.when) + (f" for each {code(check.each)}" if check.each else "")
        since = f", from {check.since} on" if check.since else ""
        rows.append([code(name), _linked(check.code), check.otherwise + since, asked, cell(check.message)])
    return table(["Check", "Issue code", "Consequence", "Condition", "Message"], rows)


def _sets(sets: Mapping[str, SetCheck]) -> str:
    rows = []
    for name, check in sets.items():
        limits = [f"at least {check.min}" if check.min else "", f"at most {check.max}" if check.max else ""]
        fields = ", ".join(map(code, filter(None, [*check.key, check.by, *check.fields, check.other])))
        about = " ".join(filter(None, [f"{code(check.check)} of {fields}", *limits]))
        rows.append([code(name), _linked(check.code), check.otherwise, about, cell(check.message)])
    return table(["Check", "Issue code", "Consequence", "What is compared", "Message"], rows)


def _linked(name: str) -> str:
    return f"[{code(name)}](../checks.md#{name})"


# --- keys of definition files ----------------------------------------------------------------------------------------


def keys(model: type[BaseModel], *, without: Iterable[str] = ()) -> str:
    """The keys of a model, what each takes, and what it means."""
    left_out = set(without)
    rows = [
        [code(info.alias or name), cell(_takes(info)), cell(_meaning(model, name, info))]
        for name, info in model.model_fields.items()
        if name not in left_out
    ]
    return table(["Key", "Default", "Meaning"], rows)


def _meaning(model: type[BaseModel], name: str, info: FieldInfo) -> str:
    """The model's own description, else the docs' words."""
    key = info.alias or name
    said = words()["keys"].get(model.__name__, {}).get(key, "")
    text = said or info.description or words()["keys"]["any"].get(key, "")
    if not text:
        message = f"docs/words.yaml does not say what {key!r} of {model.__name__} means"
        raise LookupError(message)
    return str(text)


def _takes(info: FieldInfo) -> str:
    """The default of a key, in YAML's spelling."""
    if info.is_required():
        return "needed"
    default = info.default
    if isinstance(default, bool):
        return "true" if default else "false"
    options = get_args(info.annotation) if get_origin(info.annotation) is Literal else ()
    if options:
        return f"{default}, of: {', '.join(map(str, options))}"
    return str(default) if isinstance(default, str | int) and default != "" else ""


def types() -> str:
    """The types of channel fields."""
    kinds = get_args(definition.TypeName)
    return table(["Type", "Values"], [[code(name), cell(words()["types"][name])] for name in kinds])


def consequences() -> str:
    """What the consequences do."""
    kinds = get_args(definition.Consequence)
    told = words()["consequences"]
    return table(["Consequence", "What happens", "Severity"], [[code(name), *told[name]] for name in kinds])


# --- the command line ------------------------------------------------------------------------------------------------


def exit_codes() -> str:
    """All exit codes."""
    return table(["Code", "Means"], [[str(number), cell(text)] for number, text in sorted(CODES.items())])


def exit_order() -> str:
    """Which exit code counts where several hold."""
    return f"Where several hold at once, the first of these counts: {', '.join(map(str, CODES))}.\n"


def commands() -> str:
    """The help of every command."""
    parts = []
    for path in command_names():
        told = CliRunner(env=PLAIN).invoke(app, [*path.split(), "--help"], prog_name="feedsmith").output
        lines = "\n".join(line.rstrip() for line in told.strip().splitlines())
        parts.append(f"### `feedsmith {path}`\n\n```text\n{lines}\n```\n")
    return "\n".join(parts)


def command_names(group: typer.Typer = app, before: str = "") -> Iterator[str]:
    """The commands as they are typed, such as `channels list`."""
    yield from (f"{before}{command.name}" for command in group.registered_commands)
    for sub in group.registered_groups:
        if sub.typer_instance is not None:
            yield from command_names(sub.typer_instance, f"{before}{sub.name} ")


BLOCK = tuple(project.Block.model_fields)

SECTIONS: dict[str, Callable[[], str]] = {
    "block-keys": partial(keys, project.Block),
    "canonical-fields": canonical_fields,
    "catalog-keys": partial(keys, project.CatalogDefinition),
    "channel-keys": partial(keys, ChannelDefinition),
    "channels": channel_table,
    "channels-readme": partial(channel_table, "docs/channels/"),
    "check-keys": partial(keys, ItemCheck),
    "consequences": consequences,
    "commands": commands,
    "dialect-keys": partial(keys, definition.Dialect),
    "envelope-keys": partial(keys, definition.Envelope),
    "exit-codes": exit_codes,
    "exit-order": exit_order,
    "feed-keys": partial(keys, project.Feed, without=BLOCK),
    "field-keys": partial(keys, FieldDefinition),
    "functions": functions,
    "headings": headings,
    "issue-codes": issue_codes,
    "inherit-keys": partial(keys, project.InheritDefinition),
    "length-keys": partial(keys, Length),
    "market-keys": partial(keys, project.Market, without=BLOCK),
    "own-check-keys": partial(keys, project.OwnCheck),
    "pattern-keys": partial(keys, definition.Pattern),
    "project-keys": partial(keys, project.ProjectDefinition, without=BLOCK),
    "range-keys": partial(keys, definition.Range),
    "repeat-keys": partial(keys, definition.Repeat),
    "requirement-keys": partial(keys, definition.Requirement),
    "rule-keys": partial(keys, RuleDefinition),
    "rule-set-keys": partial(keys, project.RuleSet, without=BLOCK),
    "set-keys": partial(keys, SetCheck),
    "source-keys": partial(keys, project.SourceDefinition),
    "steps": steps,
    "systems": systems,
    "text-checks": text_checks,
    "types": types,
}
"""Name of a generated part → what makes it."""
