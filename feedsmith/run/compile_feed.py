"""Compiling a feed: every name of its rules, its channel and its template is checked here, before the first row."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from feedsmith.checks.fields import TEXTS, FieldCheck
from feedsmith.checks.items import Needed, compile_needed, item_scope
from feedsmith.checks.ledger import SEVERITIES
from feedsmith.checks.texts import TEXT_CHECKS
from feedsmith.checks.unfit import unfit_checks
from feedsmith.definitions.channel import ChannelDefinition
from feedsmith.definitions.load import Channel
from feedsmith.definitions.model import nearest
from feedsmith.definitions.node import Node
from feedsmith.definitions.parent import ParentRow
from feedsmith.definitions.resolve import FeedSpec, FieldRule
from feedsmith.definitions.rule import RuleDefinition, rule_cases
from feedsmith.errors import DefinitionError, DefinitionErrors, Mistakes
from feedsmith.issues import Issue
from feedsmith.mapping import rules
from feedsmith.mapping.compile import Layer, RuleCompiler
from feedsmith.mapping.expression import Compiled, compile_expression
from feedsmith.mapping.from_feed import FromFeed, Matched
from feedsmith.mapping.looked_up import Corrected
from feedsmith.mapping.rule import Rule
from feedsmith.mapping.types import CURRENCY, Type
from feedsmith.render.encoder import OutField
from feedsmith.run.channel_fields import ChannelField, feed_fields
from feedsmith.run.compile_checks import CheckCompiler
from feedsmith.run.delta.choose import check_key, with_delete_fields
from feedsmith.run.feed import CompiledFeed
from feedsmith.run.grouped import ROWS, GroupedFeed
from feedsmith.run.job import Job
from feedsmith.run.mapped_feed import MappedField
from feedsmith.run.names import Names
from feedsmith.run.output import output_of
from feedsmith.run.reading_fields import (
    as_read,
    cannot_be_asked,
    columns_read,
    passed_over,
    unknown_columns,
    unknown_members,
)
from feedsmith.run.unknown_fields import OF_GROUP, UnknownFields
from feedsmith.sources.json_groups import NUMBER
from feedsmith.sources.table import Table


def compile_feed(job: Job, spec: FeedSpec) -> CompiledFeed:
    """The feed ready to run.

    Raises:
        DefinitionError: with file, line and column; `DefinitionErrors` holds all that are independent.
    """
    channel = job.channels[spec.channel]
    feed = _FeedCompiler(job, spec, channel).compile()
    check_key(feed)
    return feed


def compile_feeds(job: Job) -> list[CompiledFeed]:
    """All feeds of the job, in their order.

    Raises:
        DefinitionError: as above; `DefinitionErrors` holds the mistakes of all feeds, each once.
    """
    mistakes = Mistakes()
    feeds = [mistakes.trying(partial(compile_feed, job, spec)) for spec in job.specs]
    mistakes.tell()
    return [feed for feed in feeds if feed is not None]


def compile_layers(job: Job, feed: CompiledFeed) -> dict[str, tuple[Layer, ...]]:
    """Field → the layers of its rule in a compiled feed, the lowest first; only fields with rules of the project.

    The fields of groups are left out: they are worked out over several products.

    Raises:
        DefinitionError: a rule that another one hides is wrong.
    """
    return _FeedCompiler(job, feed.spec, job.channels[feed.spec.channel], feed.names).layers()


def _names(job: Job, spec: FeedSpec, channel: ChannelDefinition) -> Names:
    names = Names(job, spec, channel)
    return names if channel.group is None else names.with_siblings()


class _FeedCompiler:
    def __init__(self, job: Job, spec: FeedSpec, channel: Channel, names: Names | None = None) -> None:
        self.job, self.spec, self.channel = job, spec, channel
        self.definition = channel.definition
        self.names = names or _names(job, spec, self.definition)
        self.fields = {one.key: one for one in feed_fields(channel, spec, job.now.date())}
        self.definitions = {key: one.definition for key, one in self.fields.items()}
        self.scope = item_scope(self.definitions, self.names.scope)
        self.mistakes: list[DefinitionError] = []
        self.notes: list[Issue] = []
        self.read = columns_read(self._table, self.definitions, group=names is not None) if job.reads else None

    @property
    def _table(self) -> Table:
        """The feed's own file, where it is only read."""
        return self.job.streams[0].tables[0]

    def compile(self) -> CompiledFeed:
        parts = self.parts()
        group = self._group_compiler()
        of_group = group.parts() if group is not None else {}
        if group is not None:
            self.mistakes += group.mistakes
            self.notes += group.notes
        self._raise_mistakes()
        fields: tuple[MappedField, ...] = parts["fields"]
        if group is not None and self.definition.format in ROWS:
            fields = parts["fields"] = _with_columns(fields, of_group["fields"])
        of_group_keys = self._keys_of_group(of_group["fields"]) if group is not None else None
        out, active = [one.out for one in fields], [one.out for one in fields if one.active]
        folder, writes = self.job.project.folder, self.read is None
        output = output_of(self.spec, self.channel, out, active, folder, of_group_keys, writes=writes)
        self.notes += output.issues
        shared: dict[str, Any] = {
            "encoder": output.encoder, "template": output.template, "context": output.context, "book": output.book,
            "tracks": self.job.tracks,
        }  # fmt: skip
        if group is None or self.definition.group is None:
            return CompiledFeed(**parts, **shared, notes=tuple(self.notes))
        by = self.definition.group.by
        own = CompiledFeed(**of_group, **shared)
        return GroupedFeed(**parts, **shared, notes=tuple(self.notes), by=by, group=own, parent=self._parent())

    def _parent(self) -> ParentRow | None:
        """The row of a group, with a key for each value of a variable that repeats a field."""
        parent = self.definition.group.parent if self.definition.group is not None else None
        if parent is None:
            return None
        lists = {"copies": parent.copies, "moves": parent.moves, "common": parent.common}
        return parent.model_copy(update={name: [*self._expanded(keys)] for name, keys in lists.items()})

    def _expanded(self, names: list[str]) -> Iterator[str]:
        for name in names:
            repeated = self.definition.fields[name].expand is not None
            yield from (key for key in self.fields if key.startswith(f"{name}_")) if repeated else (name,)

    def _keys_of_group(self, fields: tuple[MappedField, ...]) -> list[str]:
        """The fields that the template finds on a group: its own, and those that it takes from its variants."""
        parent = self._parent()
        return list(dict.fromkeys([*(one.key for one in fields), *(parent.takes if parent is not None else ())]))

    def _group_compiler(self) -> "_FeedCompiler | None":
        """What compiles the fields of a group, as those of a channel of its own."""
        group = self.definition.group
        if group is None or (self.read is not None and NUMBER not in self._table.headings):
            return None
        node = self.channel.node.map["group"]
        if group.by not in self.names.scope.names:
            problem = f"{group.by!r} is no field of a product"
            hint = nearest(group.by, self.names.scope.names)
            self.mistakes.append(DefinitionError(node.map["by"].place, problem, hint))
        changes = {"fields": group.fields, "checks": group.checks, "sets": {}, "group": None}
        channel = replace(self.channel, node=node, definition=self.definition.model_copy(update=changes))
        own = {
            name.removeprefix(OF_GROUP): rule for name, rule in self.spec.fields.items() if name.startswith(OF_GROUP)
        }
        severities = {name: entry for name, entry in self.spec.checks.items() if isinstance(entry[0], str)}
        spec = replace(self.spec, fields=own, where=(), exclude={}, checks=severities, overrides=())
        return _FeedCompiler(self.job, spec, channel, self.names.for_groups(dict(self.scope.names)))

    def parts(self) -> dict[str, Any]:
        """What a compiled feed is made of, besides what it is written by; mistakes are in `mistakes`."""
        if self.read is None:
            unknown = UnknownFields(self.job, self.spec, self.definition, frozenset(self.fields))
            self.notes += unknown.notes()
            self.mistakes += unknown.mistakes
        else:
            self.notes += self._unknown_columns(self.read)
        fields = tuple(one for one in map(self._field, self.fields.values()) if one is not None)
        fields = with_delete_fields(self.spec, self.definition, fields)
        checks = CheckCompiler(
            self.spec, self.channel, self.definitions, self.scope, self.names.scope, self.job.now.date(), self.mistakes
        ).parts({one.key for one in fields if not one.active}, self._can_be_asked)
        reads = self.job.reads
        read = (
            as_read(self.read, self.definition, reads, self._table)
            if self.read is not None and reads is not None
            else {}
        )
        return {
            "spec": self.spec, "channel": self.definition, "names": self.names, "fields": fields, **checks, **read,
        }  # fmt: skip

    def _unknown_columns(self, read: Matched) -> Iterator[Issue]:
        passed = passed_over(self.definition)
        members = unknown_members(read, self.definition.fields | self.definitions, passed, self._table)
        for issue in (*unknown_columns(read, self.definitions, passed, self._table), *members):
            yield replace(issue, feed=self.spec.name, channel=self.spec.channel)

    def _raise_mistakes(self) -> None:
        if self.mistakes:
            raise self.mistakes[0] if len(self.mistakes) == 1 else DefinitionErrors(tuple(self.mistakes))

    # --- fields ----------------------------------------------------------------------------------------------

    def _field(self, one: ChannelField) -> MappedField | None:
        try:
            return self._mapped(one)
        except DefinitionErrors as errors:
            self.mistakes += errors.errors
        except DefinitionError as error:
            self.mistakes.append(error)
        return None

    def _mapped(self, one: ChannelField) -> MappedField:
        self._check_texts(one)
        compiler = self._compiler(one)
        rule = self._rule(one, compiler) if self.read is None else self._from_feed(one, self.read)
        active = rule is not None and self._can_have_values(rule)
        needs = compile_needed(one.key, one.definition, one.node, self.scope)
        needed = [need for need in needs if need.when is None or self._can_be_asked(need.when)]
        if not active:
            needed = [need for need in needed if not self._noted(one, need)]
        return MappedField(
            out=OutField(one.key, one.definition.name or one.key, one.definition),
            rule=rule,
            active=active,
            check=FieldCheck.of(one.key, one.definition),
            unfit=unfit_checks(one.definition, self.definition) if self.read is None else (),
            needed=tuple(needed),
            currencies=rules.currency_names(rule, self.names.scope.names) if rule else (),
        )

    def layers(self) -> dict[str, tuple[Layer, ...]]:
        """The layers of each field that the project has a rule for."""
        written = {key: rule for key, rule in self.spec.fields.items() if key in self.fields}
        return {key: self._layers(self.fields[key], rule) for key, rule in written.items()}

    def _layers(self, one: ChannelField, written: FieldRule) -> tuple[Layer, ...]:
        compiler = self._compiler(one)
        default = self._default(one, compiler)
        found: list[Layer] = []
        layer: FieldRule | None = written
        while layer is not None:
            below = compiler.layers(layer.below, default) if layer.below is not None else default
            found.append(Layer(layer, compiler.layers(layer, default), below, *compiler.conditions(layer)))
            layer = layer.below
        return tuple(reversed(found))

    def _compiler(self, one: ChannelField) -> RuleCompiler:
        limit = one.definition.max
        length = limit.length if limit and limit.unit == "characters" else None
        return replace(self.names.compiler, scope=self.names.scope, limit=length)

    def _rule(self, one: ChannelField, compiler: RuleCompiler) -> Rule | None:
        default = self._default(one, compiler)
        written = self.spec.fields.get(one.key)
        rule = (compiler.layers(written, default) if written else default) if one.in_force else None
        if one.in_force:
            rule = self._corrected(one, rule)
        if rule is not None:
            self.names.depth(rule)
            _check_type(rule, one)
        return rule

    def _corrected(self, one: ChannelField, rule: Rule | None) -> Rule | None:
        """The rule with the tables of corrections that have a column of the field's name laid over it."""
        for node in self.spec.overrides:
            table = self.job.lookups.get(node.text)
            if table is not None and one.key in table.columns[1:]:
                key = compile_expression(replace(node, value="id"), self.names.scope)
                rule = Corrected(rule, table, key, one.key, node.place)
        return rule

    def _from_feed(self, one: ChannelField, read: Matched) -> Rule | None:
        columns = read.fields.get(one.key)
        return FromFeed(columns, self._table.place(None, columns.headings[0])) if columns else None

    def _noted(self, one: ChannelField, need: Needed) -> bool:
        """Whether the lack of a field that no product can have is told once, for the feed.

        It is where all products lack it, and where it is only worth knowing.
        """
        fixed = need.when is None or need.when.constant
        if need.consequence != "info" and (need.consequence != "warn" or not fixed):
            return False
        if need.when is None or (need.when.call()[0] if fixed else self._can_apply(need.when)):
            code = "missing-required" if need.when is None else "missing-conditional"
            self.notes.append(
                Issue(
                    code=code,
                    severity=SEVERITIES[need.consequence],
                    place=self.spec.channel_node.place,
                    feed=self.spec.name,
                    channel=self.spec.channel,
                    field=one.key,
                    reference=need.reference,
                    message=f"{need.message or f'{one.key} is empty'} ({self._lack()[0]})",
                    help=self._lack()[1].format(field=one.key, code=code),
                )
            )
        return True

    def _lack(self) -> tuple[str, str]:
        """Why no item has a field, and what to do about it."""
        if self.read is not None:
            return "no item has it", "send {field}"
        help_ = "give {field} a column or a rule; `checks: {{{code}: off}}` silences it"
        return "no column or rule gives it, for any product", help_

    def _can_apply(self, condition: Compiled) -> bool:
        """Whether any field that the condition names can have a value."""
        return any(self._default_present(name.removesuffix(CURRENCY)) for name in condition.names)

    def _default_present(self, name: str) -> bool:
        if self.read is not None:
            return name in self.read.fields
        return name in self.spec.fields or name.removeprefix("product.") in self.names.present

    def _check_texts(self, one: ChannelField) -> None:
        for check in one.definition.checks:
            name = check if isinstance(check, str) else next(iter(check))
            if name not in TEXT_CHECKS:
                place = one.node.map["checks"].place
                raise DefinitionError(place, f"there is no text check {name!r}", nearest(name, TEXT_CHECKS))
            if one.definition.type not in TEXTS:
                raise DefinitionError(place, f"{name} looks at texts, and {one.key} is of type {one.definition.type}")

    def _default(self, one: ChannelField, compiler: RuleCompiler) -> Rule | None:
        """The channel's own rule; without one, what the catalog calls by the same name."""
        definition = one.definition
        if definition.rule is not None:
            node = one.node.map["rule"]
            return compiler.cases(rule_cases(node), None, node)
        rule = RuleDefinition(
            from_=definition.from_, value=definition.value, steps=definition.steps, default=definition.default
        )
        if definition.from_ is None and definition.value is None:
            if self.definition.by_name and one.key in self.names.usual:
                node = Node(
                    {**one.node.map, "from": Node(one.key, one.node.place, one.node.place)},
                    one.node.place,
                    one.node.key_place,
                )
                return compiler.rule(rule.model_copy(update={"from_": one.key}), node)
            return compiler.rule(rule, one.node) if definition.default is not None else None
        return compiler.rule(rule, one.node)

    def _can_have_values(self, rule: Rule) -> bool:
        """Whether the rule reads anything that this catalog has, or needs nothing."""
        if isinstance(rule, rules.Steps):
            return rule.default is not None or self._can_have_values(rule.source)
        if isinstance(rule, rules.Expression) and rule.does == "from" and rule.reads:
            return any(self._is_present(name) for name in rule.reads)
        return True

    def _is_present(self, name: str) -> bool:
        if name in self.names.derived:
            return self._can_have_values(self.names.derived[name])
        return name in self.names.present

    def _can_be_asked(self, condition: Compiled) -> bool:
        return self.read is None or not cannot_be_asked(condition, self.spec.market)


