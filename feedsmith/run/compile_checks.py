"""Compiling what is asked of items: `where` and `exclude`, conditions of channel and project, checks over the feed."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from feedsmith.checks.items import Condition, compile_condition
from feedsmith.checks.sets import Key, keys_of
from feedsmith.definitions.channel import ItemCheck, SetCheck
from feedsmith.definitions.field import Consequence, FieldDefinition
from feedsmith.definitions.load import Channel
from feedsmith.definitions.node import Node
from feedsmith.definitions.project import OwnCheck
from feedsmith.definitions.resolve import FeedSpec
from feedsmith.errors import DefinitionError
from feedsmith.issues import Severity
from feedsmith.mapping.expression import Compiled, compile_expression, compile_text
from feedsmith.mapping.scope import Scope
from feedsmith.mapping.types import Type
from feedsmith.run.mapped_feed import OTHERWISE, Reason


@dataclass(frozen=True)
class CheckCompiler:
    """Compiles the conditions and set checks of one feed; what is wrong with them is added to `mistakes`.

    `definitions` are the channel's fields as the feed has them. `scope` has the names of items, `products` those of
    the catalog.
    """

    spec: FeedSpec
    channel: Channel
    definitions: Mapping[str, FieldDefinition]
    scope: Scope
    products: Scope
    today: date
    mistakes: list[DefinitionError]

    def parts(self, idle: set[str], can_be_asked: Callable[[Compiled], bool]) -> dict[str, Any]:
        """What a compiled feed is made of on this side.

        Args:
            idle: the fields that can have no value.
            can_be_asked: whether the feed tells enough for a condition of the channel.
        """
        reasons, conditions = tuple(self._reasons()), tuple(self._conditions(can_be_asked))
        own = tuple(self._own_conditions())
        checks = self._used_sets(idle)
        return {
            "reasons": reasons, "conditions": conditions, "own_conditions": own, "severities": self._severities(),
            "sets": checks, "key_expressions": self._key_expressions(checks), "told": self._told(checks),
            "keys": self._keys(checks),
        }  # fmt: skip

    # --- conditions ------------------------------------------------------------------------------------------

    def _reasons(self) -> Iterator[Reason]:
        scope = self.products
        for condition in self.spec.where:
            compiled = self._compiled(condition.node, scope)
            if compiled:
                yield Reason(f"not {condition.name}", compiled, wanted=True)
        for condition in self.spec.exclude.values():
            compiled = self._compiled(condition.node, scope)
            if compiled:
                yield Reason(condition.name, compiled, wanted=False)

    def _compiled(self, node: Node, scope: Scope) -> Compiled | None:
        try:
            return compile_expression(node, scope, Type.FLAG)
        except DefinitionError as error:
            self.mistakes.append(error)
        return None

    def _conditions(self, can_be_asked: Callable[[Compiled], bool]) -> Iterator[Condition]:
        checks = self.channel.node.map.get("checks")
        for name, check in self.channel.definition.checks.items():
            node = checks.map[name] if checks else self.channel.node
            condition = self._condition(name, check, node)
            if condition is not None and can_be_asked(condition.when):
                yield condition

    def _condition(self, name: str, check: ItemCheck, node: Node) -> Condition | None:
        try:
            _check_fields(name, check, node, self.definitions)
            return compile_condition(name, check, node, self.definitions, self.scope, self.today)
        except DefinitionError as error:
            self.mistakes.append(error)
        return None

    def _own_conditions(self) -> Iterator[Condition]:
        """The project's checks see the channel's fields first, and the product behind them."""
        base = self.products
        scope = replace(base, names={**base.names, **self.scope.names})
        for name, (check, node) in self.spec.checks.items():
            if not isinstance(check, OwnCheck):
                continue
            try:
                yield Condition(
                    name=name, code=name, when=compile_expression(node.map["when"], scope, Type.FLAG),
                    message=compile_text(node.map["message"], scope), field=check.field, each=None,
                    consequence=_own_consequence(check), help=check.help, reference=str(node.key_place),
                )  # fmt: skip
            except DefinitionError as error:
                self.mistakes.append(error)

    def _severities(self) -> Mapping[str, str]:
        return {name: check for name, (check, _) in self.spec.checks.items() if isinstance(check, str)}

    # --- sets ------------------------------------------------------------------------------------------------

    def _used_sets(self, idle: set[str]) -> dict[str, SetCheck]:
        """The set checks that can find anything in this catalog, over the fields that can have values."""
        off = {code for code, said in self._severities().items() if said == "off"}
        found: dict[str, SetCheck] = {}
        for name, check in self.channel.definition.sets.items():
            first = check.key[0] if check.key else check.by
            if self._is_idle(name, first, idle) or check.other in idle or check.code in off:
                continue
            key = [one for one in check.key if one not in idle]
            fields = [one for one in check.fields if not self._is_idle(name, one, idle)]
            if fields or not check.fields:
                found[name] = check.model_copy(update={"key": key, "fields": fields})
        return found

    def _is_idle(self, name: str, key: str | None, idle: set[str]) -> bool:
        """Whether a key of the check can have no value: an idle field, or an expression over such fields alone."""
        if key is None or key in self.definitions:
            return key in idle
        compiled = self._compiled_key(self._key_node(name, key))
        return compiled is not None and bool(compiled.names) and idle.issuperset(compiled.names)

    def _key_node(self, name: str, key: str) -> Node:
        place = self.channel.node.map["sets"].map[name].place
        return Node(key, place, place)

    def _gtin_fields(self) -> frozenset[str]:
        return frozenset(key for key, one in self.definitions.items() if one.type == "gtin")

    def _keys(self, checks: Mapping[str, SetCheck]) -> tuple[Key, ...]:
        """The digests to leave for the set checks."""
        gtins = self._gtin_fields()
        return tuple(dict.fromkeys(key for check in checks.values() for key in keys_of(check, gtins)))

    def _key_expressions(self, checks: Mapping[str, SetCheck]) -> dict[str, Compiled]:
        """The set checks' keys that are no fields but expressions over them."""
        found: dict[str, Compiled] = {}
        for name, check in checks.items():
            for text in filter(None, (*check.key, check.by, *check.fields, check.other)):
                if text not in self.definitions and text not in found:
                    compiled = self._compiled_key(self._key_node(name, text))
                    if compiled is not None:
                        found[text] = compiled
        return found

    def _compiled_key(self, node: Node) -> Compiled | None:
        try:
            return compile_expression(node, self.scope)
        except DefinitionError as error:
            self.mistakes.append(error)
        return None

    def _told(self, checks: Mapping[str, SetCheck]) -> tuple[str, ...]:
        """The fields whose values the set checks' messages name."""
        found: dict[str, None] = {}
        for name, check in checks.items():
            node = self.channel.node.map["sets"].map[name].map["message"]
            try:
                found |= dict.fromkeys(compile_text(node, self.scope).names)
            except DefinitionError as error:
                self.mistakes.append(error)
            found |= dict.fromkeys(key for key in check.key[:1] if key in self.definitions)
        return tuple(found)


def _check_fields(name: str, check: ItemCheck, node: Node, definitions: Mapping[str, FieldDefinition]) -> None:
    for field in filter(None, (check.field, check.each)):
        if field.partition(".")[0] not in definitions:
            raise DefinitionError(node.place, f"the check {name!r} is about {field!r}, which is no field")


def _own_consequence(check: OwnCheck) -> Consequence:
    return check.otherwise or OTHERWISE[Severity(check.severity)]
