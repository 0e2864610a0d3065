"""From a rule as written to a compiled rule, with every name checked on the way."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from feedsmith.definitions.model import nearest
from feedsmith.definitions.node import Node
from feedsmith.definitions.resolve import FieldRule
from feedsmith.definitions.rule import RuleDefinition, rule_cases
from feedsmith.errors import DefinitionError, Mistakes
from feedsmith.mapping import rules
from feedsmith.mapping.expression import Compiled, compile_expression, compile_text
from feedsmith.mapping.looked_up import Lookup
from feedsmith.mapping.rule import Rule
from feedsmith.mapping.scope import Scope, Table
from feedsmith.mapping.step import Setting, StepKind
from feedsmith.mapping.steps import STEPS
from feedsmith.mapping.types import CURRENCY, Type

PRINTABLE = frozenset({Type.NUMBER, Type.DATE, Type.FLAG, Type.MEASURE, Type.ANY})
"""Types whose values a step for texts takes as they are printed."""
HINTS = {Type.NUMBER: "put to_number before it", Type.LIST: "put split before it"}
MISSING = ("error", "warning", "info", "ignore")


@dataclass(frozen=True)
class Layer:
    """One layer of a field's rule, to be looked at by itself.

    `whole` is the rule with all layers below it, `below` the rule without it; None gives no value. `when` is the
    condition of the layer, `cases` are those of its cases; None is always true.
    """

    rule: FieldRule
    whole: Rule | None
    below: Rule | None
    when: Compiled | None
    cases: tuple[Compiled | None, ...]


@dataclass(frozen=True)
class RuleCompiler:
    """Compiles rules over one scope.

    `limit` is the channel's length limit of the field, in code points; `steps` are the project's own, by name.
    """

    scope: Scope
    tables: Mapping[str, Table]
    currency: str = ""
    limit: int | None = None
    steps: Mapping[str, StepKind] = field(default_factory=dict)

    def layers(self, rule: FieldRule, default: Rule | None) -> Rule | None:
        """A project's rule for a field, over the layers below it and the channel's default."""
        below = self.layers(rule.below, default) if rule.below else default
        if not rule.cases:
            return None
        compiled = self.cases(rule.cases, below, rule.node)
        if rule.when is None or compiled is None:
            return compiled
        when = compile_expression(rule.when, self.scope, Type.FLAG)
        return rules.Cases(((when, compiled),), below, rule.node.place)

    def conditions(self, rule: FieldRule) -> tuple[Compiled | None, tuple[Compiled | None, ...]]:
        """The condition of a layer, and those of its cases; None where there is none."""
        when = compile_expression(rule.when, self.scope, Type.FLAG) if rule.when is not None else None
        return when, tuple(self.condition(*case) for case in rule.cases)

    def condition(self, definition: RuleDefinition, node: Node) -> Compiled | None:
        """The condition of a case."""
        return compile_expression(node.map["when"], self.scope, Type.FLAG) if definition.when is not None else None

    def cases(self, cases: tuple[tuple[RuleDefinition, Node], ...], below: Rule | None, node: Node) -> Rule | None:
        """One rule, or a list of cases with conditions."""
        if len(cases) == 1 and cases[0][0].when is None:
            return self.rule(*cases[0], below)
        mistakes = Mistakes()
        compiled = []
        for definition, case in cases:
            when = mistakes.trying(partial(self.condition, definition, case))
            rule = mistakes.trying(partial(self.rule, definition, case, below))
            if rule is not None:
                compiled.append((when, rule))
        mistakes.tell()
        return rules.Cases(tuple(compiled), below, node.place)

    def rule(self, definition: RuleDefinition, node: Node, below: Rule | None = None) -> Rule | None:
        """One case: its source (or the rule below it), its steps and its default."""
        source = self.source(definition, node) if definition.sources else below
        if source is None:
            if definition.default is None:
                return None
            source = rules.Expression(compile_text(replace(node, value=""), self.scope), "nothing")
        steps = self.compiled_steps(definition, node, source.type)
        default = compile_text(node.map["default"], self.scope) if definition.default is not None else None
        return rules.Steps(source, steps, default, node.place) if steps or default else source

    def source(self, definition: RuleDefinition, node: Node) -> Rule:
        """The rule of the one source key."""
        kind = definition.sources[0]
        written = node.map.get(kind, node)
        match kind:
            case "value":
                return rules.Expression(compile_text(written, self.scope), kind)
            case "from" | "calc":
                compiled = self.reference(written) if kind == "from" else compile_expression(written, self.scope)
                return rules.Expression(compiled, kind)
            case "parts":
                return self.parts(definition, node)
            case "table":
                return self.lookup(definition, node)
            case "list":
                return rules.Several(tuple(map(self.nested, self.several(written))), node.place)
            case _:
                groups = tuple(map(self.group, self.items(written) if kind == "groups" else [written]))
                return rules.Group(groups, many=kind == "groups", place=node.place)

    def reference(self, node: Node) -> Compiled:
        """A field, a heading as it stands in the file, or an expression."""
        if node.text in self.scope.headings and node.text not in self.scope.names:
            return compile_expression(replace(node, value=self.scope.headings[node.text]), self.scope)
        return compile_expression(node, self.scope)

    @staticmethod
    def items(node: Node) -> list[Node]:
        """The elements of a list."""
        return node.value if isinstance(node.value, list) else []

    def several(self, node: Node) -> list[Node]:
        """The elements of a list that must have one."""
        items = self.items(node)
        if not items:
            raise DefinitionError(node.place, "this list is empty", "name at least one value, or remove the rule")
        return items

    def nested(self, node: Node) -> Rule:
        """A rule inside a list or a group."""
        rule = self.cases(rule_cases(node), None, node)
        if rule is None:
            raise DefinitionError(node.place, "this rule has no source")
        return rule

    def group(self, node: Node) -> tuple[tuple[str, Rule], ...]:
        """A rule for each attribute of a group; an amount brings its currency along."""
        if not node.map:
            raise DefinitionError(
                node.place, "a group has a rule for each attribute, as {country: NL, price: 4.95 EUR}"
            )
        found: list[tuple[str, Rule]] = []
        for name, item in node.map.items():
            rule = self.nested(item)
            if rule.type in {Type.GROUP, Type.GROUPS}:
                raise DefinitionError(item.place, f"the attribute {name!r} is a {rule.type.value}, and takes one value")
            found.append((name, rule))
            currencies = rules.currency_names(rule, self.scope.names)
            if currencies:  # amounts that are worked with together are in one currency, such as price and sale price
                amount = replace(item, value=f"currency({currencies[0].removesuffix(CURRENCY)})")
                found.append((name + CURRENCY, rules.Expression(compile_expression(amount, self.scope), "from")))
        return tuple(found)

    def parts(self, definition: RuleDefinition, node: Node) -> rules.Parts:
        """The parts of a title: names and texts with `{{ }}`."""
        written = self.several(node.map["parts"])
        compiled = tuple(
            compile_text(part, self.scope) if "{{" in part.text or "{%" in part.text else self.reference(part)
            for part in written
        )
        for item in self.items(node.map["drop"]) if "drop" in node.map else []:
            if item.text not in (definition.parts or []):
                hint = nearest(item.text, definition.parts or [])
                raise DefinitionError(item.place, f"{item.text!r} is not among the parts", hint)
        drop = tuple((definition.parts or []).index(name) for name in definition.drop)
        return rules.Parts(compiled, drop, definition.separator, self.limit, node.place)

    def lookup(self, definition: RuleDefinition, node: Node) -> Lookup:
        """A look-up; `value` names the table's column, else it is the second one."""
        table = self.table(definition.table or "", node.map["table"])
        if "key" not in node.map or node.map["key"].value is None:
            raise DefinitionError(node.place, f"says no key for the table {table.name!r}", "such as key: product_type")
        value = definition.value or table.columns[min(1, len(table.columns) - 1)]
        if value not in table.columns:
            place = node.map["value"].place
            raise DefinitionError(
                place, f"the table {table.name} has no column {value!r}", nearest(value, table.columns)
            )
        missing = definition.missing or "warning"
        if missing not in MISSING:
            raise DefinitionError(node.map["missing"].place, f"{missing!r} is not one of {', '.join(MISSING)}")
        return Lookup(table, compile_expression(node.map["key"], self.scope), value, missing, node.place)

    def table(self, name: str, node: Node) -> Table:
        """The table of that name."""
        if name not in self.tables:
            raise DefinitionError(node.place, f"there is no table {name!r}", nearest(name, self.tables))
        return self.tables[name]

    def compiled_steps(self, definition: RuleDefinition, node: Node, kind: Type) -> tuple[rules.Step, ...]:
        """The steps in order, each fitting the type before it."""
        found = []
        written = node.map.get("steps")
        for number, step in enumerate(definition.steps):
            place = written.value[number] if written and isinstance(written.value, list) else (written or node)
            if isinstance(step, dict) and len(step) != 1:
                raise DefinitionError(place.place, "a step is one name, with its argument", "for example {cut: 70}")
            name, argument = (step, None) if isinstance(step, str) else next(iter(step.items()))
            made = self.step(name, argument, place, kind)
            found.append(made)
            kind = made.gives
        return tuple(found)

    def step(self, name: str, argument: Any, node: Node, before: Type) -> rules.Step:
        """One step."""
        step = STEPS.get(name) or self.steps.get(name)
        if step is None:
            place = node.map[name].key_place if name in node.map else node.place
            raise DefinitionError(place, f"there is no step {name!r}", nearest(name, [*STEPS, *self.steps]))
        convert = self.fits(name, step, node, before)
        try:
            call = step.make(argument, Setting(self.limit, self.tables, self.currency))
        except ValueError as error:
            raise DefinitionError(node.place, f"the step {name} {error}", f"for example {step.example}") from error
        does = name if argument is None else f"{name}: {argument}"
        key = ("step", name, repr(argument), self.limit, self.currency)
        return rules.Step(does, call, node.place, step.gives, key, convert, step.whole)

    def fits(self, name: str, step: StepKind, node: Node, before: Type) -> bool:
        """Whether values are printed before the step; an error where that makes no sense."""
        if step.takes in {before, Type.ANY} or before is Type.NONE:
            return False
        if step.takes is Type.TEXT and before in PRINTABLE:
            return True
        hint = HINTS.get(step.takes, "put join before it" if before is Type.LIST else "")
        raise DefinitionError(node.place, f"the step {name} takes a {step.takes}, found a {before}", hint)
