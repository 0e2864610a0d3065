"""Cutting a template's tree at its item loop, and at the loop over variants inside it."""

from collections.abc import Iterator, Sequence

from jinja2 import Template, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from feedsmith.definitions.model import nearest
from feedsmith.errors import DefinitionError
from feedsmith.issues import Place
from feedsmith.render.template import ITEM, ITEMS, LOOP, MARK, RAW, VARIANT, VARIANTS, FeedTemplate, Loop

CARRIED = (nodes.Macro, nodes.Import, nodes.FromImport, nodes.Assign, nodes.AssignBlock)
"""What may stand before the item loop and be used in it and after it."""
OWNERS = frozenset({ITEM, RAW, VARIANT})
"""What has fields."""
REFUSED = {nodes.Extends: "extends", nodes.Block: "block"}


class Cutter:
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

    def _error(self, node: nodes.Node, problem: str, hint: str = "") -> DefinitionError:
        return DefinitionError(Place(self.shown, node.lineno), problem, hint)

    def cut(self, tree: nodes.Template) -> FeedTemplate:
        """Head, items and foot of a tree, which is changed by it.

        Raises:
            DefinitionError: it cannot be cut; with file and line.
        """
        loop = self._item_loop(tree)
        at = tree.body.index(loop)
        self._check_outside([node for node in tree.body if node is not loop])
        carried: list[nodes.Node] = [node for node in tree.body[:at] if isinstance(node, CARRIED)]
        inner = self._variant_loop(loop)
        variants = None
        if inner is not None and self.variant_fields is not None:
            outer, self.fields = self.fields, {VARIANT: self.variant_fields}
            variants = self._loop(inner, carried, VARIANT)
            self.fields = outer
        items = self._loop(loop, carried, ITEM)
        head = self._compiled(tree.body[:at])
        foot = self._compiled([*carried, *tree.body[at + 1 :]])
        return FeedTemplate(self.shown, head, items, foot, variants)

    def _loop(self, loop: nodes.For, carried: list[nodes.Node], item: str) -> Loop:
        """The loop by itself, over what it reads."""
        read = self._rewrite(loop)
        columns = read or {item: "column0 "}
        variables: list[nodes.Expr] = [nodes.Name(variable, "store") for variable in columns.values()]
        loop.iter = nodes.Name(ITEMS, "load")
        loop.target = variables[0] if len(variables) == 1 else nodes.Tuple(variables, "store")
        around = _around(loop, list(columns), item)
        loop.body.append(nodes.Output([nodes.TemplateData(MARK)]))
        return Loop(self._compiled([*carried, loop]), tuple(columns), around, empty=not read)

    def _variant_loop(self, loop: nodes.For) -> nodes.For | None:
        """The loop over variants, with `variants` printed in its place.

        Raises:
            DefinitionError: it is missing where an item is a group, there where it is none, or of another form.
        """
        found = [node for node in loop.find_all(nodes.For) if _is_name(node.iter, VARIANTS)]
        if not found and self.variant_fields is None:
            return None
        if self.variant_fields is None:
            hint = "the channel needs `item: group` for that"
            raise self._error(found[0], "an item of this channel has no variants", hint)
        if len(found) != 1:
            raise self._error(loop, "an item loop of groups needs one loop {% for variant in variants %} inside it")
        inner = found[0]
        if not _is_name(inner.target, VARIANT) or inner.test is not None or inner.else_ or inner.recursive:
            raise self._error(inner, "the loop over variants is plain: {% for variant in variants %}")
        shown = nodes.Output([nodes.Name(VARIANTS, "load", lineno=inner.lineno)], lineno=inner.lineno)
        for owner in [loop, *loop.find_all(nodes.Node)]:
            _replace(owner, inner, shown)
        return inner

    def _item_loop(self, tree: nodes.Template) -> nodes.For:
        for kind, name in REFUSED.items():
            for node in tree.find_all(kind):
                raise self._error(node, f"a feed template cannot use {name}", "use include or a macro")
        loops = [node for node in tree.body if isinstance(node, nodes.For) and _is_name(node.iter, ITEMS)]
        uses = [node for node in tree.find_all(nodes.Name) if node.name == ITEMS]
        if not loops:
            where = uses[0] if uses else tree
            raise self._error(where, "a feed template needs one loop {% for item in items %} at its top level")
        loop = loops[0]
        for other in uses:
            if other is not loop.iter:
                raise self._error(other, "`items` can stand only once, in the head of the item loop")
        if loop.test is not None or loop.else_ or loop.recursive:
            hint = "leave items out by `where` or `exclude` in the project file"
            raise self._error(loop, "the item loop cannot have a condition, an else or be recursive", hint)
        if not _is_name(loop.target, ITEM):
            raise self._error(loop, "the item loop's variable is called item")
        return loop

    def _check_outside(self, body: list[nodes.Node]) -> None:
        """Outside the item loop there is no item, except as an argument of a macro."""
        for part in body:
            if not isinstance(part, nodes.Macro):
                for node in part.find_all(nodes.Name):
                    if node.name in {*OWNERS, VARIANTS}:
                        raise self._error(node, f"{node.name!r} is known in the item loop only")

    def _rewrite(self, loop: nodes.For) -> dict[str, str]:
        """Put a variable in the place of each `item`, `item.x` and `raw.x`; gives what was read, with its variable."""
        found: dict[str, str] = {}
        for owner, key, number, node in list(_places(loop, ("body",), inner=False)):
            name = self._column(node)
            if name is None:
                continue
            # The blank at the end: no template can name such a variable by chance.
            variable = nodes.Name(found.setdefault(name, f"column{len(found)} "), "load", lineno=node.lineno)
            if number is None:
                setattr(owner, key, variable)
            else:
                getattr(owner, key)[number] = variable
        return found

    def _column(self, node: nodes.Node) -> str | None:
        """What a node of the loop reads of the item: `item`, `item.x`, `raw.x`; None for anything else."""
        if isinstance(node, nodes.Getattr | nodes.Getitem) and isinstance(node.node, nodes.Name):
            owner = node.node.name
            if owner not in OWNERS:
                return None
            if owner not in self.fields:
                raise self._error(node, f"{owner!r} is not known here", f"there is {' and '.join(self.fields)}")
            name = node.attr if isinstance(node, nodes.Getattr) else getattr(node.arg, "value", None)
            if not isinstance(name, str):
                raise self._error(node, f"a field of {owner} is named in the template, as {owner}.title")
            if name not in self.fields[owner]:
                raise self._error(node, f"{owner} has no {name!r}", nearest(name, self.fields[owner]))
            return f"{owner}.{name}"
        if isinstance(node, nodes.Name) and node.name in {*OWNERS, VARIANTS, LOOP}:
            return self._plain(node)
        return None

    def _plain(self, node: nodes.Name) -> str:
        if node.ctx != "load":
            raise self._error(node, f"{node.name!r} has its meaning in the item loop", "choose another name")
        if node.name == LOOP:
            raise self._error(
                node, "the item loop has no `loop`", "a separator between items belongs to the definition"
            )
        if node.name == RAW:
            raise self._error(node, "raw is not a value", "write the field, as raw.title")
        grouped = self.variant_fields is not None and ITEM in self.fields
        if node.name not in {*self.fields, *([VARIANTS] if grouped else [])}:
            raise self._error(node, f"{node.name!r} is not known here", f"there is {' and '.join(self.fields)}")
        return node.name

    def _compiled(self, body: list[nodes.Node]) -> Template:
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