def _with_columns(fields: tuple[MappedField, ...], of_group: tuple[MappedField, ...]) -> tuple[MappedField, ...]:
    """The variants' fields, with those that only the lines of groups fill."""
    filled = {one.key for one in of_group if one.active}
    return tuple(replace(one, active=one.active or one.key in filled) for one in fields)


def _check_type(rule: Rule, one: ChannelField) -> None:
    """A list where one value goes, or a group where a text goes, is a mistake of the rule."""
    _check_attributes(rule, one)
    single = one.definition.repeat is None and one.definition.type != "group"
    if single and rule.type in {Type.LIST, Type.GROUP, Type.GROUPS, Type.NUMBERS}:
        hint = "take one by first(…), or make a text by join(…, ', ')" if rule.type is Type.LIST else ""
        raise DefinitionError(rule.place, f"{one.key} takes one value, and the rule gives a {rule.type.value}", hint)


def _check_attributes(rule: Rule, one: ChannelField) -> None:
    """A group's rule names attributes that the field has."""
    inner = [rule.source] if isinstance(rule, rules.Steps) else [case for _, case in getattr(rule, "cases", ())]
    for each in inner:
        _check_attributes(each, one)
    for group in rule.groups if isinstance(rule, rules.Group) else ():
        for name, attribute in group:
            if name.removesuffix(CURRENCY) not in one.definition.group:
                hint = nearest(name, one.definition.group)
                raise DefinitionError(attribute.place, f"{one.key} has no attribute {name!r}", hint)
