"""The generated parts of the docs, each a function without arguments that gives Markdown: `SECTIONS` is the list."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, partial
from typing import Literal, get_args, get_origin

import typer
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from typer.testing import CliRunner

from docs.cards import card_table
from docs.channel_page import MADE, channel_page
from docs.codes import raised_by
from docs.compare import compare_rules
from docs.markdown import cell, code, table, words
from feedsmith.catalog import system
from feedsmith.catalog.product import FIELDS
from feedsmith.catalog.records import PRODUCT, RECORDS
from feedsmith.catalog.tables import read_table
from feedsmith.checks.texts import TEXT_CHECKS
from feedsmith.cli.app import app
from feedsmith.cli.exits import CODES
from feedsmith.definitions import channel as definition
from feedsmith.definitions import field as of_field
from feedsmith.definitions import project
from feedsmith.definitions.channel import ChannelDefinition, ItemCheck, SetCheck
from feedsmith.definitions.field import FieldDefinition, Length
from feedsmith.definitions.guards import GUARDS, REASONS, GuardDefinition
from feedsmith.definitions.load import Channel, channel_files, load_channel
from feedsmith.definitions.parent import ParentRow
from feedsmith.definitions.rule import RuleDefinition
from feedsmith.mapping.functions import FUNCTIONS
from feedsmith.mapping.steps import STEPS
from feedsmith.publish.kinds import COMMON, KINDS
from feedsmith.publish.settings import ExpectedAnswer, TargetSettings
from feedsmith.resources import bundled
from feedsmith.run.metrics import FAMILIES, PREFIX

PLAIN = {"COLUMNS": "100", "NO_COLOR": "1", "TERM": "dumb"}
"""Of a help text that is the same everywhere."""


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


def other_records() -> str:
    """The fields of the records besides products."""
    parts = []
    for record in RECORDS.values():
        if record is not PRODUCT:
            rows = [[code(field.name), cell(field.description)] for field in record.fields.values()]
            parts.append(f"### {record.title.capitalize()}\n\n" + table(["Field", "Meaning"], rows))
    return "\n".join(parts)


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
    known = system.systems()
    rows = []
    for name in known:
        one = known[name].definition
        kinds = [kind for kind in one.files.values() if kind.part not in system.BESIDE]
        marks = [together for kind in kinds for together in kind.when]
        rows.append([cell(one.title), code(name), " or ".join(" + ".join(map(code, together)) for together in marks)])
    return table(["System", "Name", "Recognised by the headings"], sorted(rows))


def system_codes() -> str:
    """The files that say what codes stand for, of each system."""
    rows = []
    known = system.systems()
    for name in known:
        one = known[name].definition
        for kind, file in one.files.items():
            if file.codes is None:
                continue
            rule = file.codes
            what = (
                "paths of categories" if rule.parent else "names of options" if rule.options
                else "what variants differ in" if rule.several else "attributes with their values" if rule.group
                else "words for values"
            )  # fmt: skip
            marks = " or ".join(" + ".join(map(code, together)) for together in file.when[:2])
            rows.append([cell(one.title), code(kind), what, marks])
    return table(["System", "File", "What it gives", "Recognised by the headings"], sorted(rows))


def system_files() -> str:
    """What each system's files hold, and how their rows become products."""
    known = system.systems()
    rows = []
    for name in known:
        one = known[name].definition
        shape = one.shape
        what = [text for text, is_so in (
            ("parents and variants", shape is not None and (shape.up or shape.children or shape.follows)),
            ("options", shape is not None and (shape.options or shape.axes or shape.children)),
            ("codes", any(file.codes for file in one.files.values())),
            ("picture rows", shape is not None and any(row.part == "image" for row in shape.rows)),
            ("attributes in pairs", shape is not None and shape.pairs),
            ("store views and languages", shape is not None and (shape.views or shape.languages)),
            ("made ids", shape is not None and shape.id),
            ("page addresses", shape is not None and shape.link),
        ) if is_so]  # fmt: skip
        rows.append([cell(one.title), ", ".join(map(code, one.files)), ", ".join(what)])
    return table(["System", "Files that go together", "Understood beside the columns"], sorted(rows))


