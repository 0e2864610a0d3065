"""The rules that could have made a field of a feed, the simplest kinds first."""

import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal

from feedsmith.mapping.infer.evidence import LEAST, Rule, Source, Texts, training
from feedsmith.mapping.step import Setting
from feedsmith.mapping.steps import STEPS

MOST_MAPPED = 60
"""Entries of a value map; more are a table that somebody should keep."""
MOST_TOKENS = 8
"""Sources of one template."""
ROWS_FOR_TEMPLATES = 40
SHORTEST = 2
"""Characters of a value that is looked for inside a text: shorter ones stand everywhere by chance."""
PER_ENTRY = 3
"""Groups of variants that each entry of a value map must have on the average, so that it is no list of products."""
MOST_LETTERS = 60
"""Mean length of the texts on either side of a value map: longer ones are no words for a kind of product."""
CHANGES = ("trim", "collapse", "strip_html", "lower", "upper", "title_case", "sentence_case")
FACTOR_PLACES = 4
Guess = Callable[[Texts, Sequence[Source]], Iterator[Rule]]


def constant(wanted: Texts, sources: Sequence[Source]) -> Iterator[Rule]:
    """One text for all products."""
    del sources
    values = {wanted[row] for row in training(len(wanted))}
    if len(values) == 1 and (value := values.pop()) and "{" not in value:
        yield Rule("constant", value, [value] * len(wanted))


def copy(wanted: Texts, sources: Sequence[Source]) -> Iterator[Rule]:
    """A column as it is; with a fixed text where it is empty."""
    for source in sources:
        yield Rule("copy", {"from": source.name}, source.texts)
        others = Counter(wanted[row] for row in training(len(wanted)) if not source.texts[row])
        if others and (default := others.most_common(1)[0][0]) and "{" not in default and any(source.texts):
            gives = [text or default for text in source.texts]
            yield Rule("copy or fixed text", {"from": source.name, "default": default}, gives)


def changed(wanted: Texts, sources: Sequence[Source]) -> Iterator[Rule]:
    """A column after one step: letters made small, HTML taken off, cut to a length."""
    longest = max(map(len, wanted), default=0)
    setting = Setting(None, {}, "")
    for source in sources:
        for name in CHANGES:
            change = STEPS[name].make(None, setting)
            yield Rule(
                "changed", {"from": source.name, "steps": [name]}, [change(t) if t else "" for t in source.texts]
            )
        if longest and max(map(len, source.texts), default=0) > longest:
            cut = STEPS["cut"].make(str(longest), setting)
            rule = {"from": source.name, "steps": [{"cut": str(longest)}]}
            yield Rule("changed", rule, [cut(text) if text else "" for text in source.texts])


def affixed(wanted: Texts, sources: Sequence[Source]) -> Iterator[Rule]:
    """A column with a fixed text in front or behind."""
    rows = training(len(wanted))
    for source in sources:
        pairs = Counter(
            (before, behind)
            for row in rows
            if (value := source.texts[row]) and len(value) >= SHORTEST
            for before, found, behind in [wanted[row].partition(value)]
            if found and (before or behind)
        )
        for (before, behind), _ in pairs.most_common(2):
            if "{" not in before + behind:
                written = f"{before}{{{{ {source.name} }}}}{behind}"
                yield Rule("prefix or suffix", written, [before + t + behind if t else "" for t in source.texts])


# --- several columns ---------------------------------------------------------------------------------------------


def templates(wanted: Texts, sources: Sequence[Source]) -> Iterator[Rule]:
    """Several columns with fixed texts between."""
    rows = [row for row in training(len(wanted)) if wanted[row]]
    rows.sort(key=lambda row: -sum(bool(source.texts[row]) for source in sources))
    found: Counter[tuple[str, ...]] = Counter()
    for row in rows[:ROWS_FOR_TEMPLATES]:
        found.update(_segmented(wanted[row], [(one.name, one.texts[row]) for one in sources]))
    by_name = {source.name: source.texts for source in sources}
    for tokens, _ in found.most_common(30):
        if len(tokens[1::2]) > 1:
            yield from _template(tokens, by_name)


def _segmented(text: str, values: Iterable[tuple[str, str]]) -> Iterator[tuple[str, ...]]:
    """Ways to read a text as values with fixed texts between: fixed, name, fixed, name, …, fixed."""
    known: dict[str, list[str]] = {}
    for name, value in values:
        if len(value) >= SHORTEST or (value and re.search(rf"(?<!\w){re.escape(value)}(?!\w)", text)):
            known.setdefault(value, []).append(name)
    pieces: list[str] = [text]
    for value in sorted(known, key=len, reverse=True):
        for place in range(0, len(pieces), 2):
            hit = re.search(rf"(?<!\w){re.escape(value)}(?!\w)", pieces[place])
            if hit and len(pieces) < 2 * MOST_TOKENS:
                whole = pieces[place]
                pieces[place : place + 1] = [whole[: hit.start()], value, whole[hit.end() :]]
                break
    choices = [[piece] if number % 2 == 0 else known[piece][:3] for number, piece in enumerate(pieces)]
    yield from _all(choices)


def _all(choices: Sequence[Sequence[str]], most: int = 12) -> Iterator[tuple[str, ...]]:
    """The combinations, not more than `most`."""
    ways: list[tuple[str, ...]] = [()]
    for options in choices:
        ways = [(*way, option) for way in ways for option in options][:most]
    yield from ways


