"""A channel's template: an ordinary Jinja file, cut at its item loop into head, items and foot.

`{{ item }}` prints all fields of an item in the channel's shape, `{{ item.title }}` one of them, and `raw.title` is
the value itself, for conditions. What is printed is encoded for the format already, so no template can forget to
escape. `item.title` becomes a variable of the loop, so a wrong name is an error before the first row.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from jinja2 import FileSystemLoader, StrictUndefined, Template, TemplateError, TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from feedsmith.definitions.model import nearest
from feedsmith.errors import DefinitionError, RenderError
from feedsmith.issues import Place

MARK = "\0"
"""Printed after each item, and taken away again: XML and JSON forbid it, and texts come here without it."""
ITEM, FIELD, RAW = "item", "item.", "raw."
CARRIED = (nodes.Macro, nodes.Import, nodes.FromImport, nodes.Assign, nodes.AssignBlock)
REFUSED = {nodes.Extends: "extends", nodes.Block: "block"}


@dataclass(frozen=True)
class FeedTemplate:
    """A template cut in three. `columns` names what the item loop reads, in order: `item`, `item.title`, `raw.price`."""

    path: str
    head: Template
    items: Template
    foot: Template
    columns: tuple[str, ...]

    def head_text(self, context: Mapping[str, Any]) -> str:
        """What stands before the first item."""
        return self._rendered(self.head, context)

    def foot_text(self, context: Mapping[str, Any]) -> str:
        """What stands after the last item."""
        return self._rendered(self.foot, context)

    def item_texts(self, rows: Sequence[Any], context: Mapping[str, Any]) -> list[str]:
        """The text of each item; a row is a tuple of `columns`, or the one column's value.

        Raises:
            RenderError: the template failed on a row; with the template's file and line.
        """
        if not rows:
            return []
        return self._rendered(self.items, {**context, "items": rows}).split(MARK)[:-1]

    def _rendered(self, template: Template, context: Mapping[str, Any]) -> str:
        try:
            return template.render(context)
        except (TemplateError, ArithmeticError, TypeError, ValueError, LookupError, RecursionError) as error:
            line = _template_line(error.__traceback__)
            raise RenderError(Place(self.path, line), f"the template failed: {error}") from error


def _template_line(trace: TracebackType | None) -> int | None:
    """The template's line in which an error happened: that of the last frame that is a template's."""
    line = None
    while trace is not None:
        template = trace.tb_frame.f_globals.get("__jinja_template__")
        if template is not None:
            line = template.get_corresponding_lineno(trace.tb_lineno)
        trace = trace.tb_next
    return line


def load_template(path: Path, shown: str, fields: Sequence[str]) -> FeedTemplate:
    """Read and cut a template.

    Args:
        path: the file; includes and imports are looked for beside it.
        shown: its name in messages.
        fields: the names that `item.` and `raw.` know.

    Raises:
        DefinitionError: the template is wrong or cannot be cut; with file and line.
    """
    environment = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined,
        loader=FileSystemLoader(path.parent, followlinks=False),
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,  # noqa: S701 - every value is encoded for its format before a template sees it
    )
    environment.globals.clear()
    source = path.read_text(encoding="utf-8").replace("\r\n", "\n")
    if MARK in source:
        raise DefinitionError(Place(shown), "the template holds a NUL character")
    try:
        tree = environment.parse(source, shown)
    except TemplateSyntaxError as error:
        raise DefinitionError(Place(shown, error.lineno), f"the template cannot be read: {error.message}") from error
    return _Cutter(environment, shown, fields).cut(tree)


class _Cutter:
    """Cuts a template's tree at its item loop, and makes what the loop reads variables of the loop."""

    def __init__(self, environment: ImmutableSandboxedEnvironment, shown: str, fields: Sequence[str]) -> None:
        self.environment, self.shown, self.fields = environment, shown, fields

    def error(self, node: nodes.Node, problem: str, hint: str = "") -> DefinitionError:
        return DefinitionError(Place(self.shown, node.lineno), problem, hint)

    def cut(self, tree: nodes.Template) -> FeedTemplate:
        loop = self.item_loop(tree)
        at = tree.body.index(loop)
        columns = self.rewrite(loop)
        target = [nodes.Name(_variable(name), "store") for name in columns]
        loop.target = target[0] if len(target) == 1 else nodes.Tuple(list(target), "store")
        loop.body.append(nodes.Output([nodes.TemplateData(MARK)]))
        carried = [node for node in tree.body[:at] if isinstance(node, CARRIED)]
        head, items, foot = (
            self.compiled(body) for body in (tree.body[:at], [*carried, loop], [*carried, *tree.body[at + 1 :]])
        )
        return FeedTemplate(self.shown, head, items, foot, tuple(columns))

    def item_loop(self, tree: nodes.Template) -> nodes.For:
        for kind, name in REFUSED.items():
            for node in tree.find_all(kind):
                raise self.error(node, f"a feed template cannot use {name}")
        loops = [node for node in tree.body if isinstance(node, nodes.For) and _reads_items(node.iter)]
        uses = [node for node in tree.find_all(nodes.Name) if node.name == "items" and node.ctx == "load"]
        if len(loops) != 1:
            where = uses[0] if uses else tree
            raise self.error(where, "a feed template needs one loop {% for item in items %} at its top level")
        loop = loops[0]
        if len(uses) > 1:
            other = next(node for node in uses if node is not loop.iter)
            raise self.error(other, "`items` can stand in the item loop's head only")
        if loop.test is not None or loop.else_ or loop.recursive:
            hint = "leave items out by `where` or `exclude` in the project file"
            raise self.error(loop, "the item loop cannot have a condition, an else or be recursive", hint)
        if not isinstance(loop.target, nodes.Name) or loop.target.name != ITEM:
            raise self.error(loop, "the item loop's variable is called item")
        return loop

    def rewrite(self, loop: nodes.For) -> list[str]:
        """Put a variable in the place of each `item`, `item.x` and `raw.x`; gives what was read."""
        found: dict[str, None] = {}
        for owner, key, number, node in list(_places(loop)):
            name = self.column(node)
            if name is None:
                continue
            found[name] = None
            variable = nodes.Name(_variable(name), "load", lineno=node.lineno)
            if number is None:
                setattr(owner, key, variable)
            else:
                getattr(owner, key)[number] = variable
        return list(found) or [ITEM]

    def column(self, node: nodes.Node) -> str | None:
        if isinstance(node, nodes.Name) and node.ctx == "load":
            if node.name == "loop":
                raise self.error(node, "the item loop has no `loop`", "a separator between items belongs to the definition")
            return ITEM if node.name == ITEM else None
        if isinstance(node, nodes.Getattr | nodes.Getitem) and isinstance(node.node, nodes.Name):
            owner = node.node.name
            name = node.attr if isinstance(node, nodes.Getattr) else getattr(node.arg, "value", None)
            if owner in {"item", "raw"}:
                if name not in self.fields:
                    raise self.error(node, f"{owner} has no {name!r}", nearest(str(name), self.fields))
                return f"{owner}.{name}"
        return None

    def compiled(self, body: list[nodes.Node]) -> Template:
        tree = nodes.Template(body, lineno=1)
        tree.set_environment(self.environment)
        code = self.environment.compile(tree, self.shown, self.shown)
        return self.environment.template_class.from_code(self.environment, code, self.environment.globals, None)


def _variable(name: str) -> str:
    """A variable for a column; with a blank, so that no template can name it by chance."""
    return name.replace(".", " ") + " "


def _reads_items(node: nodes.Node) -> bool:
    return isinstance(node, nodes.Name) and node.name == "items"


def _places(parent: nodes.Node) -> Iterator[tuple[nodes.Node, str, int | None, nodes.Node]]:
    """Every place below `parent` that holds an expression: owner, field, position in it. Outer ones first."""
    for key in parent.fields:
        value = getattr(parent, key)
        children = list(enumerate(value)) if isinstance(value, list) else [(None, value)]
        for number, child in children:
            if not isinstance(child, nodes.Node):
                continue
            yield parent, key, number, child
            inner_loop = isinstance(child, nodes.For)
            taken = isinstance(child, nodes.Getattr | nodes.Getitem) and isinstance(child.node, nodes.Name)
            if not (taken and child.node.name in {"item", "raw"}) and not (inner_loop and parent is child):
                yield from _places(child)
