"""A channel's template: an ordinary Jinja file, cut at its item loop into head, items and foot.

`{{ item }}` prints all fields of an item in the channel's shape, `{{ item.title }}` one of them, and `raw.title` is
the value itself, for conditions. What is printed is encoded for the format already, so no template can forget to
escape. `item.title` becomes a variable of the loop, so a wrong name is an error before the first row.

Where an item is a group of products, the loop holds one `{% for variant in variants %}`, which is cut out in turn.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from jinja2 import Template, TemplateError

from feedsmith.errors import RenderError
from feedsmith.issues import Place

MARK = "\0"
"""Printed after each item, and taken away again: XML and JSON forbid it, and texts come here without it."""
ITEM, RAW, LOOP, ITEMS = "item", "raw", "loop", "items"
VARIANT, VARIANTS = "variant", "variants"
FAILURES = (TemplateError, ArithmeticError, AttributeError, TypeError, ValueError, LookupError, RecursionError)
"""What a template's own expressions may raise."""


@dataclass(frozen=True)
class Loop:
    """A loop of a template. `columns` names what it reads, in order: `item`, `item.title`, `raw.price`.

    `around` are the fixed texts around `{{ item }}`, where the loop prints nothing else: then no template need run.
    `empty`: it prints nothing of an item, which is then read for the loop's sake only.
    """

    template: Template
    columns: tuple[str, ...]
    around: tuple[str, str] | None = None
    empty: bool = False


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
                path = beside(self.path, template.name or self.path)
                place = Place(path, template.get_corresponding_lineno(trace.tb_lineno))
            trace = trace.tb_next
        return place


def beside(shown: str, name: str) -> str:
    """The name in messages of a template that lies beside `shown`."""
    return name if name == shown else (Path(shown).parent / name).as_posix()