def _template(tokens: tuple[str, ...], by_name: Mapping[str, Texts]) -> Iterator[Rule]:
    names, fixed = tokens[1::2], tokens[::2]
    columns = [by_name[name] for name in names]
    inner = set(fixed[1:-1])
    if not fixed[0] and not fixed[-1] and len(inner) == 1 and (sign := inner.pop()):
        gives = [sign.join(filter(None, row)) for row in zip(*columns, strict=True)]
        written = {"parts": list(names)} | ({} if sign == " " else {"separator": sign})
        yield Rule("template", written, gives)
    elif not any("{" in text for text in fixed):
        text = "".join(f"{before}{{{{ {name} }}}}" for before, name in zip(fixed, names, strict=False)) + fixed[-1]
        gives = [" ".join(_filled(fixed, row).split()) for row in zip(*columns, strict=True)]
        yield Rule("template", text, gives)


def _filled(fixed: Sequence[str], values: Sequence[str]) -> str:
    return "".join(before + value for before, value in zip(fixed, values, strict=False)) + fixed[-1]


# --- numbers -----------------------------------------------------------------------------------------------------


def factors(wanted: Texts, sources: Sequence[Source]) -> Iterator[Rule]:
    """A number times a fixed one, rounded to cents: prices with VAT of prices without."""
    rows = [row for row in training(len(wanted)) if re.fullmatch(r"\d+(\.\d+)?", wanted[row])]
    for source in sources:
        if source.numbers is None or len(rows) < LEAST:
            continue
        pairs = [(Decimal(wanted[row]), number) for row in rows if (number := source.numbers[row])]
        if not pairs:
            continue
        target, number = max(pairs, key=lambda pair: pair[1])
        for places in range(1, FACTOR_PLACES + 1):
            factor = (target / number).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
            if factor not in (0, 1):
                gives = [_times(value, factor) for value in source.numbers]
                steps = [{"multiply": format(factor.normalize(), "f")}, {"round": "2"}]
                yield Rule("factor", {"from": source.name, "steps": steps}, gives)


def _times(value: Decimal | None, factor: Decimal) -> str:
    if value is None:
        return ""
    found = (value * factor).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return format(found.normalize(), "f") if found else "0"


def money_forms(wanted: Texts, sources: Sequence[Source]) -> Iterator[Rule]:
    """An amount as a text in a form of its own: `€ 1.234,50`."""
    setting = Setting(None, {}, "")
    shown = next((wanted[row] for row in training(len(wanted)) if wanted[row]), "")
    number = re.search(r"\d[\d.,]*", shown)
    if number is None:
        return
    before, behind = shown[: number.start()], shown[number.end() :]
    for source in sources:
        for decimal, thousands in ((",", ""), (",", "."), (".", ""), (".", ",")):
            for places in ("2", "0") if source.numbers is not None else ():
                options = {"form": f"{before}{{amount}}{behind}", "decimals": places, "decimal": decimal}
                options |= {"thousands": thousands} if thousands else {}
                write = STEPS["money"].make(options, setting)
                gives = ["" if value is None else write(value) for value in source.numbers or ()]
                yield Rule("form of an amount", {"from": source.name, "steps": [{"money": options}]}, gives)


# --- value maps --------------------------------------------------------------------------------------------------


def maps(wanted: Texts, sources: Sequence[Source], groups: Texts = ()) -> Iterator[Rule]:
    """Each value of a column stands for another text. Variants of one group are one witness: they share most values."""
    rows = [row for row in training(len(wanted)) if wanted[row]]
    witnesses = len({groups[row] or row for row in rows}) if groups else len(rows)
    if len({wanted[row] for row in rows}) < 2 or _mean_length(wanted[row] for row in rows) > MOST_LETTERS:  # noqa: PLR2004
        return
    for source in sources:
        counts: dict[str, Counter[str]] = {}
        for row in rows:
            if source.texts[row]:
                counts.setdefault(source.texts[row].strip(), Counter())[wanted[row]] += 1
        words = source.numbers is None and _mean_length(counts) <= MOST_LETTERS
        one_case = len({key.casefold() for key in counts}) == len(counts)  # a map does not heed capitals
        if words and one_case and 1 < len(counts) <= min(MOST_MAPPED, witnesses // PER_ENTRY):
            yield _map(source, {key: found.most_common(1)[0][0] for key, found in sorted(counts.items())})


def _mean_length(texts: Iterable[str]) -> float:
    lengths = [len(text) for text in texts]
    return sum(lengths) / len(lengths) if lengths else 0.0


def _map(source: Source, pairs: dict[str, str]) -> Rule:
    gives = [pairs.get(text.strip(), text) for text in source.texts]
    kept = {key: value for key, value in pairs.items() if key != value}
    return Rule("value map", {"from": source.name, "steps": [{"map": kept}]}, gives)


GUESSES: tuple[tuple[Guess, ...], ...] = (
    (constant, copy),
    (changed, affixed, money_forms),
    (templates,),
    (factors,),
)
"""What makes guesses, the simplest kinds first: a kind is tried where no simpler one holds."""


def affixes_of(texts: Sequence[str]) -> tuple[str, str]:
    """What all the texts have in front and behind.

    >>> affixes_of(["shop_12_nl", "shop_13_nl"])
    ('shop_1', '_nl')
    """
    before = os.path.commonprefix(list(texts))  # noqa: RUF071 - letter by letter is meant
    behind = os.path.commonprefix([text[len(before) :][::-1] for text in texts])[::-1]  # noqa: RUF071
    return before, behind
