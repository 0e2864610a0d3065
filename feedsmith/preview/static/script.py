"""The page's scripts as one: modules with their imports put in, so that a single file holds them.

Each module becomes a function of its own that gives what it exports; no name of one meets a name of another.
"""

import re
from pathlib import Path

IMPORT = re.compile(r'^import (?:\* as (?P<all>\w+)|(?P<names>\{[^}]*\})) from "(?P<path>[^"]+)";$', re.MULTILINE)
EXPORT = re.compile(
    r"^export (?P<kind>async function|function|const) (?:(?P<name>\w+)|\{(?P<names>[^}]*)\})", re.MULTILINE
)


def script(entry: Path) -> str:
    """The module and all that it imports, as a script that imports nothing."""
    names: dict[Path, str] = {}
    parts: list[str] = []
    _take(entry.resolve(), names, parts)
    return '"use strict";\n(() => {\n' + "".join(parts) + "})();\n"


def _take(path: Path, names: dict[Path, str], parts: list[str]) -> str:
    """Put a module behind those that it imports; gives the name that stands for it."""
    if path in names:
        if not names[path]:
            raise ValueError(f"{path.name} imports itself through others")
        return names[path]
    names[path] = ""
    source = path.read_text(encoding="utf-8")

    def imported(found: re.Match[str]) -> str:
        name = _take((path.parent / found["path"]).resolve(), names, parts)
        return f"const {found['all'] or found['names']} = {name};"

    source = IMPORT.sub(imported, source)
    exported = ", ".join(found["name"] or found["names"].strip() for found in EXPORT.finditer(source))
    body = EXPORT.sub(lambda found: f"{found['kind']} {found['name'] or '{' + found['names'] + '}'}", source)
    names[path] = f"{path.parent.name}_{path.stem}"
    parts.append(f"const {names[path]} = (() => {{\n{body}return {{ {exported} }};\n}})();\n")
    return names[path]
