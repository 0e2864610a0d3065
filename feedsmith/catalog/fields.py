"""How the fields of a canonical record are declared: the types of their values, and what is known about each."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, get_args

from pydantic import AwareDatetime, BaseModel, Field
from pydantic.fields import FieldInfo

from feedsmith.values.measure import Measure as MeasureValue

LANGUAGE = "language"
MARKET = "market"


@dataclass(frozen=True, slots=True)
class Kind:
    """How text becomes a value of the field: `name` is a key of `kinds.KINDS`; `separators` split a list."""

    name: str
    separators: str = ""


Text = Annotated[str | None, Kind("text")]
Identifier = Annotated[str | None, Kind("identifier")]
Html = Annotated[str | None, Kind("html")]
Url = Annotated[str | None, Kind("url")]
Urls = Annotated[list[str] | None, Kind("urls")]
Texts = Annotated[list[str] | None, Kind("texts", separators="|;\n")]
Codes = Annotated[list[str] | None, Kind("texts", separators=",|;\n")]
Money = Annotated[Decimal | None, Kind("money")]
Number = Annotated[Decimal | None, Kind("number")]
Whole = Annotated[int | None, Kind("whole")]
Quantity = Annotated[int | None, Kind("quantity")]
Flag = Annotated[bool | None, Kind("flag")]
Moment = Annotated[AwareDatetime | None, Kind("moment")]
MomentEnd = Annotated[AwareDatetime | None, Kind("moment_end")]
Measure = Annotated[MeasureValue | None, Kind("measure")]
Gtin = Annotated[str | None, Kind("gtin")]
Country = Annotated[str | None, Kind("country")]
Currency = Annotated[str | None, Kind("currency")]
Category = Annotated[str | None, Kind("category")]
Stock = Annotated[dict[str, int] | None, Kind("stock")]
Groups = Annotated[list[dict[str, Any]] | None, Kind("groups")]

CHOICE = Kind("choice")
"""A closed list of words: `Annotated[Literal[...] | None, CHOICE]`."""


def about(description: str, varies: str = "", unit: str = "", parts: str = "") -> Any:
    """A field that may be empty.

    `varies`: language, market or store; `unit`: of a bare number; `parts`: of a group, in the order of its text form.
    """
    extra = {"varies": varies, "unit": unit, "parts": parts}
    return Field(default=None, description=description, json_schema_extra={k: v for k, v in extra.items() if v})


@dataclass(frozen=True, slots=True)
class CanonicalField:
    """What is known about one field of a record.

    `choices` is filled for a closed list; `varies` is "", language, market or store; `unit` is that of a bare number;
    `parts` are the names of a group's parts; `separators` split a list of texts.
    """

    name: str
    kind: str
    description: str
    choices: tuple[str, ...] = ()
    varies: str = ""
    unit: str = ""
    parts: tuple[str, ...] = ()
    separators: str = ""


def _described(name: str, info: FieldInfo) -> CanonicalField:
    """The model's field as a plain record."""
    kind = next(meta for meta in info.metadata if isinstance(meta, Kind))
    extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
    literals = get_args(info.annotation)[0] if kind.name == "choice" else None
    return CanonicalField(
        name=name,
        kind=kind.name,
        description=info.description or "",
        choices=get_args(literals),
        varies=str(extra.get("varies", "")),
        unit=str(extra.get("unit", "")),
        parts=tuple(part for part in str(extra.get("parts", "")).split(":") if part),
        separators=kind.separators,
    )


def canonical_fields(model: type[BaseModel]) -> dict[str, CanonicalField]:
    """The fields of a record's model by name, in the model's order."""
    return {name: _described(name, info) for name, info in model.model_fields.items()}
