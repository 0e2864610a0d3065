"""A channel's template: an ordinary Jinja file, cut at its item loop into head, items and foot.

`{{ item }}` prints all fields of an item in the channel's shape, `{{ item.title }}` one of them, and `raw.title` is
the value itself, for conditions. What is printed is encoded for the format already, so no template can forget to
escape. `item.title` becomes a variable of the loop, so a wrong name is an error before the first row.

Where an item is a group of products, the loop holds one `{% for variant in variants %}`, which is cut out in turn.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

from jinja2 import (
    FileSystemLoader,
    StrictUndefined,
    Template,
    TemplateError,
    TemplateNotFound,
    TemplateSyntaxError,
    nodes,
)
from jinja2.meta import find_undeclared_variables
from jinja2.sandbox import ImmutableSandboxedEnvironment

from feedsmith.definitions.model import nearest
from feedsmith.errors import DefinitionError, RenderError
from feedsmith.issues import Place

MARK = "\0"
"""Printed after each item, and taken away again: XML and JSON forbid it, and texts come here without it."""
ITEM, RAW, LOOP, ITEMS = "item", "raw", "loop", "items"
VARIANT, VARIANTS = "variant", "variants"
CARRIED = (nodes.Macro, nodes.Import, nodes.FromImport, nodes.Assign, nodes.AssignBlock)
"""What may stand before the item loop and be used in it and after it."""
OWNERS = frozenset({ITEM, RAW, VARIANT})
"""What has fields."""
FAILURES = (TemplateError, ArithmeticError, AttributeError, TypeError, ValueError, LookupError, RecursionError)
"""What a template's own expressions may raise."""
REFUSED = {nodes.Extends: "extends", nodes.Block: "block"}


@dataclass(frozen=True)
class Loop:
    """A loop of a template. `columns` names what it reads, in order: `item`, `item.title`, `raw.price`.

    `around` are the fixed texts around `{{ item }}`, where the loop prints nothing else: then no template need run.
    """

    template: Template
    columns: tuple[str, ...]
    around: tuple[str, str] | None = None


@dataclass(frozen=True)
class FeedTemplate:
    """A template cut in three, and the loop over the variants of a group that stood in the item loop."""

    path: str
    head: Template
    items: Loop
    foot: Template
    variants: Loop | None = None

    def head_text(self, context: Mapping[str, Any]) -> str:
        """What stands before the first item."""
        return self._rendered(self.head, context)

    def foot_text(self, context: Mapping[str, Any]) -> str:
        """What stands after the last item."""
        return self._rendered(self.foot, context)

    def item_texts(self, rows: Sequence[Any], context: Mapping[str, Any]) -> list[str]:
        """The text of each item; a row is a tuple of the loop's `columns`, or the one column's value.

        Raises:
            RenderError: the template failed on a row, with the template's file and line; or an item holds a NUL.
        """
        return self._texts(self.items, rows, context)

    def variant_texts(self, rows: Sequence[Any], context: Mapping[str, Any]) -> list[str]:
        """The text of each variant, in the same way."""
        return self._texts(self.variants, rows, context) if self.variants is not None else []

    def _texts(self, loop: Loop, rows: Sequence[Any], context: Mapping[str, Any]) -> list[str]:
        if not rows:
            return []
        if loop.around is not None:
            before, after = loop.around
            texts = [f"{before}{item}{after}" for item in rows if MARK not in item]
        else:
            texts = self._rendered(loop.template, {**context, ITEMS: rows}).split(MARK)[:-1]
        if len(texts) != len(rows):
            problem = "an item's text holds a NUL character, which no format allows"
            raise RenderError(Place(self.path), problem, "look for \\0 in the template and in the rules' fixed texts")
        return texts

    def _rendered(self, template: Template, context: Mapping[str, Any]) -> str:
        try:
            # Not `render`: it rewrites the traceback, and the template's line could no longer be told.
            return "".join(template.root_render_func(template.new_context(dict(context))))
        except FAILURES as error:
            raise RenderError(self._place(error.__traceback__), f"the template failed: {error}") from error

    def _place(self, trace: TracebackType | None) -> Place:
        """Where an error happened: file and line of the last frame that is a template's."""
        place = Place(self.path)
        while trace is not None:
            template = trace.tb_frame.f_globals.get("__jinja_template__")
            if template is not None:
                path = _beside(self.path, template.name or self.path)
                place = Place(path, template.get_corresponding_lineno(trace.tb_lineno))
            trace = trace.tb_next
        return place


def no_template() -> FeedTemplate:
    """The template of a feed that is not written."""
    empty = Template("")
    return FeedTemplate("", empty, Loop(empty, ()), empty)


