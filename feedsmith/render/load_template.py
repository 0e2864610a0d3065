"""Reading a channel's template, and holding every name in it against what is known."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from jinja2 import FileSystemLoader, StrictUndefined, Template, TemplateNotFound, TemplateSyntaxError, nodes
from jinja2.meta import find_undeclared_variables
from jinja2.sandbox import ImmutableSandboxedEnvironment

from feedsmith.definitions.model import nearest
from feedsmith.errors import DefinitionError
from feedsmith.issues import Place
from feedsmith.render.cutter import Cutter
from feedsmith.render.template import ITEMS, LOOP, MARK, RAW, VARIANTS, FeedTemplate, Loop, beside


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
        return Cutter(environment, shown, fields, variant_fields).cut(tree)
    except TemplateSyntaxError as error:
        place = Place(beside(shown, error.name or shown), error.lineno)
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
                open_.append((beside(shown, name), _parsed(environment, name, Place(owner, node.lineno))))


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
