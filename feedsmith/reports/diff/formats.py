"""The formats of `feedsmith diff` but text, which knows colours."""

from collections.abc import Callable, Iterator, Mapping

from feedsmith.reports.diff.as_html import html_of
from feedsmith.reports.diff.as_json import json_of
from feedsmith.reports.diff.as_markdown import markdown_of
from feedsmith.reports.diff.found import Differences

FORMATS: Mapping[str, Callable[[Differences, int], Iterator[str]]] = {
    "json": json_of,
    "markdown": markdown_of,
    "html": html_of,
}