# --- channels --------------------------------------------------------------------------------------------------------


@cache
def channels() -> Mapping[str, Channel]:
    """The bundled channels."""
    here = bundled("channels")
    files = {name: path for name, path in channel_files(here.parent / "no project").items() if path.parent == here}
    return {name: load_channel(name, files) for name in files}


def channel_table(folder: str = "channels/") -> str:
    """The bundled channels by the kind of place, with a link to the page of each."""
    kinds = get_args(definition.PlaceKind)
    rows = []
    for name, channel in sorted(channels().items(), key=lambda one: (kinds.index(one[1].definition.kind), one[0])):
        one = channel.definition
        link = f"[{code(name)}]({folder}{name}.md)"
        fields = str(len(one.fields))
        rows.append(
            [link, words()["places"][one.kind], cell(one.title), one.format.upper(), fields, one.read.isoformat()]
        )
    return table(["Channel", "Place", "What it is", "Format", "Fields", "Specification read"], rows)


def channel_summary() -> str:
    """The names of the bundled channels by the kind of place."""
    kinds: dict[str, list[str]] = {kind: [] for kind in get_args(definition.PlaceKind)}
    for name, channel in sorted(channels().items()):
        kinds[channel.definition.kind].append(f"[{code(name)}](docs/channels/{name}.md)")
    rows = [[words()["places"][kind], ", ".join(names)] for kind, names in kinds.items() if names]
    return f"{len(channels())} channels come with feedsmith:\n\n" + table(["Place", "Channels"], rows)


def channel_pages() -> dict[str, str]:
    """The page of each bundled channel and their index, by their path in the checkout."""
    pages = {f"docs/channels/{name}.md": channel_page(channel) for name, channel in channels().items()}
    return {"docs/channels/index.md": f"# The bundled channels\n\n{MADE}\n\n{channel_table('')}", **pages}


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


def guards() -> str:
    """What a feed is compared by with the version before it."""
    rows = []
    for name, guard in GUARDS.items():
        levels = ["" if level is None else f"{level} {guard.unit}" for level in (guard.warn, guard.hold)]
        rows.append([code(name), code(guard.code), *levels, cell(guard.sentence)])
    return table(["Guard", "Issue code", "Warns above", "Holds above", "What trips it"], rows)


def guard_reasons() -> str:
    """What holds a feed without any level."""
    rows = [[code(name), cell(reason.sentence), cell(reason.help)] for name, reason in REASONS.items()]
    return table(["Issue code", "What trips it", "What helps"], rows)


def types() -> str:
    """The types of channel fields."""
    kinds = get_args(of_field.TypeName)
    return table(["Type", "Values"], [[code(name), cell(words()["types"][name])] for name in kinds])


def consequences() -> str:
    """What the consequences do."""
    kinds = get_args(of_field.Consequence)
    told = words()["consequences"]
    return table(["Consequence", "What happens", "Severity"], [[code(name), *told[name]] for name in kinds])


# --- the command line ------------------------------------------------------------------------------------------------


def targets() -> str:
    """The kinds of targets."""
    rows = [
        [code(kind.example), cell(kind.title), code(kind.extra) if kind.extra else "", cell(kind.whole)]
        for kind in KINDS.values()
    ]
    return table(["Address", "Place", "Extra", "How a file gets there"], rows)


def target_keys() -> str:
    """The keys of a target, with the kinds that know them."""
    rows = []
    for name, info in TargetSettings.model_fields.items():
        of = [f"{scheme}://" for scheme, kind in KINDS.items() if name in kind.options]
        kinds = "all" if name in COMMON else ", ".join(map(code, of))
        rows.append([code(name), cell(_takes(info)), kinds, cell(_meaning(TargetSettings, name, info))])
    return table(["Key", "Default", "For", "Meaning"], rows)


def exit_codes() -> str:
    """All exit codes."""
    return table(["Code", "Means"], [[str(number), cell(text)] for number, text in sorted(CODES.items())])


