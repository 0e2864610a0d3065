"""Google's product taxonomy: category ids, their paths, and what lies below what.

Read on first use from `channels/taxonomies/google.tsv` (id, English path), 5 ms.
"""

from functools import cache

from feedsmith.resources import bundled

SEPARATOR = " > "


@cache
def paths() -> dict[str, tuple[str, ...]]:
    """Path of each category, by id and by its English path as one text."""
    found: dict[str, tuple[str, ...]] = {}
    text = (bundled("channels") / "taxonomies" / "google.tsv").read_text(encoding="utf-8")
    for line in text.splitlines():
        if line and not line.startswith("#"):
            number, path = line.split("\t")
            found[number] = found[path] = tuple(path.split(SEPARATOR))
    return found


def path_of(category: str) -> tuple[str, ...] | None:
    """The path of a category given as id or as path (blanks around `>` do not count); None if it does not exist."""
    found = paths().get(category)
    if found is None and ">" in category:
        found = paths().get(SEPARATOR.join(part.strip() for part in category.split(">")))
    return found


def known(category: str) -> bool:
    """Whether the category exists."""
    return path_of(category) is not None


def level(category: str) -> int | None:
    """1 for a top category, 2 below it …; None if the category does not exist."""
    path = path_of(category)
    return len(path) if path else None


def under(category: str, *ancestors: int) -> bool:
    """Whether the category is one of `ancestors` (ids) or lies below one."""
    path = path_of(category)
    if path is None:
        return False
    tops = [paths()[str(number)] for number in ancestors if str(number) in paths()]
    return any(path[: len(top)] == top for top in tops)
