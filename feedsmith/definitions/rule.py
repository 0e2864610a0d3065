"""The forms in which a rule is written: in a project's `fields` and as a channel's default."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from feedsmith.definitions.model import Strict, validated
from feedsmith.definitions.node import Node
from feedsmith.errors import DefinitionError


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str | dict) else value


Steps = Annotated[
    list[str | dict[str, Any]],
    BeforeValidator(_as_list, json_schema_input_type=str | dict[str, Any] | list[str | dict[str, Any]]),
]
"""Step names, each alone (`strip_html`) or with its argument (`{cut: 150}`)."""


class RuleDefinition(Strict):
    """One way to get a value. Exactly one source key is used; `steps`, `default` and `when` go with any of them."""

    from_: str | None = Field(None, alias="from", description="An expression, most often a field's name.")
    value: str | None = Field(None, description="A text, with `{{ … }}` where a product's value goes.")
    calc: str | None = Field(None, description="An expression that gives a number.")
    parts: list[str] | None = Field(None, description="Fields or texts joined by blanks; empty ones are left out.")
    drop: list[str] = Field([], description="With `parts`: what to leave out first when the text is too long.")
    separator: str = Field(" ", description="With `parts`: what stands between two of them.")
    table: str | None = Field(None, description="The look-up table's name.")
    key: str | None = Field(None, description="With `table`: an expression that gives the key.")
    missing: str | None = Field(None, description="With `table`: `error`, `warning`, `info` or `ignore`.")
    group: dict[str, Any] | None = Field(None, description="A group: a rule for each of its attributes.")
    groups: list[dict[str, Any]] | None = Field(None, description="Several groups.")
    list_: list[Any] | None = Field(None, alias="list", description="Several values: a rule for each.")
    when: str | None = Field(None, description="The condition under which this rule is used.")
    steps: Steps = Field([], description="What is done with the value, one after the other.")
    default: str | None = Field(None, description="The text used where the value is empty.")

    @property
    def sources(self) -> list[str]:
        """The source keys that are filled."""
        keys = ("from_", "calc", "parts", "table", "group", "groups", "list_")
        used = [key.rstrip("_") for key in keys if getattr(self, key) is not None]
        return used if self.table is not None or self.value is None else [*used, "value"]


COMPANIONS = {"drop": "parts", "separator": "parts", "key": "table", "missing": "table"}
"""Keys that mean something only beside another one."""


def rule_cases(node: Node) -> tuple[tuple[RuleDefinition, Node], ...]:
    """The cases of a rule: one for a text or a mapping, several for a list.

    Raises:
        DefinitionError: a case has an unknown key or several sources.
    """
    items = node.value if isinstance(node.value, list) else [node]
    return tuple((rule_definition(item), item) for item in items)


def rule_definition(node: Node) -> RuleDefinition:
    """One case: a plain text is a text template."""
    if isinstance(node.value, str):
        return RuleDefinition(value=node.value)
    definition = validated(RuleDefinition, node)
    for name, owner in COMPANIONS.items():
        if name in node.map and getattr(definition, owner) is None:
            raise DefinitionError(node.map[name].key_place, f"the key {name!r} goes with {owner!r} only")
    if len(definition.sources) > 1:
        names = " and ".join(definition.sources)
        raise DefinitionError(node.place, f"a rule takes its value from one source, found {names}")
    return definition
