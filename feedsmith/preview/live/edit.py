"""Writing a rule in its place in a YAML file: only its own text changes, comments and all else stay as they are.

The file is not written anew from its tree, which would lay out all of it again: the rule's stretch of text is replaced.
The result is read again, and refused if anything else in it changed.
"""

import difflib
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from feedsmith.definitions.node import parse_yaml
from feedsmith.errors import DefinitionError, UsageError
from feedsmith.issues import Place

MARK = "\ufeff"
PLAIN = re.compile(r"[A-Za-z]\w*")
"""A key that needs no quotes."""
STEP = 2
"""Blanks by which an entry is indented below its block."""

Path_ = Sequence[str]


@dataclass(frozen=True)
class Edit:
    """A file as it is and as it would be. `digest` is that of the bytes that were read."""

    file: Path
    shown: str
    before: str
    after: str
    digest: str

    @property
    def diff(self) -> list[str]:
        """What changes, line by line, as `diff -u` shows it."""
        names = (f"a/{self.shown}", f"b/{self.shown}")
        return list(difflib.unified_diff(self.before.splitlines(), self.after.splitlines(), *names, lineterm=""))


def edited(folder: Path, shown: str, path: Path_, rule: str) -> Edit:
    """The file `shown` of a project with the rule at `path` (its keys from the top) replaced or added.

    Raises:
        UsageError: the file is not in the project's folder.
        DefinitionError: the rule cannot be written there.
    """
    file = inside(folder, shown)
    raw = file.read_bytes()
    before = raw.decode("utf-8")
    body = before.removeprefix(MARK)
    after = with_rule(body, path, rule, shown)
    return Edit(file, shown, before, before[: len(before) - len(body)] + after, digest_of(raw))


def inside(folder: Path, shown: str) -> Path:
    """A file of the project by its name in messages.

    Raises:
        UsageError: it does not lie in the project's folder.
    """
    file = (folder / shown).resolve()
    if not file.is_relative_to(folder.resolve()) or not file.is_file():
        raise UsageError(Place(shown), "is no file of this project", "change it in an editor")
    return file


def digest_of(raw: bytes) -> str:
    """What a file's bytes are known by."""
    return hashlib.sha256(raw).hexdigest()


def with_rule(text: str, path: Path_, rule: str, shown: str = "") -> str:
    """A YAML text with the rule at `path`; the rest of it stays letter by letter.

    Raises:
        DefinitionError: the rule cannot be written there.
    """
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    break_ = "\r\n" if "\r\n" in text else "\n"
    found, rest = _deepest(root, path)
    key, node = found
    after = _added(text, node, rest, rule, break_) if rest else _replaced(text, key, node, rule, break_)
    _check(text, after, path, shown)
    return after


def rule_text(text: str, path: Path_) -> str:
    """The text of the rule at `path` as it stands in the file, for a reader to change; empty where there is none."""
    (_, node), rest = _deepest(yaml.compose(text, Loader=yaml.SafeLoader), path)
    if rest or node is None:
        return ""
    if isinstance(node, yaml.ScalarNode):
        return str(node.value)
    lines = text[node.start_mark.index : _end(text, node)].splitlines()
    return "\n".join([lines[0], *(line[node.start_mark.column :] for line in lines[1:])])


Found = tuple[Any, Any]
"""The node of a key, None for the root, and of its value."""


def _deepest(root: Any, path: Path_) -> tuple[Found, list[str]]:
    """The deepest entry on a path that is there, and the keys that are missing below."""
    key, node = None, root
    for number, name in enumerate(path):
        entries = node.value if isinstance(node, yaml.MappingNode) else []
        entry = next(((k, v) for k, v in entries if k.value == name), None)
        if entry is None:
            return (key, node), list(path[number:])
        key, node = entry
    return (key, node), []


def _replaced(text: str, key: Any, node: Any, rule: str, break_: str) -> str:
    start, end = node.start_mark.index, _end(text, node)
    if text[start : start + 1] in {"&", "*"}:
        raise DefinitionError(None, "this rule has an anchor or is an alias", "change it in an editor")
    colon = text.index(":", key.end_mark.index) + 1
    between = text[colon:start]
    if "#" in between:  # a comment behind the key stays
        return text[:start] + _written(rule, None, break_) + text[end:]
    flow = _in_flow(text, key, node)
    value = _written(rule, None if flow else key.start_mark.column, break_)
    return text[:colon] + _blank(value) + value + text[end:]


