"""Proposals for a merchant's category: the categories of a list whose words are nearest to its own.

Words are compared in English: `channels/taxonomies/words.tsv` has those of Dutch, German and French shops, and
compound words are taken apart with it (`regenjassen`: rain, coats jackets). Where the list has names in the shop's own
language, their words are compared as they are. The last part of a path says most. Nothing is asked of any service.
"""

import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from feedsmith.resources import bundled

SEPARATORS = re.compile(r"\s*(?:>|»|/|\||;)\s*")
WORD = re.compile(r"[^\W_]+")
STOP = frozenset(
    {
        *("and", "or", "of", "for", "the", "with", "other"),
        *("en", "van", "voor", "met", "overige"),
        *("und", "fuer", "fur", "mit", "sonstige"),
        *("et", "de", "des", "du", "pour", "la", "le", "les", "l", "d"),
    }
)
"""Words that say nothing of a category."""
LEVELS = (1.0, 0.55, 0.3, 0.2)
"""Weight of the parts of a merchant's path, from the last one up."""
OWN_LEVELS = (1.0, 0.45, 0.25, 0.15, 0.1, 0.1, 0.1)
"""Weight of the parts of a category of the list, from the last one up."""
TITLES = 0.25
"""Weight of words that are in most titles of the category's products."""
MODIFIER = 0.5
"""Weight of the first part of a compound word: a rain coat is a coat."""
NEAR = 0.25
"""What a proposal gains at most where categories of the same branch are mapped nearby."""
RESERVED = "Mature"
"""A branch of Google's list for adult products and weapons: what is proposed from it by mistake does harm."""
LEAST = 0.2
"""Score below which nothing is proposed."""
FIRST_WORDS = 2
"""English words of a foreign one that say what it is: `shirts tops sweater` are shirts and tops first."""
SHORTEST = 3
"""Letters that a part of a compound word has at least."""
ENDINGS = ("s", "n", "en", "e", "es", "er", "x", "je", "jes")
"""What plural and other forms of words end in, in the languages of the table."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A category of the list with its path and a score from 0 to 1."""

    id: str
    path: tuple[str, ...]
    score: float


@dataclass(frozen=True)
class Entry:
    """A category of the list; `names` is its path in another language, where it is known."""

    id: str
    path: tuple[str, ...]
    names: tuple[str, ...] = ()


def parts_of(category: str) -> tuple[str, ...]:
    """The parts of a path as merchants write it: `Kleding > Jassen`, `Home / Lamps`.

    >>> parts_of("Kleding > Jassen"), parts_of("Home/Lamps")
    (('Kleding', 'Jassen'), ('Home', 'Lamps'))
    """
    return tuple(part.strip() for part in SEPARATORS.split(category) if part.strip())