def load_template(
    path: Path,
    shown: str,
    fields: Sequence[str],
    context: Mapping[str, Any] | None = None,
    newline: Literal["\n", "\r\n"] = "\n",
    variant_fields: Sequence[str] | None = None,
) -> FeedTemplate:
    """Read and cut a template.

    Args:
        path: the file; includes and imports are looked for beside it.
        shown: its name in messages.
        fields: the names that `item.` and `raw.` know.
        context: what the template may name besides its items; None leaves names to be found when it is rendered.
        newline: the line ends that it writes.
        variant_fields: the names that `variant.` knows, where an item is a group.

    Raises:
        DefinitionError: the template is wrong or cannot be cut; with file and line.
    """
    environment = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined,
        loader=FileSystemLoader(path.parent, followlinks=False),
        keep_trailing_newline=True,
        newline_sequence=newline,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,  # every value is encoded for its format before a template sees it
    )
    environment.globals.clear()
    return _cut(environment, _source(path, shown), shown, fields, context, variant_fields)


def plain_template(
    source: str,
    shown: str,
    fields: Sequence[str],
    context: Mapping[str, Any],
    variant_fields: Sequence[str] | None = None,
) -> FeedTemplate:
    """A template that stands in no file and includes none."""
    environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined, trim_blocks=True, keep_trailing_newline=True)
    environment.globals.clear()
    return _cut(environment, source, shown, fields, context, variant_fields)


def _cut(
    environment: ImmutableSandboxedEnvironment,
    source: str,
    shown: str,
    fields: Sequence[str],
    context: Mapping[str, Any] | None,
    variant_fields: Sequence[str] | None = None,
) -> FeedTemplate:
    try:
        tree = environment.parse(source, shown)
        _check_referenced(environment, tree, shown)
        if context is not None:
            _check_names(tree, shown, context)
        return _Cutter(environment, shown, fields, variant_fields).cut(tree)
    except TemplateSyntaxError as error:
        place = Place(_beside(shown, error.name or shown), error.lineno)
        raise DefinitionError(place, f"the template cannot be read: {error.message}") from error


def _check_names(tree: nodes.Template, shown: str, context: Mapping[str, Any]) -> None:
    """Refuse a name, or a part of one, that the context does not have."""
    unknown = find_undeclared_variables(tree) - set(context) - {ITEMS, RAW, LOOP, VARIANTS}
    for node in tree.find_all(nodes.Name):
        if node.name in unknown:
            raise DefinitionError(Place(shown, node.lineno), f"there is no {node.name!r}", nearest(node.name, context))
    for part in tree.find_all(nodes.Getattr):
        owner = context.get(part.node.name) if isinstance(part.node, nodes.Name) else None
        if isinstance(owner, dict) and part.attr not in owner:
            problem = f"{part.node.name} has no {part.attr!r}"  # type: ignore[attr-defined] # it is a Name, see above
            hint = nearest(part.attr, owner)
            if part.node.name == "vars" and not hint:  # type: ignore[attr-defined]
                hint = f"give it in the feed: vars: {{{part.attr}: …}}"
            raise DefinitionError(Place(shown, part.lineno), problem, hint)


def _source(path: Path, shown: str) -> str:
    try:
        source = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise DefinitionError(Place(shown), "is not UTF-8 text", "save the template as UTF-8") from error
    except OSError as error:
        raise DefinitionError(Place(shown), f"cannot be read: {error.strerror}") from error
    if MARK in source:
        line = source[: source.index(MARK)].count("\n") + 1
        raise DefinitionError(Place(shown, line), "the template holds a NUL character", "take it out")
    return source


def _beside(shown: str, name: str) -> str:
    """The name in messages of a template that lies beside `shown`."""
    return name if name == shown else (Path(shown).parent / name).as_posix()


def _check_referenced(environment: ImmutableSandboxedEnvironment, tree: nodes.Template, shown: str) -> None:
    """Compile all that a template includes or imports, so that a mistake in it shows before the first row."""
    open_, known = [(shown, tree)], {shown}
    while open_:
        owner, tree = open_.pop()
        for node in tree.find_all((nodes.Include, nodes.Import, nodes.FromImport)):
            name = getattr(getattr(node, "template", None), "value", None)
            if not isinstance(name, str):
                raise DefinitionError(Place(owner, node.lineno), "an include or import names one file, in quotes")
            if name not in known:
                known.add(name)
                open_.append((_beside(shown, name), _parsed(environment, name, Place(owner, node.lineno))))


def _parsed(environment: ImmutableSandboxedEnvironment, name: str, place: Place) -> nodes.Template:
    loader = environment.loader
    try:
        source = loader.get_source(environment, name)[0] if loader else ""
        environment.get_template(name)
    except TemplateNotFound as error:
        raise DefinitionError(place, f"there is no template {name!r}", "it is looked for beside this one") from error
    except UnicodeDecodeError as error:
        raise DefinitionError(place, f"the template {name!r} is not UTF-8 text") from error
    return environment.parse(source, name)