def _in_flow(text: str, key: Any, node: Any) -> bool:
    """Whether the entry stands between braces: then it must stay on its line."""
    line = text[text.rfind("\n", 0, key.start_mark.index) + 1 : key.start_mark.index]
    return bool(line.strip()) or (node.end_mark.line == key.start_mark.line and "{" in line)


def _added(text: str, node: Any, keys: list[str], rule: str, break_: str) -> str:
    """The text with an entry, and the blocks around it that are missing, at the end of a mapping."""
    if not isinstance(node, yaml.MappingNode):
        raise DefinitionError(None, "there is no block here that a rule could be added to", "change it in an editor")
    if node.flow_style:
        value = _written(rule, None, break_)
        for name in reversed(keys[1:]):
            value = f"{{{_key(name)}: {value}}}"
        end = node.end_mark.index - 1
        head = text[:end].rstrip(" ")
        blank = text[len(head) : end]
        return f"{head}{', ' if node.value else ''}{_key(keys[0])}: {value}{blank}{text[end:]}"
    column = node.start_mark.column
    lines = [f"{' ' * (column + STEP * number)}{_key(name)}:" for number, name in enumerate(keys)]
    value = _written(rule, column + STEP * (len(keys) - 1), break_)
    lines[-1] += _blank(value) + value
    end = _end(text, node)
    line_end = text.find("\n", end)
    stop = len(text) if line_end < 0 else line_end
    stop -= text[:stop].endswith("\r")
    return text[:stop] + break_ + break_.join(lines) + text[stop:]


def _end(text: str, node: Any) -> int:
    """Where a value's own text ends: before comments and blank lines that follow it."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        last = last[1] if isinstance(last, tuple) else last
        if last.start_mark.index == last.end_mark.index and isinstance(node.value[-1], tuple):  # an empty value
            return int(text.index(":", node.value[-1][0].end_mark.index) + 1)
        return _end(text, last)
    end = int(node.end_mark.index)
    if isinstance(node, yaml.ScalarNode) and node.style in {"|", ">"}:
        return len(text[:end].rstrip())
    return end


def _written(rule: str, column: int | None, break_: str) -> str:
    """A rule as YAML: a text in quotes, a mapping or list as it was typed.

    `column` is that of its key where it may take several lines.
    """
    rule = rule.strip()
    value = _typed(rule)
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t") + '"'
    if "\n" not in rule and rule[:1] in "{[":
        return rule
    if column is None:
        dumped = yaml.safe_dump(value, default_flow_style=True, width=100_000, allow_unicode=True, sort_keys=False)
        return str(dumped).strip()
    indent = " " * (column + STEP)
    lines = [f"{indent}{line}" if line.strip() else "" for line in rule.splitlines()]
    return break_ + break_.join(lines)


def _blank(value: str) -> str:
    """What stands between a colon and a value: nothing where the value begins on the next line."""
    return "" if value[:1] in "\r\n" else " "


def _typed(rule: str) -> Any:
    """What was typed: a mapping or a list where it is one as YAML, else a text."""
    if rule.startswith("{{"):
        return rule
    try:
        value = yaml.load(rule, Loader=yaml.BaseLoader)  # noqa: S506 - texts, lists and mappings only
    except yaml.YAMLError:
        return rule
    return value if isinstance(value, dict | list) else rule


def _key(name: str) -> str:
    return name if PLAIN.fullmatch(name) else '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _check(before: str, after: str, path: Path_, shown: str) -> None:
    """Nothing but the rule may have changed.

    Raises:
        DefinitionError: something else did, or the new text is no YAML.
    """
    old, new = (parse_yaml(text, shown).plain() for text in (before, after))
    if _without(old, path) != _without(new, path):
        problem = "the rule cannot be written here without changing something else"
        raise DefinitionError(Place(shown), problem, "change it in an editor")


def _without(tree: Any, path: Path_) -> Any:
    """A tree without the entry at `path`, and without the blocks that it leaves empty."""
    if not path or not isinstance(tree, dict):
        return None
    rest = {key: value for key, value in tree.items() if key != path[0]}
    if len(path) > 1 and path[0] in tree and (below := _without(tree[path[0]], path[1:])):
        rest[path[0]] = below
    return rest
