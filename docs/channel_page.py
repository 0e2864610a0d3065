"""The page of a channel, made from its definition and from the feed that is expected of the sample shop."""

from collections.abc import Iterator, Mapping

from docs.blocks import ROOT
from docs.examples import example
from docs.markdown import cell, code, table, words
from feedsmith.catalog.product import FIELDS
from feedsmith.definitions.channel import ItemCheck, SetCheck
from feedsmith.definitions.field import FieldDefinition, Length
from feedsmith.definitions.load import Channel, template_file

MADE = "<!-- Made by `make docs` from the channel's definition; change that instead. -->"
GROUP_DEPTH = "&nbsp;&nbsp;"


def channel_page(channel: Channel) -> str:
    """The page as Markdown."""
    one = channel.definition
    parts = [
        f"# `{channel.name}`: {one.title}\n",
        MADE + "\n",
        table(["", ""], _facts(channel)),
        "## Fields\n",
        "[What happens](../checks.md#consequences) to a value or an item that breaks a rule stands in brackets.\n",
        table(["Field", "Needed", "Type", "Limits", "Value by default", "Note"], _field_rows(one.fields)),
    ]
    if changes := list(_changes(one.fields)):
        parts += ["## What changes by a date\n", table(["From", "Field", "What is laid over it"], changes)]
    if one.checks:
        parts += ["## Conditions\n", "None of these may be true of an item.\n", _conditions(one.checks)]
    if one.sets:
        parts += ["## Checks over the whole feed\n", _sets(one.sets)]
    if one.lists:
        rows = [[code(f"lists.{name}"), ", ".join(map(code, values))] for name, values in one.lists.items()]
        parts += ["## Lists\n", "Conditions and rules can name them.\n", table(["List", "Values"], rows)]
    if shown := example(channel):
        parts += ["## An item of the sample shop\n", shown]
    return "\n".join(parts)


def _facts(channel: Channel) -> Iterator[list[str]]:
    one = channel.definition
    most = {"items": one.envelope.items, "bytes": one.envelope.bytes}
    limits = [f"{number:,} {what}" for what, number in most.items() if number]
    yield ["Place", words()["places"][one.kind]]
    yield ["Owner", cell(one.owner)]
    if one.extends:
        yield ["Extends", f"[{code(one.extends)}]({one.extends}.md)"]
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
    if one.deletes is not None:
        said = "is deleted by an item of its own, with `deltas: true`; see [deltas](../delta.md)"
        yield ["An item that left the feed", cell(one.deletes.way) if one.deletes.way else said]
    if one.whole:
        yield ["Deltas", cell(f"none: {one.whole}")]
    if one.blank:
        yield ["Blank values", cell(one.blank)]


def _field_rows(fields: Mapping[str, FieldDefinition], depth: int = 0) -> Iterator[list[str]]:
    for key, one in fields.items():
        name = f"{GROUP_DEPTH * depth}{code(key)}" + (f"<br>in the feed {code(one.name)}" if one.name else "")
        yield [name, _needed(one), _type(one), _limits(one), _default(key, one) if not depth else "", _note(one)]
        yield from _field_rows(one.group, depth + 1)


def _changes(fields: Mapping[str, FieldDefinition], before: str = "") -> Iterator[list[str]]:
    for key, one in fields.items():
        for change in one.changes:
            said = ", ".join(f"{name}: {value}" for name, value in (change.model_extra or {}).items())
            yield [change.from_.isoformat(), code(before + key), cell(said)]
        yield from _changes(one.group, f"{before}{key}.")


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
