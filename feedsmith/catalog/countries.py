"""Countries by the names that merchants write."""

from functools import cache

from babel import Locale

from feedsmith.values.codes import COUNTRIES

_OLDER = {
    "czech republic": "CZ",
    "england": "GB",
    "great britain": "GB",
    "holland": "NL",
    "hongkong": "HK",
    "turkey": "TR",
    "u.s.a.": "US",
    "usa": "US",
}
"""Names in use that CLDR does not have."""


@cache
def country_names() -> dict[str, str]:
    """Case-folded name in English, Dutch, German or French → ISO 3166-1 code. Source: CLDR, by babel."""
    names = dict(_OLDER)
    for language in ("en", "nl", "de", "fr"):
        for code, name in Locale(language).territories.items():
            if code in COUNTRIES:
                names.setdefault(name.casefold(), code)
    return names
