"""JSON Schemas (draft 2020-12) of the files that users write, made from the models that read them.

They hold for a file as an editor sees it: YAML's numbers and words of truth are texts for feedsmith, an empty value
removes an entry, and short forms such as `catalog: FILE` are as good as the long ones.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from feedsmith.catalog.product import FIELDS
from feedsmith.catalog.system import SystemDefinition
from feedsmith.definitions.channel import ChannelDefinition
from feedsmith.definitions.field import FieldDefinition
from feedsmith.definitions.load import Channel
from feedsmith.definitions.project import ProjectDefinition
from feedsmith.definitions.rule import RuleDefinition
from feedsmith.mapping.steps import STEPS

Schema = dict[str, Any]

DRAFT = "https://json-schema.org/draft/2020-12/schema"
ENTRIES = frozenset({"fields", "checks", "guards", "where", "exclude", "vars"})
"""Sections whose entries an empty value removes."""
BLOCKS = ("ProjectDefinition", "RuleSet", "Market", "Feed")
WORDS = ["yes", "no", "on", "off", "true", "false"]
"""Texts that are read as words of truth."""
SCALAR = ["string", "number", "boolean"]
RULE = {"$ref": "#/$defs/Rule"}


def project_schema(channels: Iterable[Channel], *, own_steps: bool = False) -> Schema:
    """The schema of `feedsmith.yaml`; the fields of a feed are those of its channel, one of these.

    `own_steps`: the project has steps of its own, so that any name may be one.

    Environments (`feedsmith.NAME.yaml`) and included files have the same form.
    """
    schema = _schema(ProjectDefinition)
    defs = schema["$defs"]
    known = list(channels)
    defs |= _rule_schemas()
    if own_steps:
        defs["Steps"]["anyOf"].append({"type": ["string", "object", "array"]})
    for block in (schema, *(defs[name] for name in BLOCKS if name in defs)):
        block["properties"]["fields"] = _fields(block["properties"]["fields"], RULE)
    catalog = defs["CatalogDefinition"]["properties"]
    catalog["fields"] = _fields(catalog["fields"], RULE)
    catalog["columns"]["properties"] = {name: {} for name in FIELDS}
    feed = defs["Feed"]
    feed["properties"]["channel"] = {
        "description": "The channel's name.",
        "anyOf": [{"enum": [one.name for one in known]}, {"type": "string"}],
    }
    for one in known:
        defs[_fields_of(one)] = _channel_fields(one)
    feed["allOf"] = [
        {
            "if": {"properties": {"channel": {"const": one.name}}, "required": ["channel"]},
            "then": {"properties": {"fields": {"$ref": f"#/$defs/{_fields_of(one)}"}}},
        }
        for one in known
    ]
    return {"$schema": DRAFT, "title": "feedsmith.yaml", **schema}


def channel_schema() -> Schema:
    """The schema of `channels/NAME.yaml`. A file that extends another one may leave out what that one says."""
    schema = _schema(ChannelDefinition)
    whole = {key: schema.pop(key) for key in ("properties", "required", "additionalProperties", "description")}
    defs = schema["$defs"]
    defs |= _rule_schemas()
    defs["FieldDefinition"]["properties"]["rule"] = RULE
    defs["FieldDefinition"]["properties"]["steps"] = {"$ref": "#/$defs/Steps"}
    defs["ChannelDefinition"] = {"type": "object", **whole}
    partly = {f"{name}Over": _partly(one) for name, one in defs.items() if name not in {"Rule", "Steps", "RuleCase"}}
    extending = {"required": ["extends"], "properties": {"extends": {"type": "string"}}}
    return {
        "$schema": DRAFT,
        "title": "feedsmith channel",
        "if": extending,
        "then": {"$ref": "#/$defs/ChannelDefinitionOver"},
        "else": {"$ref": "#/$defs/ChannelDefinition"},
        "$defs": {**defs, **partly},
    }


def system_schema() -> Schema:
    """The schema of `systems/NAME.yaml`."""
    return {"$schema": DRAFT, "title": "feedsmith system", **_schema(SystemDefinition)}


# --- from the models ---------------------------------------------------------------------------------------------


def _schema(model: type[BaseModel]) -> Schema:
    """A model's schema for YAML as editors read it, without the names that pydantic makes up."""
    schema: Schema = _walked(model.model_json_schema(), _loosened)
    schema.setdefault("$defs", {})
    schema.pop("title", None)
    return schema