def metrics() -> str:
    """The metrics of an export."""
    return table(["Metric", "What it is"], [[code(f"{PREFIX}{name}"), cell(text)] for name, text in FAMILIES.items()])


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
    "example-keys": partial(keys, project.ExampleDefinition),
    "block-keys": partial(keys, project.Block),
    "canonical-fields": canonical_fields,
    "cards": lambda: card_table(channels()),
    "catalog-keys": partial(keys, project.CatalogDefinition),
    "channel-keys": partial(keys, ChannelDefinition),
    "channels": channel_table,
    "channels-readme": channel_summary,
    "check-keys": partial(keys, ItemCheck),
    "compare-rules": compare_rules,
    "consequences": consequences,
    "commands": commands,
    "dialect-keys": partial(keys, definition.Dialect),
    "envelope-keys": partial(keys, definition.Envelope),
    "exit-codes": exit_codes,
    "exit-order": exit_order,
    "feed-keys": partial(keys, project.Feed, without=BLOCK),
    "field-keys": partial(keys, FieldDefinition),
    "functions": functions,
    "guard-keys": partial(keys, GuardDefinition),
    "guard-reasons": guard_reasons,
    "guards": guards,
    "group-keys": partial(keys, definition.GroupDefinition),
    "delete-keys": partial(keys, definition.Deletes),
    "parent-keys": partial(keys, ParentRow),
    "headings": headings,
    "other-records": other_records,
    "issue-codes": issue_codes,
    "metrics": metrics,
    "environment-keys": partial(keys, project.FromEnvironment),
    "history-keys": partial(keys, project.HistoryDefinition),
    "inherit-keys": partial(keys, project.InheritDefinition),
    "length-keys": partial(keys, Length),
    "market-keys": partial(keys, project.Market, without=BLOCK),
    "own-check-keys": partial(keys, project.OwnCheck),
    "pattern-keys": partial(keys, of_field.Pattern),
    "project-keys": partial(keys, project.ProjectDefinition, without=BLOCK),
    "rank-keys": partial(keys, project.RankDefinition),
    "range-keys": partial(keys, of_field.Range),
    "repeat-keys": partial(keys, of_field.Repeat),
    "requirement-keys": partial(keys, of_field.Requirement),
    "rule-keys": partial(keys, RuleDefinition),
    "rule-set-keys": partial(keys, project.RuleSet, without=BLOCK),
    "set-keys": partial(keys, SetCheck),
    "source-keys": partial(keys, project.SourceDefinition),
    "steps": steps,
    "system-files": system_files,
    "system-keys": partial(keys, system.SystemDefinition),
    "system-file-keys": partial(keys, system.FileDefinition),
    "system-codes": system_codes,
    "system-codes-keys": partial(keys, system.CodesDefinition),
    "system-assigns-keys": partial(keys, system.AssignsDefinition),
    "system-window-keys": partial(keys, system.WindowDefinition),
    "system-gives-keys": partial(keys, system.GivesDefinition),
    "system-nested-keys": partial(keys, system.NestedDefinition),
    "system-row-keys": partial(keys, system.RowDefinition),
    "system-shape-keys": partial(keys, system.ShapeDefinition),
    "system-option-keys": partial(keys, system.OptionsDefinition),
    "system-children-keys": partial(keys, system.ChildrenDefinition),
    "system-image-keys": partial(keys, system.ImagesDefinition),
    "system-id-keys": partial(keys, system.IdDefinition),
    "system-link-keys": partial(keys, system.LinkDefinition),
    "system-availability-keys": partial(keys, system.AvailabilityDefinition),
    "system-category-keys": partial(keys, system.CategoriesDefinition),
    "system-view-keys": partial(keys, system.ViewsDefinition),
    "systems": systems,
    "text-checks": text_checks,
    "expect-keys": partial(keys, ExpectedAnswer),
    "target-keys": target_keys,
    "targets": targets,
    "types": types,
}
"""Name of a generated part → what makes it."""