class _Cutter:
    """Cuts a template's tree at its item loop, and makes what the loop reads variables of the loop."""

    def __init__(
        self,
        environment: ImmutableSandboxedEnvironment,
        shown: str,
        fields: Sequence[str],
        variant_fields: Sequence[str] | None,
    ) -> None:
        self.environment, self.shown = environment, shown
        self.fields = {ITEM: fields, RAW: fields}
        self.variant_fields = variant_fields

    def error(self, node: nodes.Node, problem: str, hint: str = "") -> DefinitionError:
        return DefinitionError(Place(self.shown, node.lineno), problem, hint)

    def cut(self, tree: nodes.Template) -> FeedTemplate:
        loop = self.item_loop(tree)
        at = tree.body.index(loop)
        self.check_outside([node for node in tree.body if node is not loop])
        carried: list[nodes.Node] = [node for node in tree.body[:at] if isinstance(node, CARRIED)]
        inner = self.variant_loop(loop)
        variants = None
        if inner is not None and self.variant_fields is not None:
            outer, self.fields = self.fields, {VARIANT: self.variant_fields}
            variants = self.loop(inner, carried, VARIANT)
            self.fields = outer
        items = self.loop(loop, carried, ITEM)
        head = self.compiled(tree.body[:at])
        foot = self.compiled([*carried, *tree.body[at + 1 :]])
        return FeedTemplate(self.shown, head, items, foot, variants)

    def loop(self, loop: nodes.For, carried: list[nodes.Node], item: str) -> Loop:
        """The loop by itself, over what it reads."""
        columns = self.rewrite(loop, item)
        variables: list[nodes.Expr] = [nodes.Name(variable, "store") for variable in columns.values()]
        loop.iter = nodes.Name(ITEMS, "load")
        loop.target = variables[0] if len(variables) == 1 else nodes.Tuple(variables, "store")
        around = _around(loop, list(columns), item)
        loop.body.append(nodes.Output([nodes.TemplateData(MARK)]))
        return Loop(self.compiled([*carried, loop]), tuple(columns), around)

    def variant_loop(self, loop: nodes.For) -> nodes.For | None:
        """The loop over variants, with `variants` printed in its place.

        Raises:
            DefinitionError: it is missing where an item is a group, there where it is none, or of another form.
        """
        found = [node for node in loop.find_all(nodes.For) if _is_name(node.iter, VARIANTS)]
        if not found and self.variant_fields is None:
            return None
        if self.variant_fields is None:
            hint = "the channel needs `item: group` for that"
            raise self.error(found[0], "an item of this channel has no variants", hint)
        if len(found) != 1:
            raise self.error(loop, "an item loop of groups needs one loop {% for variant in variants %} inside it")
        inner = found[0]
        if not _is_name(inner.target, VARIANT) or inner.test is not None or inner.else_ or inner.recursive:
            raise self.error(inner, "the loop over variants is plain: {% for variant in variants %}")
        shown = nodes.Output([nodes.Name(VARIANTS, "load", lineno=inner.lineno)], lineno=inner.lineno)
        for owner in [loop, *loop.find_all(nodes.Node)]:
            _replace(owner, inner, shown)
        return inner

    def item_loop(self, tree: nodes.Template) -> nodes.For:
        for kind, name in REFUSED.items():
            for node in tree.find_all(kind):
                raise self.error(node, f"a feed template cannot use {name}", "use include or a macro")
        loops = [node for node in tree.body if isinstance(node, nodes.For) and _is_name(node.iter, ITEMS)]
        uses = [node for node in tree.find_all(nodes.Name) if node.name == ITEMS]
        if not loops:
            where = uses[0] if uses else tree
            raise self.error(where, "a feed template needs one loop {% for item in items %} at its top level")
        loop = loops[0]
        for other in uses:
            if other is not loop.iter:
                raise self.error(other, "`items` can stand only once, in the head of the item loop")
        if loop.test is not None or loop.else_ or loop.recursive:
            hint = "leave items out by `where` or `exclude` in the project file"
            raise self.error(loop, "the item loop cannot have a condition, an else or be recursive", hint)
        if not _is_name(loop.target, ITEM):
            raise self.error(loop, "the item loop's variable is called item")
        return loop

    def check_outside(self, body: list[nodes.Node]) -> None:
        """Outside the item loop there is no item, except as an argument of a macro."""
        for part in body:
            if not isinstance(part, nodes.Macro):
                for node in part.find_all(nodes.Name):
                    if node.name in {*OWNERS, VARIANTS}:
                        raise self.error(node, f"{node.name!r} is known in the item loop only")

    def rewrite(self, loop: nodes.For, item: str) -> dict[str, str]:
        """Put a variable in the place of each `item`, `item.x` and `raw.x`; gives what was read, with its variable."""
        found: dict[str, str] = {}
        for owner, key, number, node in list(_places(loop, ("body",), inner=False)):
            name = self.column(node)
            if name is None:
                continue
            # The blank at the end: no template can name such a variable by chance.
            variable = nodes.Name(found.setdefault(name, f"column{len(found)} "), "load", lineno=node.lineno)
            if number is None:
                setattr(owner, key, variable)
            else:
                getattr(owner, key)[number] = variable
        return found or {item: "column0 "}

    def column(self, node: nodes.Node) -> str | None:
        """What a node of the loop reads of the item: `item`, `item.x`, `raw.x`; None for anything else."""
        if isinstance(node, nodes.Getattr | nodes.Getitem) and isinstance(node.node, nodes.Name):
            owner = node.node.name
            if owner not in OWNERS:
                return None
            if owner not in self.fields:
                raise self.error(node, f"{owner!r} is not known here", f"there is {' and '.join(self.fields)}")
            name = node.attr if isinstance(node, nodes.Getattr) else getattr(node.arg, "value", None)
            if not isinstance(name, str):
                raise self.error(node, f"a field of {owner} is named in the template, as {owner}.title")
            if name not in self.fields[owner]:
                raise self.error(node, f"{owner} has no {name!r}", nearest(name, self.fields[owner]))
            return f"{owner}.{name}"
        if isinstance(node, nodes.Name) and node.name in {*OWNERS, VARIANTS, LOOP}:
            return self.plain(node)
        return None

    def plain(self, node: nodes.Name) -> str:
        if node.ctx != "load":
            raise self.error(node, f"{node.name!r} has its meaning in the item loop", "choose another name")
        if node.name == LOOP:
            raise self.error(node, "the item loop has no `loop`", "a separator between items belongs to the definition")
        if node.name == RAW:
            raise self.error(node, "raw is not a value", "write the field, as raw.title")
        grouped = self.variant_fields is not None and ITEM in self.fields
        if node.name not in {*self.fields, *([VARIANTS] if grouped else [])}:
            raise self.error(node, f"{node.name!r} is not known here", f"there is {' and '.join(self.fields)}")
        return node.name

    def compiled(self, body: list[nodes.Node]) -> Template:
        tree = nodes.Template(body, lineno=1)
        tree.set_environment(self.environment)
        code = self.environment.compile(tree, self.shown, self.shown)
        return self.environment.template_class.from_code(self.environment, code, self.environment.globals, None)


