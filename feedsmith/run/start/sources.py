"""Which of several files is the catalog, and how the others belong to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from feedsmith.errors import SourceError, UsageError
from feedsmith.run.start.groups import Group, grouped, is_sheet, texts_of
from feedsmith.run.start.joined import COMMAND_LINE, Joined, joined_of, named
from feedsmith.run.start.keys import HALF, Keys, key_between
from feedsmith.run.start.look import Seen, look_together
from feedsmith.run.start.market import language_of
from feedsmith.run.start.role import Role, part_of

CLEAR = 3
"""How much more the main file must tell of the products than any other, so that nobody need be asked."""
SAME = ("id", "gtin", "title")
"""The fields by which the products of two files are compared, the first that both have."""


@dataclass(frozen=True)
class Sources:
    """The files of a project: `files` are the main source's, `first` what they are together."""

    first: Seen
    files: tuple[Seen, ...]
    joined: tuple[Joined, ...] = ()
    left_out: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    """The files that could be the main one too, as the command line calls them."""


def arranged(seen: Sequence[Seen], scratch: Path, main: str = "") -> Sources:
    """The sources that files make; `main` is the file that holds the products, where somebody said it.

    Raises:
        UsageError: no file holds products, or two hold them and nothing tells how they belong together.
        SourceError: the one file that there is holds no products.
    """
    groups = list(grouped(seen))
    used = [one for one in groups if one.role.holds != "others"]
    candidates = [one for one in used if one.role.holds == "products"] or used
    if not candidates:
        raise _without_products(groups)
    candidates.sort(key=lambda one: one.worth, reverse=True)
    chosen = next((one for one in candidates if main in {file.name for file in one.files}), candidates[0])
    parts = [one for one in groups if one is not chosen and _goes_with(chosen, one)]
    kept, translated, twins = _without_twins(chosen)
    more = [file for one in parts for file in one.files]
    first = look_together(chosen.first, more, scratch) if more else chosen.first
    rest = [one for one in used if one is not chosen and one not in parts]
    apart = [one for one in rest if is_sheet(one) and key_between(first, one.first) is None]
    joined = [one for group in (*rest, *translated) if group not in apart for one in joined_of(first, group)]
    left = [_left_out(one, file) for one in groups if one not in (*parts, *used) for file in one.files]
    left += [f"{one.first.name} is left out: no column of it holds keys of the products" for one in apart]
    left += [f"{one.name} is left out: it holds the products of {first.name} again" for one in twins]
    return Sources(first, (*kept, *more), tuple(named(joined)), tuple(left), _doubts(candidates, chosen, parts))


def _doubts(candidates: Sequence[Group], chosen: Group, parts: Sequence[Group]) -> tuple[str, ...]:
    """The files that tell about as much of the products as the chosen one, with that; none where it is alone."""
    others = [one for one in candidates if one not in parts]
    close = tuple(one.first.name for one in others if chosen.worth[0] - one.worth[0] < CLEAR)
    return close if len(close) > 1 else ()


def _without_products(groups: Sequence[Group]) -> UsageError | SourceError:
    first = groups[0]
    if len(groups) == 1:
        return refused(first.first, first.role)
    told = "; ".join(f"{one.first.name} holds {one.role.title}" for one in groups)
    return UsageError(COMMAND_LINE, f"none of the files holds products: {told}", f"give {first.role.give}")


def refused(seen: Seen, role: Role) -> SourceError:
    """What to raise for a file that holds no products and is the only one."""
    return SourceError(seen.table.place(), f"the file holds {role.told}", f"give {role.give}")


def _left_out(group: Group, file: Seen) -> str:
    return f"{file.name} is left out: it holds {group.role.title}; no feed is made of that"


# --- files of the same shape, or of the same system --------------------------------------------------------------


def _without_twins(chosen: Group) -> tuple[list[Seen], list[Group], list[Seen]]:
    """The files of different products; those of the same products in other languages; sheets that repeat them.

    Raises:
        UsageError: two files hold the same products.
    """
    first, translated, twins = chosen.first, list[Group](), list[Seen]()
    own, kept = language_of(texts_of(first)), [chosen.first]
    for file in chosen.files[1:]:
        if _shared(first, file) < HALF:
            kept.append(file)
        elif (language := language_of(texts_of(file))) and language != own:
            translated.append(Group((file,), Role("texts", "texts")))
        elif is_sheet(chosen):
            twins.append(file)
        else:
            problem = f"{first.name} and {file.name} hold the same products"
            raise UsageError(COMMAND_LINE, problem, "name one of them")
    return kept, translated, twins


def _goes_with(chosen: Group, group: Group) -> bool:
    """Whether the system that wrote the products reads these files with them: its other files, or more products."""
    system = chosen.first.system
    if part_of(group.first, system):
        return True
    more = bool(system) and group.first.system == system and group.role.holds == "products"
    return more and _called_alike(chosen.first, group.first) and _shared(chosen.first, group.first) < HALF


def _called_alike(one: Seen, other: Seen) -> bool:
    """Whether the columns for what both files have bear the same names, so that rows of both fit into one table."""
    ours, theirs = one.claims, other.claims
    return all(ours[key].heading == theirs[key].heading for key in ours.keys() & theirs.keys())


def _shared(one: Seen, other: Seen) -> float:
    """The share of a file's products that another one has too, by their keys, else by their names."""
    name = next((name for name in SAME if name in one.claims and name in other.claims), None)
    if name is None:
        return 0.0
    left, right = (Keys(file).of(file.claims[name].heading, "identifier") for file in (one, other))
    return len(left & right) / len(right) if right else 0.0