class Suggester:
    """Proposes categories of one list. Made once; `propose` takes well under a millisecond for Google's 5,600."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.entries = [*entries]
        self.words = [_weighted(entry) for entry in self.entries]
        known = Counter(word for words in self.words for word in words)
        total = len(self.entries) + 1
        self.rarity = {word: math.log(total / number) for word, number in known.items()}
        self.rarest = math.log(total)
        self.holders: dict[str, list[int]] = defaultdict(list)
        for number, words in enumerate(self.words):
            for word in words:
                self.holders[word].append(number)
        self.native = frozenset(word for entry in self.entries for part in entry.names for word in _plain_words(part))
        self.size = [sum(weight * self.rarity[word] for word, weight in words.items()) for words in self.words]

    def propose(
        self, category: str, titles: Iterable[str] = (), near: Mapping[str, float] | None = None, most: int = 3
    ) -> list[Proposal]:
        """The best proposals for a merchant's category, the best first.

        Args:
            category: its path.
            titles: titles of some of its products.
            near: id of a category → how near a mapped category of that id is, from 0 to 1.
            most: how many.
        """
        asked = _asked(category, titles, self.native)
        whole = sum(weight * self._rarity(word) for word, weight in asked.items())
        if not whole:
            return []
        shared: dict[int, float] = defaultdict(float)
        own: dict[int, float] = defaultdict(float)
        for word, weight in asked.items():
            for number in self.holders.get(word, ()):
                mine = self.words[number][word]
                shared[number] += self.rarity[word] * weight * min(1.0, mine + 0.3)
                own[number] += self.rarity[word] * mine * min(1.0, weight + 0.4)
        scored = [(self._score(number, shared[number] / whole, own[number], near), number) for number in shared]
        scored.sort(key=lambda one: (-one[0], len(self.entries[one[1]].path), one[1]))
        best = [(score, self.entries[number]) for score, number in scored[:most] if score >= LEAST]
        return [Proposal(entry.id, entry.path, round(score, 2)) for score, entry in best]

    def _rarity(self, word: str) -> float:
        """How much a word says; one that the list has nowhere counts a little: it may be a brand or a season."""
        return self.rarity.get(word, 0.3 * self.rarest)

    def _score(self, number: int, asked: float, own: float, near: Mapping[str, float] | None) -> float:
        """How much of what was asked is in the category, and how much of the category was asked."""
        score = 0.6 * asked + 0.4 * own / self.size[number]
        if self.entries[number].path[0] == RESERVED:
            score /= 2
        bonus = NEAR * near.get(self.entries[number].id, 0.0) if near else 0.0
        return min(1.0, score * (1 - NEAR / 2) + bonus) if near else min(1.0, score)


def nearby(
    path: tuple[str, ...], mapped: Mapping[tuple[str, ...], tuple[str, ...]], entries: Iterable[Entry]
) -> dict[str, float]:
    """How near each category of a list is to those that categories of the same branch are mapped to.

    Args:
        path: the merchant's category.
        mapped: other categories of the merchant with the paths that they are mapped to.
        entries: the list.
    """
    branches: dict[tuple[str, ...], float] = {}
    for other, target in mapped.items():
        common = _common(path, other)
        if common and other != path:
            share = common / max(len(path), len(other))
            for depth in range(1, len(target) + 1):
                near = share * depth / len(target)
                branches[target[:depth]] = max(branches.get(target[:depth], 0.0), near)
    if not branches:
        return {}
    found: dict[str, float] = {}
    for entry in entries:
        near = max((branches.get(entry.path[:depth], 0.0) for depth in range(1, len(entry.path) + 1)), default=0.0)
        if near:
            found[entry.id] = near
    return found


def _common(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    """How many parts two paths share from the top."""
    number = 0
    for left, right in zip(one, other, strict=False):
        if _folded(left) != _folded(right):
            break
        number += 1
    return number


# --- words -------------------------------------------------------------------------------------------------------


def _weighted(entry: Entry) -> dict[str, float]:
    """The words of a category of the list, each with its largest weight."""
    found: dict[str, float] = {}
    for path, factor in ((entry.path, 1.0), (entry.names, 0.9)):
        for weight, part in zip(OWN_LEVELS, reversed(path), strict=False):
            for word in _plain_words(part):
                found[word] = max(found.get(word, 0.0), weight * factor)
    return found


def _asked(category: str, titles: Iterable[str], native: frozenset[str]) -> dict[str, float]:
    """The words that a merchant's category is looked for by, with their weights: in English, or `native` ones."""
    found: dict[str, float] = {}
    for level, part in zip(LEVELS, reversed(parts_of(category)), strict=False):
        for word, weight in _meant(part, native).items():
            found[word] = max(found.get(word, 0.0), level * weight)
    for word, weight in _of_titles(titles, native):
        found.setdefault(word, TITLES * weight)
    return found


def _of_titles(titles: Iterable[str], native: frozenset[str]) -> Iterator[tuple[str, float]]:
    """The words that at least a third of the titles have."""
    each = [_meant(title, native).keys() for title in titles]
    words = Counter(word for one in each for word in one)
    for word, number in words.items():
        if 3 * number >= len(each):
            yield word, number / len(each)


