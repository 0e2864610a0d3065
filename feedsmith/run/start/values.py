"""What a column's values alone tell, where its heading says nothing."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from feedsmith.catalog.headings import Claim, normalise
from feedsmith.values.column import Column
from feedsmith.values.gtin import clean_gtin, gtin_problem

NEARLY_ALL = 0.95
MOST_LOOKED_AT = 2_000
PICTURE = re.compile(r"(?:https?:)?//\S+\.(?:jpe?g|png|webp|gif|avif)(?:[?#]\S*)?", re.IGNORECASE)
PAGE = re.compile(r"https?://\S+", re.IGNORECASE)
OTHERS = re.compile(r"manufacturer|brand|supplier|external|video|pdf|document")
"""Words of headings whose addresses are not those of the product's own page."""
KEY = re.compile(r"(?:^|_)(?:id|sku|nr|no|code|key|ref|reference|number|nummer|numero|handle|asin)(?:_|$)")
HALF = 0.5
TITLE_LENGTHS = range(8, 200)


@dataclass(frozen=True, slots=True)
class Looks:
    """What a column's values look like, as shares from 0 to 1, and the mean `length` of the values.

    `filled` is the share of rows, the others are shares of the values: different ones, pictures, pages, right GTINs,
    texts of several words.
    """

    filled: float
    different: float
    pictures: float
    pages: float
    gtins: float
    length: float
    words: float

    @classmethod
    def of(cls, column: Column) -> "Looks":
        """The looks of a column of texts."""
        values = list(column.filled)
        some = values[:MOST_LOOKED_AT]
        return cls(
            filled=len(values) / len(column) if len(column) else 0.0,
            different=len(set(values)) / len(values) if values else 0.0,
            pictures=_share(some, lambda text: PICTURE.fullmatch(text.strip()) is not None),
            pages=_share(some, lambda text: PAGE.fullmatch(text.strip()) is not None),
            gtins=_share(some, lambda text: len(text) >= 8 and gtin_problem(clean_gtin(text)) is None),  # noqa: PLR2004
            length=sum(map(len, some)) / len(some) if some else 0.0,
            words=_share(some, lambda text: " " in text.strip()),
        )

    @property
    def unique(self) -> bool:
        """Every row has a value of its own."""
        return self.filled == self.different == 1.0


def _share(values: list[str], test: Callable[[str], bool]) -> float:
    return sum(map(test, values)) / len(values) if values else 0.0


def _is_key(heading: str, looks: Looks) -> bool:
    return looks.unique and KEY.search(normalise(heading)) is not None


def _is_title(heading: str, looks: Looks) -> bool:
    del heading
    texts = looks.filled >= NEARLY_ALL and looks.different >= 0.8 and looks.words >= HALF  # noqa: PLR2004 - a few names are used twice
    return texts and looks.pages == looks.pictures == looks.gtins == 0 and int(looks.length) in TITLE_LENGTHS


TESTS: Mapping[str, tuple[Callable[[str, Looks], bool], str]] = {
    "gtin": (lambda _, looks: looks.gtins >= NEARLY_ALL, "its values are GTINs with right check digits"),
    "image_link": (lambda _, looks: looks.pictures >= NEARLY_ALL, "its values are addresses of pictures"),
    "link": (
        lambda heading, looks: (
            not OTHERS.search(normalise(heading))
            and looks.pages >= NEARLY_ALL
            and looks.pictures < 1 - NEARLY_ALL
            and min(looks.filled, looks.different) > HALF
        ),
        "its values are addresses of pages",
    ),
    "id": (_is_key, "each row has a value of its own, and the heading names a key"),
    "title": (_is_title, "its values are texts, nearly all of them different"),
}
"""Field → how its column is known by its values, and how that is told. Only the columns without a field are asked."""


def by_values(claims: Mapping[str, Claim], looks: Mapping[str, Looks]) -> dict[str, Claim]:
    """The claims, with columns for the fields that no heading names. None of these is certain."""
    found = dict(claims)
    for name, (test, told) in TESTS.items():
        if any(one.field == name for one in found.values()):
            continue
        taken = {heading for one in found.values() for heading in (one.heading, *one.more)}
        heading = next((h for h, one in looks.items() if h not in taken and one.filled and test(h, one)), None)
        if heading is not None:
            found[name] = Claim(name, name, heading, told, certain=False)
    if not any(one.field == "id" for one in found.values()):
        _key_of(found, looks)
    return found


def _key_of(claims: dict[str, Claim], looks: Mapping[str, Looks]) -> None:
    """A GTIN or part number that every row has for itself is the key where there is no other."""
    for name in ("gtin", "mpn"):
        if name in claims and looks[claims[name].heading].unique:
            reason = f"no column is the product's own key, and each row has a {name} of its own"
            claims["id"] = Claim("id", "id", claims[name].heading, reason, certain=False)
            return
