"""What `init` would write: the files and what they are, the market, what was assumed, what only the user knows."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from feedsmith.catalog.headings import split_key
from feedsmith.run.start.gaps import Filler, gaps
from feedsmith.run.start.joined import Joined, given_fields
from feedsmith.run.start.look import EXAMPLE_SITE, Seen
from feedsmith.run.start.market import Guess, MarketGuess, guess_market
from feedsmith.run.start.sources import Sources
from feedsmith.values.codes import COUNTRIES, COUNTRY_CURRENCY, COUNTRY_LANGUAGE, LANGUAGES
from feedsmith.values.currencies import CURRENCIES

ALL = "all"
MANY = 8
"""Stores that a question lists."""
MAIN = "products"
"""The name of the main source."""


@dataclass(frozen=True, slots=True)
class Question:
    """What the files leave open. `known` is the answer without one, and `reason` where it comes from."""

    key: str
    text: str
    known: str
    reason: str


@dataclass(frozen=True)
class Plan:
    """What to write, from these sources.

    `market` holds what is known of country, language, currency and site. `stores` are those whose stock is used, None
    for all of them.
    """

    sources: Sources
    channels: tuple[str, ...]
    market: MarketGuess
    fillers: tuple[Filler, ...]
    open: tuple[str, ...]
    stores: tuple[str, ...] | None = None

    @property
    def first(self) -> Seen:
        """The main source's file, whose columns are proposed."""
        return self.sources.first

    @property
    def joined(self) -> tuple[Joined, ...]:
        """The sources beside the main one."""
        return self.sources.joined

    @property
    def files(self) -> tuple[Seen, ...]:
        """All files that are read."""
        return (*self.sources.files, *(file for one in self.joined for file in one.files))

    def assumptions(self) -> Iterator[str]:
        """What stands in the file though nobody said it."""
        yield from self._assumed_of_files()
        for filler in self.fillers:
            if filler.assumed:
                yield f"{filler.field} is {filler.rule}: {filler.reason}"
        for key in ("country", "language", "currency"):
            guess: Guess = getattr(self.market, key)
            if not guess.certain:
                yield f"{key} {guess.value}: {guess.reason}"
        if not self.market.site.certain and self.uses_site():
            yield f"site {self.market.site.value}: {self.market.site.reason}"

    def _assumed_of_files(self) -> Iterator[str]:
        if self.sources.others:
            yield f"{self.first.name} is the main file: it tells the most of the products"
        for one in self.files:
            if one.refused is not None:
                yield f"{one.name} is in {one.encoding}: {one.refused.problem}"
        for source in self.joined:
            if not source.key.sure:
                yield f"{source.name} is joined by {source.key.theirs}: {source.key.told(MAIN)}"

    def uses_site(self) -> bool:
        """Whether an address is made with the shop's site."""
        made = (self.first.sample.columns[heading] for heading in self.first.made)
        by_system = any(text.startswith(EXAMPLE_SITE) for column in made for text in column.filled)
        return by_system or any("market.site" in one.rule for one in self.fillers)

    def store_names(self) -> list[str]:
        """The stores whose stock the files tell apart."""
        found = own_stores(self.first)
        for one in self.joined:
            found += one.many.names if one.many is not None and one.many.per.kind == "store" else ()
            found += stores_in(one.columns)
        return list(dict.fromkeys(found))


def own_stores(seen: Seen) -> list[str]:
    """The stores that have a column of their own."""
    return stores_in(seen.claims)


def stores_in(keys: Iterable[str]) -> list[str]:
    """The stores that keys name.

    >>> stores_in(["price", "stock[utrecht]"])
    ['utrecht']
    """
    return [name for field, name in map(split_key, keys) if field == "stock" and name]


def plan(sources: Sources, channels: Sequence[str], open_: Iterable[str] = ()) -> Plan:
    """The plan without anybody's answers; `open_` is what is open besides."""
    market = guess_market(sources.first, [one.first for one in sources.joined])
    if not market.site.value:
        market = replace(market, site=Guess(EXAMPLE_SITE, "the files hold no page's address"))
    found = gaps(sources.first, given_fields(sources.joined))
    return Plan(sources, tuple(channels), market, found.fillers, (*found.open, *open_))


def main_question(made: Plan) -> Question:
    """Which of several files holds the products, where the files leave it open."""
    shown = made.first.name
    told = f"it tells the most of the products; the others are joined to it: {', '.join(made.sources.others[1:])}"
    return Question("main", "File of the products", shown, told)


def questions(made: Plan) -> list[Question]:
    """What to ask: only what the files do not tell."""
    market = made.market
    found = []
    if not market.country.certain:
        found.append(
            Question("country", "Country of the feeds (two letters)", market.country.value, market.country.reason)
        )
    if not market.currency.certain:
        found.append(Question("currency", "Currency of the prices", market.currency.value, market.currency.reason))
    if not market.site.certain and made.uses_site():
        found.append(Question("site", "Address of the shop", market.site.value, "links are made with it"))
    stores = made.store_names()
    if stores:
        told = f"the files have stock of {_some(stores)}"
        found.append(Question("stores", "Stores whose stock counts (names with commas between)", ALL, told))
    return found


def problem_of(made: Plan, key: str, answer: str) -> str:
    """What is wrong with an answer, "" for nothing."""
    if key == "country" and answer.upper() not in COUNTRIES:
        return f"{answer!r} is no ISO 3166-1 country; for example NL"
    if key == "language" and answer.lower() not in LANGUAGES:
        return f"{answer!r} is no ISO 639-1 language; for example nl"
    if key == "currency" and answer.upper() not in CURRENCIES:
        return f"{answer!r} is no current ISO 4217 currency; for example EUR"
    if key == "site" and not answer.startswith(("http://", "https://")):
        return "write the whole address, such as https://www.example.com"
    if key == "stores" and (unknown := [name for name in _listed(answer) if name not in [*made.store_names(), ALL]]):
        return f"there is no store {unknown[0]!r}; there are: {', '.join(made.store_names())}"
    return ""


def answered(made: Plan, answers: Mapping[str, str]) -> Plan:
    """The plan with answers by their question's key; each is one without a problem."""
    market = made.market
    if country := answers.get("country", "").upper():
        market = replace(market, country=_said(country))
        if not market.currency.certain and "currency" not in answers:
            market = replace(
                market, currency=Guess(COUNTRY_CURRENCY.get(country, "EUR"), f"that of {country}", certain=True)
            )
        if not market.language.certain:
            language = COUNTRY_LANGUAGE.get(country, "en")
            market = replace(market, language=Guess(language, f"that of {country}", certain=True))
    if currency := answers.get("currency", "").upper():
        market = replace(market, currency=_said(currency))
    if site := answers.get("site", "").rstrip("/"):
        market = replace(market, site=replace(_said(site), certain=site != EXAMPLE_SITE))
    stores = _listed(answers.get("stores", ALL))
    return replace(made, market=market, stores=None if ALL in stores or not stores else tuple(stores))


def _said(value: str) -> Guess:
    return Guess(value, "", certain=True)


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - MANY} more" if len(names) > MANY else ""
    return ", ".join(names[:MANY]) + more


def _listed(answer: str) -> list[str]:
    return [name.strip() for name in answer.split(",") if name.strip()]
