"""Merchants' words for the values of closed lists: `op voorraad` is in_stock."""

from functools import cache

from feedsmith.catalog.fields import CanonicalField
from feedsmith.catalog.headings import normalise
from feedsmith.catalog.tables import read_table


class Words:
    """The words of one closed list."""

    def __init__(self, name: str, choices: tuple[str, ...]) -> None:
        self.choices = choices
        self._exact = {choice.casefold(): choice for choice in choices}
        self._loose: dict[str, str] = {}
        for choice, words in read_table("choices").get(name, {}).items():
            for word in (choice, *words):
                self._exact.setdefault(word.casefold(), choice)
                if not _is_signed(word):
                    self._loose.setdefault(normalise(word), choice)

    def find(self, text: str) -> str | None:
        """The canonical value for a merchant's word, or None."""
        exact = self._exact.get(text.casefold())
        if exact or _is_signed(text):
            return exact
        return self._loose.get(normalise(text).removeprefix("https_").removeprefix("http_"))


def _is_signed(text: str) -> bool:
    """A number with a sign, which the loose form would lose: -1 is not 1."""
    return text[:1] in ("-", "+")


@cache
def _words(name: str, choices: tuple[str, ...]) -> Words:
    return Words(name, choices)


def words_of(field: CanonicalField) -> Words:
    """The words for a field of kind choice; all energy classes share a list."""
    name = "energy_class" if field.name.endswith("energy_efficiency_class") else field.name
    return _words(name, field.choices)


def flag_words() -> Words:
    """The words for yes (`true`) and no (`false`)."""
    return _words("flag", ("true", "false"))


def currency_words() -> Words:
    """The names and signs of currencies that are not codes."""
    return _words("currency", ())