def _is_name(node: nodes.Node, name: str) -> bool:
    return isinstance(node, nodes.Name) and node.name == name


def _places(
    parent: nodes.Node, keys: Sequence[str], *, inner: bool
) -> Iterator[tuple[nodes.Node, str, int | None, nodes.Node]]:
    """Every place below `parent` that may read the item: owner, field, position in it. Outer ones first.

    Args:
        parent: a node of the item loop.
        keys: the parent's fields to look at.
        inner: it lies in the body of an inner loop, whose `loop` is its own.
    """
    for key in keys:
        value = getattr(parent, key)
        children = list(enumerate(value)) if isinstance(value, list) else [(None, value)]
        for number, child in children:
            if not isinstance(child, nodes.Node) or (inner and _is_name(child, LOOP)):
                continue
            yield parent, key, number, child
            if isinstance(child, nodes.For):
                yield from _places(child, ("target", "iter", "test"), inner=inner)
                yield from _places(child, ("body", "else_"), inner=True)
            elif not _is_field(child):
                yield from _places(child, child.fields, inner=inner)


def _is_field(node: nodes.Node) -> bool:
    """Whether it is `item.x` or `raw.x`, of which the inner name is not looked at again."""
    return isinstance(node, nodes.Getattr | nodes.Getitem) and any(_is_name(node.node, owner) for owner in OWNERS)


def _replace(owner: nodes.Node, old: nodes.Node, new: nodes.Node) -> None:
    """Put a node in another one's place among the children of `owner`."""
    for key in owner.fields:
        value = getattr(owner, key)
        if isinstance(value, list):
            setattr(owner, key, [new if child is old else child for child in value])


def _around(loop: nodes.For, columns: Sequence[str], item: str) -> tuple[str, str] | None:
    """The fixed texts before and after the only thing that the loop prints, which is the item."""
    if list(columns) != [item] or len(loop.body) != 1 or not isinstance(loop.body[0], nodes.Output):
        return None
    parts = loop.body[0].nodes
    texts = [part.data if isinstance(part, nodes.TemplateData) else None for part in parts]
    if texts.count(None) != 1 or not all(isinstance(part, nodes.TemplateData | nodes.Name) for part in parts):
        return None
    at = texts.index(None)
    return "".join(filter(None, texts[:at])), "".join(filter(None, texts[at + 1 :]))
