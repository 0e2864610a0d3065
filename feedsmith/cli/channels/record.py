"""A channel as a record: what `channels list` and `channels show` tell, and their JSON."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import date

    from feedsmith.definitions.channel import ItemCheck, SetCheck
    from feedsmith.definitions.field import FieldDefinition
    from feedsmith.definitions.load import Channel


def summary(channel: "Channel") -> dict[str, Any]:
    """What a list of channels tells of one."""
    from feedsmith.resources import bundled

    definition = channel.definition
    return {
        "name": channel.name,
        "title": definition.title,
        "kind": definition.kind,
        "format": definition.format,
        "delivery": definition.delivery,
        "fields": len(definition.fields),
        "read": definition.read.isoformat(),
        "from": "bundled" if channel.path.parent == bundled("channels") else "project",
        "path": str(channel.path),
    }


def record(channel: "Channel") -> dict[str, Any]:
    """All that a channel asks for and how it takes its feed."""
    definition = channel.definition
    return {
        **summary(channel),
        "extends": definition.extends,
        "owner": definition.owner,
        "reference": definition.reference,
        "semantics": definition.semantics,
        "deletes": definition.deletes.model_dump() if definition.deletes is not None else None,
        "whole": definition.whole,
        "blank": definition.blank,
        "envelope": definition.envelope.model_dump(),
        "dialect": definition.dialect.model_dump(),
        "fields": [_field(name, one) for name, one in definition.fields.items()],
        "checks": [_check(name, one) for name, one in definition.checks.items()],
        "sets": [_set(name, one) for name, one in definition.sets.items()],
        "codes": sorted(_codes(channel)),
    }


def _field(key: str, definition: "FieldDefinition") -> dict[str, Any]:
    from feedsmith.run.limits import limits_of, requirement

    limits = [
        {"asks": one.text, "else": one.consequence}
        for one in limits_of(definition)
        if not one.text.startswith(("required", "type ")) and one.codes != ("not-in-list",)
    ]
    return {
        "field": key,
        "name": definition.name or key,
        "note": definition.note,
        "requirement": requirement(definition),
        "required": [{"when": need.when, "else": need.otherwise} for need in definition.required],
        "type": definition.type,
        "else": definition.when_invalid,
        "limits": limits,
        "values": definition.values,
        "rule": _rule(key, definition),
        "status": definition.status,
        "uncertain": definition.uncertain,
        "since": _day(definition.since),
        "until": _day(definition.until),
        "changes": [one.model_dump(mode="json", by_alias=True) for one in definition.changes],
        "means": definition.means,
        "reference": definition.reference,
        "group": [_field(name, part) for name, part in definition.group.items()],
    }


def _check(name: str, check: "ItemCheck") -> dict[str, Any]:
    return {
        "name": name,
        "code": check.code,
        "field": check.field,
        "when": check.when,
        "each": check.each,
        "else": check.otherwise,
        "since": _day(check.since),
        "message": check.message,
        "help": check.help,
        "reference": check.reference,
    }


def _set(name: str, check: "SetCheck") -> dict[str, Any]:
    return {
        "name": name,
        "code": check.code,
        "check": check.check,
        "key": check.key,
        "by": check.by,
        "fields": check.fields,
        "other": check.other,
        "min": check.min,
        "max": check.max,
        "else": check.otherwise,
        "message": check.message,
        "help": check.help,
        "reference": check.reference,
    }


def _day(day: "date | None") -> str | None:
    return day.isoformat() if day else None


def _rule(key: str, definition: "FieldDefinition") -> str:
    """The default rule in words."""
    if definition.from_ is None and definition.value is None:
        source = f"default {definition.default}" if definition.default is not None else f"from {key}"
    else:
        source = f"from {definition.from_}" if definition.from_ is not None else f"value {definition.value}"
    steps = [
        step if isinstance(step, str) else " ".join(f"{name}: {value}" for name, value in step.items())
        for step in definition.steps
    ]
    return ", then ".join([source, *steps])


def _codes(channel: "Channel") -> set[str]:
    """Every issue code that the definition itself names."""
    from feedsmith.definitions.type_codes import TYPE_CODES
    from feedsmith.run.limits import limits_of

    definition = channel.definition
    found = {one.code for one in definition.checks.values()} | {one.code for one in definition.sets.values()}
    fields = list(definition.fields.values())
    while fields:
        one = fields.pop()
        fields += one.group.values()
        found |= {code for limit in limits_of(one) for code in limit.codes}
        found |= set(TYPE_CODES.get(one.type, ()))
    return found