def _walked(value: Any, change: Callable[[Schema], Schema]) -> Any:
    """A copy of a schema in which every part went through `change`, from the inside out."""
    if isinstance(value, list):
        return [_walked(item, change) for item in value]
    if not isinstance(value, dict):
        return value
    named = {"properties", "$defs", "patternProperties"}
    found = {
        key: {name: _walked(one, change) for name, one in item.items()} if key in named else _walked(item, change)
        for key, item in value.items()
    }
    return change(found)


def _loosened(schema: Schema) -> Schema:
    """What a text, a number and a truth may look like in YAML."""
    schema.pop("default", None)
    if isinstance(schema.get("title"), str):
        schema.pop("title")
    if schema.get("type") == "string" and not schema.keys() & {"enum", "const", "pattern", "format"}:
        schema["type"] = SCALAR
    elif schema.get("type") == "boolean":
        del schema["type"]
        schema["anyOf"] = [{"type": "boolean"}, {"enum": WORDS}]
    elif schema.get("type") == "object" and "properties" not in schema:
        schema["type"] = ["object", "null"]
    return schema


def _partly(schema: Schema) -> Schema:
    """The schema of a part that lies over another one: nothing is required, and an empty value removes."""

    def change(part: Schema) -> Schema:
        part.pop("required", None)
        part.pop("default", None)
        if "$ref" in part and part["$ref"].rpartition("/")[2] not in {"Rule", "Steps", "RuleCase"}:
            part["$ref"] += "Over"
        if isinstance(part.get("additionalProperties"), dict):
            part["additionalProperties"] = _or_empty(part["additionalProperties"])
        if "properties" in part:
            part["properties"] = {name: _or_empty(one) for name, one in part["properties"].items()}
        return part

    changed: Schema = _walked(schema, change)
    return changed


def _or_empty(schema: Schema) -> Schema:
    """The schema, or no value; what it says of the entry stays beside it."""
    said = {"description": schema["description"]} if "description" in schema else {}
    return {**said, "anyOf": [{key: one for key, one in schema.items() if key != "description"}, {"type": "null"}]}


# --- rules -------------------------------------------------------------------------------------------------------


def _rule_schemas() -> Schema:
    """`Rule` is any form of a rule, `RuleCase` one case of it, `Steps` a list of steps."""
    case = _schema(RuleDefinition)
    properties = case["properties"]
    properties["steps"] = {**properties["steps"], "$ref": "#/$defs/Steps"}
    properties["steps"].pop("anyOf", None)
    nested = {"type": "object", "additionalProperties": RULE}
    properties["group"] = {"description": properties["group"]["description"], **nested}
    properties["groups"] = {"description": properties["groups"]["description"], "type": "array", "items": nested}
    properties["list"] = {"description": properties["list"]["description"], "type": "array", "items": RULE}
    case.pop("$defs")
    one = [{"type": SCALAR}, {"$ref": "#/$defs/RuleCase"}]
    forms = [*one, {"type": "array", "items": {"anyOf": one}}, {"type": "null"}]
    return {
        "RuleCase": case,
        "Rule": {"description": "Where a field's value comes from.", "anyOf": forms},
        "Steps": _steps(),
    }


def _steps() -> Schema:
    """One step, or several: a name, or a name with its argument."""
    named = {
        "type": "object",
        "properties": {
            name: {"description": f"{step.does} Example: {step.example}"} for name, step in sorted(STEPS.items())
        },
        "additionalProperties": False,
        "minProperties": 1,
        "maxProperties": 1,
    }
    one = {"anyOf": [{"enum": sorted(STEPS)}, named]}
    return {"anyOf": [one, {"type": "array", "items": one}]}


def _fields(schema: Schema, rule: Schema) -> Schema:
    """A section of rules by field."""
    return {**schema, "type": ["object", "null"], "additionalProperties": rule}


def _fields_of(channel: Channel) -> str:
    return f"fields of {channel.name}".replace(" ", "_")


def _channel_fields(channel: Channel) -> Schema:
    """The fields that a feed of the channel may have rules for, with what the channel says of them."""
    definition = channel.definition
    schema: Schema = {
        "type": ["object", "null"],
        "properties": dict(_described(definition.fields)),
        "additionalProperties": False,
    }
    repeated = [name for name, one in definition.fields.items() if one.expand is not None]
    if repeated:
        schema["patternProperties"] = {f"^{name}_": RULE for name in repeated}
    if definition.group is not None:
        schema["properties"] |= dict(_described(definition.group.fields, "group."))
    return schema


def _described(fields: Mapping[str, FieldDefinition], before: str = "") -> Iterator[tuple[str, Schema]]:
    for name, one in fields.items():
        yield before + name, {**RULE, "description": one.note} if one.note else RULE
