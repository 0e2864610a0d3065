"""Where in a rule's text a mistake stands: the place of the name in question, to the column."""

from jinja2 import Environment

from feedsmith.definitions.node import Node
from feedsmith.errors import DefinitionError

PARSER = Environment(keep_trailing_newline=True)  # noqa: S701 - parses only; nothing is ever rendered by it


def mistake(node: Node, problem: str, name: str = "", hint: str = "", *, bare: bool = False) -> DefinitionError:
    """A mistake in the text of `node`, placed at `name` where that can be found.

    Args:
        node: the text with its place.
        problem: what is wrong.
        name: a name, a dotted name (`market.site`) or a quoted heading in the text.
        hint: what to do.
        bare: the text is one expression, not a template with `{{ }}`.
    """
    start = _offset(node.text, name, bare=bare) if name else None
    place = node.place if start is None else node.part(start)
    return DefinitionError(place, f"{node.text.strip()!r}: {problem}", hint)


def _offset(text: str, name: str, *, bare: bool) -> int | None:
    """Where `name` stands among the words of a text; None if it does not, or the text cannot be taken apart."""
    opening = "{{ " if bare else ""
    source = f"{opening}{text} }}}}" if bare else text
    words: list[tuple[int, str, str]] = []
    position = 0
    for _, kind, word in PARSER.lex(source):
        position = source.find(word, position)
        if kind in {"name", "operator", "string"}:
            words.append((position - len(opening), kind, word))
        position += len(word)
    wanted = name.split(".")
    for number, (start, _, _) in enumerate(words):
        dotted = [part for _, _, part in words[number : number + 2 * len(wanted) - 1 : 2]]
        if dotted == wanted:
            return start
    return next((start for start, kind, word in words if kind == "string" and word[1:-1] == name), None)
