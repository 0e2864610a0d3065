"""From a rule as written to a compiled rule, with every name checked on the way."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from feedsmith.definitions.model import nearest
from feedsmith.definitions.node import Node
from feedsmith.definitions.resolve import FieldRule, rule_definition
from feedsmith.definitions.rule import RuleDefinition
from feedsmith.errors import DefinitionError
from feedsmith.mapping import rules
from feedsmith.mapping.expression import Compiled, compile_expression, compile_text
from feedsmith.mapping.scope import Scope, Table
from feedsmith.mapping.steps import STEPS, Setting, StepKind
from feedsmith.mapping.types import Type

MISSING = ("error", "warning", "info", "ignore")


@dataclass(frozen=True)
class RuleCompiler:
    """Compiles rules over one scope. `limit` is the channel's length limit of the field, in code points."""

    scope: Scope
    tables: Mapping[str, Table]
    currency: str = ""
    limit: int | None = None

    def layers(self, rule: FieldRule, default: rules.Rule | None) -> rules.Rule | None:
        """A project's rule for a field, over the layers below it and the channel's default."""
        below = self.layers(rule.below, default) if rule.below else default
        if not rule.cases:
            return None
        compiled = self.cases(rule.cases, below, rule.node)
        if rule.when is None or compiled is None:
            return compiled
        when = compile_expression(rule.when, self.scope, Type.FLAG)
        return rules.Cases(((when, compiled),), below, rule.node.place)

    def cases(
        self, cases: tuple[tuple[RuleDefinition, Node], ...], below: rules.Rule | None, node: Node
    ) -> rules.Rule | None:
        """One rule, or a list of cases with conditions."""
        if len(cases) == 1 and cases[0][0].when is None:
            return self.rule(*cases[0], below)
        compiled = []
        for definition, case in cases:
            when = compile_expression(case.map["when"], self.scope, Type.FLAG) if definition.when else None
            rule = self.rule(definition, case, below)
            if rule is not None:
                compiled.append((when, rule))
        return rules.Cases(tuple(compiled), below, node.place)

    def rule(self, definition: RuleDefinition, node: Node, below: rules.Rule | None = None) -> rules.Rule | None:
        """One case: its source (or the rule below it), its steps and its default."""
        source = self.source(definition, node) if definition.sources else below
        if source is None:
            if definition.default is None:
                return None
            source = rules.Expression(compile_text(replace(node, value=""), self.scope), "nothing")
        steps = self.steps(definition, node, source.type)
        default = compile_text(node.map["default"], self.scope) if definition.default is not None else None
        return rules.Steps(source, steps, default, node.place) if steps or default else source

    def source(self, definition: RuleDefinition, node: Node) -> rules.Rule:
        """The rule of the one source key."""
        match definition.sources[0]:
            case "value":
                return rules.Expression(compile_text(node.map.get("value", node), self.scope), "value")
            case "from":
                return rules.Expression(self.reference(node.map["from"]), "from")
            case "calc":
                return rules.Expression(compile_expression(node.map["calc"], self.scope), "calc")
            case "parts":
                return self.parts(definition, node)
            case "table":
                return self.lookup(definition, node)
            case "list":
                return rules.Several(tuple(self.nested(item) for item in self.items(node.map["list"])), node.place)
            case "group":
                return rules.Group((self.group(node.map["group"]),), many=False, place=node.place)
            case _:
                groups = tuple(self.group(item) for item in self.items(node.map["groups"]))
                return rules.Group(groups, many=True, place=node.place)

    def reference(self, node: Node) -> Compiled:
        """A field, a heading as it stands in the file, or an expression."""
        if node.text in self.scope.headings and node.text not in self.scope.names:
            name = self.scope.headings[node.text]
            plain = compile_expression(replace(node, value=name), self.scope)
            return replace(plain, text=name)
        return compile_expression(node, self.scope)

    @staticmethod
    def items(node: Node) -> list[Node]:
        """The elements of a list."""
        return node.value if isinstance(node.value, list) else []

    def nested(self, node: Node) -> rules.Rule:
        """A rule inside a list or a group."""
        rule = self.rule(rule_definition(node), node)
        if rule is None:
            raise DefinitionError(node.place, "this rule has no source")
        return rule

    def group(self, node: Node) -> tuple[tuple[str, rules.Rule], ...]:
        """A rule for each attribute of a group."""
        return tuple((name, self.nested(item)) for name, item in node.map.items())

    def parts(self, definition: RuleDefinition, node: Node) -> rules.Parts:
        """The parts of a title: names and texts with `{{ }}`."""
        written = self.items(node.map["parts"])
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

    def lookup(self, definition: RuleDefinition, node: Node) -> rules.Lookup:
        """A look-up; `value` names the table's column, else it is the second one."""
        name = definition.table or ""
        if name not in self.tables:
            raise DefinitionError(node.map["table"].place, f"there is no table {name!r}", nearest(name, self.tables))
        if definition.key is None:
            raise DefinitionError(node.place, f"says no key for the table {name!r}", "for example key: product_type")
        table = self.tables[name]
        value = definition.value or table.columns[min(1, len(table.columns) - 1)]
        if value not in table.columns:
            place = node.map["value"].place
            raise DefinitionError(place, f"the table {name} has no column {value!r}", nearest(value, table.columns))
        missing = definition.missing or "warning"
        if missing not in MISSING:
            raise DefinitionError(node.map["missing"].place, f"{missing!r} is not one of {', '.join(MISSING)}")
        return rules.Lookup(table, compile_expression(node.map["key"], self.scope), value, missing, node.place)

    def steps(self, definition: RuleDefinition, node: Node, kind: Type) -> tuple[rules.Step, ...]:
        """The steps in order, each fitting the type before it."""
        found = []
        written = node.map.get("steps")
        for number, step in enumerate(definition.steps):
            place = written.value[number] if written and isinstance(written.value, list) else (written or node)
            name, argument = (step, None) if isinstance(step, str) else next(iter(step.items()))
            made = self.step(name, argument, place, kind)
            found.append(made)
            kind = made.gives
        return tuple(found)

    def step(self, name: str, argument: Any, node: Node, before: Type) -> rules.Step:
        """One step."""
        if name not in STEPS:
            raise DefinitionError(node.place, f"there is no step {name!r}", nearest(name, [*STEPS]))
        step = STEPS[name]
        convert = self.fits(name, step, node, before)
        try:
            call = step.make(argument, Setting(self.limit, self.tables, self.currency))
        except ValueError as error:
            raise DefinitionError(node.place, f"the step {name} {error}", f"for example {step.example}") from error
        does = name if argument is None else f"{name}: {argument}"
        key = ("step", name, repr(argument), self.limit, self.currency)
        return rules.Step(does, call, node.place, step.gives or before, key, convert)

    def fits(self, name: str, step: StepKind, node: Node, before: Type) -> bool:
        """Whether values are printed before the step; an error where that makes no sense."""
        if step.takes in {before, Type.ANY} or before in {Type.NONE, Type.ANY}:
            return False
        if step.takes is Type.TEXT and before in {Type.NUMBER, Type.DATE, Type.FLAG, Type.MEASURE}:
            return True
        hint = "put to_number before it" if step.takes is Type.NUMBER else ""
        raise DefinitionError(node.place, f"the step {name} takes a {step.takes.value}, found a {before.value}", hint)
