"""Google's product taxonomy: category ids, their paths, and what lies below what.

Ids are the same in all languages. English paths come with feedsmith, in `channels/taxonomies/google.tsv`, and are read
on first use, 5 ms. The paths of another language come from the project's copy of Google's own list.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from typing import Any

from feedsmith.errors import DefinitionError
from feedsmith.issues import Place
from feedsmith.resources import bundled

SEPARATOR = " > "
ENGLISH = "en"


@cache
def paths() -> dict[str, tuple[str, ...]]:
    """English path of each category, by id and by that path as one text."""
    found: dict[str, tuple[str, ...]] = {}
    text = (bundled("channels") / "taxonomies" / "google.tsv").read_text(encoding="utf-8")
    for line in text.splitlines():
        if line and not line.startswith("#"):
            number, path = line.split("\t")
            found[number] = found[path] = tuple(path.split(SEPARATOR))
    return found


@cache
def _english() -> dict[str, str]:
    """Id of each category, by its folded English path."""
    return {folded(SEPARATOR.join(path)): number for number, path in paths().items() if number.isdigit()}


def folded(path: str) -> str:
    """A path as paths are compared: blanks and capitals do not count."""
    return SEPARATOR.join(" ".join(part.split()) for part in path.casefold().split(">"))


def read_names(text: str, place: Place) -> dict[str, str]:
    """Id of each category by its folded path, from a list as Google publishes it: `212 - Kleding … > Shirts` a line.

    Raises:
        DefinitionError: a line has another form, or an id that Google's taxonomy does not have.
    """
    found: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        category, mark, path = line.partition(" - ")
        if not mark or category.strip() not in paths():
            problem = f"{line[:60]!r} is no line of Google's list of categories with ids"
            raise DefinitionError(Place(place.path, number), problem, "each line is: id - path")
        found[folded(path)] = category.strip()
    if not found:
        raise DefinitionError(place, "the list of categories is empty")
    return found


@lru_cache(maxsize=4096)  # a catalog has few categories, and a condition names up to twenty: a tenth of the run
def _under(path: tuple[str, ...], ancestors: tuple[int, ...]) -> bool:
    tops = [paths()[str(number)] for number in ancestors if str(number) in paths()]
    return any(path[: len(top)] == top for top in tops)


@dataclass(frozen=True)
class Taxonomy:
    """The categories as a feed in one language names them: by id, by the language's path, by the English path.

    `names` is what `read_names` gives, None where the project has no list of the language.
    """

    language: str = ""
    names: Mapping[str, str] | None = None

    def path_of(self, category: str) -> tuple[str, ...] | None:
        """The English path of a category given as id or as path; None if it does not exist."""
        found = paths().get(category)
        if found is None and not category.isdigit():
            name = folded(category)
            number = (self.names or {}).get(name) or _english().get(name)
            return paths()[number] if number else None
        return found

    def known(self, category: str) -> bool:
        """Whether the category exists."""
        return self.path_of(category) is not None

    def number(self, category: str) -> str | None:
        """The id of a category given as id or as path."""
        path = self.path_of(category)
        return _english()[folded(SEPARATOR.join(path))] if path else None

    def problem(self, category: str) -> str | None:
        """Why the text names no category in the feed's language; None when it does.

        `unknown`: there is none; `language`: it is named in English in a feed of another language; `unchecked`: no
        English name, and the names of the feed's language are not at hand.
        """
        foreign = self.language not in {"", ENGLISH}
        if category.isdigit() or not foreign:
            return None if self.known(category) else "unknown"
        name = folded(category)
        if name in (self.names or {}):
            return None
        if name in _english():
            return "language"
        return "unchecked" if self.names is None else "unknown"

    def level(self, category: str) -> int | None:
        """1 for a top category, 2 below it …; None if the category does not exist."""
        path = self.path_of(category)
        return len(path) if path else None

    def under(self, category: str, *ancestors: int) -> bool:
        """Whether the category is one of `ancestors` (ids) or lies below one."""
        path = self.path_of(category)
        return path is not None and _under(path, ancestors)

    @cached_property
    def functions(self) -> Mapping[str, Callable[..., Any]]:
        """What rules call, always the same objects, so that equal rules of several feeds share their results."""
        return {
            "category_id": self.number,
            "category_level": self.level,
            "category_problem": self.problem,
            "known_category": self.known,
            "under_category": self.under,
        }


PLAIN = Taxonomy()
"""Ids and English names."""
