"""What all definition models share: unknown keys are errors, and every error has a place and the nearest name."""

from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from feedsmith.definitions.node import Node
from feedsmith.errors import DefinitionError, DefinitionErrors
from feedsmith.issues import Place


class Strict(BaseModel):
    """A model that refuses unknown keys and never changes after it is made."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


FORMS = frozenset({"string_type", "model_type", "dict_type", "list_type"})
BEHIND = 25
"""How far, of 100, a name may be behind the nearest one to be named too."""
LISTED = 12
"""Names that a hint lists when none is near."""

Model = TypeVar("Model", bound=BaseModel)


def nearest(name: str, names: Iterable[str], verb: str = "did you mean") -> str:
    """A hint that names the nearest known names, or all of them when they are few; may be empty."""
    from rapidfuzz import process  # noqa: PLC0415 - only a mistake pays for the import

    known = sorted(set(names))
    close = process.extract(name, known, limit=3, score_cutoff=60)
    if close:
        best = [one for one, score, _ in close if score > close[0][1] - BEHIND]
        return f"{verb} {' or '.join(best)}?"
    return f"known: {', '.join(known)}" if 0 < len(known) <= LISTED else ""


def validated(model: type[Model], node: Node) -> Model:
    """`node` as a `model`.

    Raises:
        DefinitionError: with file, line and column of the first mistake; `DefinitionErrors` holds all of them.
    """
    try:
        return model.model_validate(node.plain())
    except ValidationError as error:
        details = _without_other_forms([dict(detail) for detail in error.errors(include_url=False)])
        mistakes = tuple(_unseen(_mistake(model, node, detail), detail["loc"]) for detail in details)
        raise mistakes[0] if len(mistakes) == 1 else DefinitionErrors(mistakes) from None


def _unseen(mistake: DefinitionError, path: tuple[object, ...]) -> DefinitionError:
    """A mistake of a target has a line but no column: then the line, which may hold a secret, is not shown."""
    if "publish" not in path or mistake.place is None:
        return mistake
    return DefinitionError(Place(mistake.place.path, mistake.place.row), mistake.problem, mistake.hint)


def _without_other_forms(details: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The mistakes without those that only say that a value has not the other form it might have had."""

    def other_form(detail: dict[str, Any]) -> bool:
        before = detail["loc"][:-1]
        return detail["type"] in FORMS and any(
            one["loc"][: len(before)] == before and one["type"] not in FORMS for one in details
        )

    return [detail for detail in details if not other_form(detail)]


def _mistake(model: type[BaseModel], node: Node, detail: dict[str, Any]) -> DefinitionError:
    path = tuple(detail["loc"])
    found = node.at(path)
    name = ".".join(_known_steps(node, path)) or "this"
    match detail["type"]:
        case "extra_forbidden":
            known = _names(model, path[:-1])
            return DefinitionError(found.key_place, f"unknown key {path[-1]!r}", nearest(str(path[-1]), known))
        case "missing":
            return DefinitionError(found.key_place, f"the key {path[-1]!r} is missing here")
        case "secret_in_the_open":
            return DefinitionError(found.place, f"{name}: {detail['msg']}")
        case _:
            message = str(detail["msg"]).removeprefix("Value error, ")
            value = f", found {found.value!r}" if isinstance(found.value, str) else ""
            return DefinitionError(found.place, f"{name}: {message[0].lower()}{message[1:]}{value}")


def _known_steps(node: Node, path: tuple[object, ...]) -> Iterator[str]:
    """The steps of `path` that stand in the file: those that name a form of the model do not."""
    for step in path:
        child = node.child(step)
        if child is not None:
            node = child
            yield str(step)


def _names(model: type[BaseModel], path: tuple[object, ...]) -> list[str]:
    """The keys that the model at `path` knows: unions and dictionaries on the way are looked through."""
    candidates: list[type[BaseModel]] = [model]
    for step in path:
        deeper = [
            inner
            for candidate in candidates
            for name, field in candidate.model_fields.items()
            if str(step) in {name, field.alias}
            for inner in _models(field.annotation)
        ]
        candidates = deeper or candidates
    return [field.alias or name for candidate in candidates for name, field in candidate.model_fields.items()]


def _models(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in getattr(annotation, "__args__", ()) for model in _models(part)]
