"""The files of catalogues: ours beside this one, and those of the folder that `FEEDSMITH_TEXTS` names."""

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from feedsmith.errors import DefinitionError
from feedsmith.issues import Place

FOLDER = Path(__file__).parent
OWN = "FEEDSMITH_TEXTS"
"""The environment variable that names a folder with catalogues of the user's own."""
LANGUAGE = re.compile("[a-z]{2,3}")
PLACE = re.compile(r"\{(\w+)\}")
"""A place in a text that something is put into."""
SECTIONS = ("signs", "texts", "codes", "messages", "errors", "commands")
"""What a catalogue is made of.

Signs in numbers; texts of pages, reports and commands; issue codes; issue messages; what ends a run; help.
"""
CODE_KEYS = {"title", "help"}


def catalogue_files() -> Mapping[str, tuple[Path, ...]]:
    """Language → its files; what a later one says counts."""
    return _files(os.environ.get(OWN, ""))


@lru_cache
def _files(own: str) -> Mapping[str, tuple[Path, ...]]:
    found = {path.stem: (path,) for path in _in(FOLDER)}
    for path in _in(Path(own)) if own else ():
        found[path.stem] = (*found.get(path.stem, ()), path)
    return found


def _in(folder: Path) -> list[Path]:
    return [path for path in folder.glob("*.yaml") if LANGUAGE.fullmatch(path.stem)]


def merged(files: Iterable[Path]) -> dict[str, dict[str, Any]]:
    """The sections of a language, laid over each other.

    Raises:
        DefinitionError: a file of the user's own cannot be used.
    """
    found: dict[str, dict[str, Any]] = {name: {} for name in SECTIONS}
    for path in files:
        read = read_catalogue(path) if path.parent == FOLDER else checked(path)
        for name in SECTIONS:
            found[name] |= read.get(name) or {}
    return found


def read_catalogue(path: Path) -> dict[str, Any]:
    """A catalogue as it stands in its file."""
    import yaml  # noqa: PLC0415 - English texts need no file

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(path.read_text(encoding="utf-8"), loader) or {}  # noqa: S506 - a safe one


def checked(path: Path) -> dict[str, Any]:
    """A catalogue of the user's own.

    Raises:
        DefinitionError: it is no catalogue, or a text has lost one of its places.
    """
    import yaml  # noqa: PLC0415 - English texts need no file

    try:
        read = read_catalogue(path)
    except UnicodeDecodeError:
        raise DefinitionError(Place(str(path)), "is not UTF-8 text", "save the file as UTF-8") from None
    except OSError as error:
        raise DefinitionError(Place(str(path)), f"cannot be read: {error.strerror}") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = Place(str(path), mark.line + 1 if mark else None)
        raise DefinitionError(place, f"is not valid YAML: {getattr(error, 'problem', None) or error}") from None
    for problem, hint in faults(read):
        raise DefinitionError(Place(str(path)), problem, hint)
    return read


def faults(read: Any) -> Iterator[tuple[str, str]]:
    """What is wrong with a catalogue: problem and hint."""
    if not isinstance(read, dict):
        yield "a catalogue is a mapping of sections to texts", f"the sections are {', '.join(SECTIONS)}"
        return
    for section, texts in read.items():
        if section not in SECTIONS:
            yield f"there is no section {section} in a catalogue", f"the sections are {', '.join(SECTIONS)}"
        elif texts is not None and not isinstance(texts, dict):
            yield f"the section {section} is a mapping of English texts to translations", ""
        else:
            yield from (fault for key, text in (texts or {}).items() if (fault := _fault(section, key, text)))


def _fault(section: str, key: Any, text: Any) -> tuple[str, str] | None:
    if not isinstance(key, str):
        return f"the key {key} is read as a word of YAML, not as a text", "put it in quotes"
    if section == "codes":
        if isinstance(text, dict) and set(text) <= CODE_KEYS and all(isinstance(one, str) for one in text.values()):
            return None
        return f"the code {key} has a title and a help", f"such as {key}: {{title: …, help: …}}"
    if not isinstance(text, str):
        return f"the translation of {key!r} is no text", "put it in quotes"
    if set(PLACE.findall(key)) != set(PLACE.findall(text)):
        return f"the translation of {key!r} has other places in braces than the English", "keep the places as they are"
    return None