def _meant(text: str, native: frozenset[str]) -> dict[str, float]:
    """The English words that a text of any of the languages stands for; known phrases first."""
    found: dict[str, float] = {}
    plain = _folded(text)
    for phrase, english in () if native else _phrases():
        if phrase in plain and re.search(rf"\b{re.escape(phrase)}\b", plain):
            plain = re.sub(rf"\b{re.escape(phrase)}\b", " ", plain)
            found |= _shared(english)
    for word in WORD.findall(plain):
        if word not in STOP:
            for part, weight in ((_stem(word), 1.0),) if _stem(word) in native else _translated(word):
                found[part] = max(found.get(part, 0.0), weight)
    return found


@lru_cache(maxsize=16384)
def _translated(word: str) -> tuple[tuple[str, float], ...]:
    """What a word stands for; itself, where no table has it."""
    return tuple(_meanings(word))


def _meanings(word: str) -> Iterator[tuple[str, float]]:
    english = _in_english(word)
    if english:
        yield from _shared(english).items()
        yield _stem(word), 0.6
        return
    yield _stem(word), 1.0
    for at in range(SHORTEST, len(word) - SHORTEST + 1):  # the longest known end is the head of a compound
        head = _in_english(word[at:])
        if head:
            yield from _shared(head).items()
            modifier = next(filter(None, (_in_english(one) for one in _joints(word[:at]))), ())
            yield from ((part, weight * MODIFIER) for part, weight in _shared(modifier).items())
            return


def _joints(word: str) -> Iterator[str]:
    """The first part of a compound, without the letters that join it to the next."""
    yield word
    yield from (word.removesuffix(joint) for joint in ("s", "en", "n", "e") if word.endswith(joint))


def _shared(english: tuple[str, ...]) -> dict[str, float]:
    """The English words of one foreign word: the first ones say most."""
    return {word: 1.0 if number < FIRST_WORDS else 0.7 for number, word in enumerate(english)}


def _in_english(word: str) -> tuple[str, ...]:
    """The English words of a word in any form; none where the table has it not."""
    known = _vocabulary()
    if word in known:
        return known[word]
    for ending in ENDINGS:
        base = word.removesuffix(ending)
        if base != word and len(base) >= SHORTEST:
            for form in (base, base[:-1] if base[-2:-1] == base[-1:] else base):
                if form in known:
                    return known[form]
    return ()


def _plain_words(text: str) -> Iterator[str]:
    """The words of a text of the list, stemmed."""
    return (_stem(word) for word in WORD.findall(_folded(text)) if word not in STOP)


def _folded(text: str) -> str:
    """Small letters without accents; `ß` and umlauts as without them."""
    plain = unicodedata.normalize(
        "NFKD", text.casefold().replace("œ", "oe").replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    )
    return "".join(sign for sign in plain if not unicodedata.combining(sign))


def _stem(word: str) -> str:
    """An English word without the ending of its plural.

    >>> [_stem(word) for word in ("shirts", "watches", "batteries", "dresses", "glass")]
    ['shirt', 'watch', 'battery', 'dress', 'glass']
    """
    if len(word) > SHORTEST + 1 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > SHORTEST + 1 and word.endswith(("ches", "shes", "sses", "xes")):
        return word[:-2]
    return word[:-1] if len(word) > SHORTEST and word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


@cache
def _rows() -> tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]:
    """The table: stemmed English words, and the foreign words for them."""
    text = (bundled("channels") / "taxonomies" / "words.tsv").read_text(encoding="utf-8")
    rows = []
    for line in text.splitlines():
        if line and not line.startswith("#"):
            english, *others = line.split("\t")
            words = tuple(dict.fromkeys(map(_stem, english.split())))
            rows.append((words, tuple(_folded(word) for cell in others for word in cell.split(",") if word)))
    return tuple(rows)


@cache
def _vocabulary() -> Mapping[str, tuple[str, ...]]:
    """Foreign word → English words, those of all its meanings."""
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for english, others in _rows():
        for word in others:
            if WORD.fullmatch(word):
                found[word] |= dict.fromkeys(english)
    return {word: tuple(english) for word, english in found.items()}


@cache
def _phrases() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Foreign phrases of several words with their English words, the longest first."""
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for english, others in _rows():
        for word in others:
            if not WORD.fullmatch(word):
                found[word] |= dict.fromkeys(english)
    return tuple((phrase, tuple(found[phrase])) for phrase in sorted(found, key=len, reverse=True))
