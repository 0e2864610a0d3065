"""Making the parts of a card from an item's values: a small function for each kind of part."""

import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from urllib.parse import urlsplit

from feedsmith.mapping.number_functions import current_price, unit_base, unit_price
from feedsmith.preview.cards.amounts import Amount, amount_of, shown_amount, shown_day
from feedsmith.preview.cards.face import Badge, Choice, Part, Shopper
from feedsmith.preview.cards.looks import Cut, FaceLook, Look, PartSource, colour_of, meaning_of, table
from feedsmith.preview.cards.values import Found, Values, first, moment, pairs, period
from feedsmith.texts.catalogue import Texts
from feedsmith.values.measure import Measure, parse_measure

REST_SHOWN = 160
"""Characters of the part of a text that the place cuts away; more of them are only counted."""
LINES_SHOWN = 6
PICTURES_SHOWN = 5
CHOICES_SHOWN = 12
STARS = 5
LONGEST_WORD = 40
"""Characters of a text that may be a channel's word for something."""
STATES = ("in_stock", "out_of_stock", "preorder", "backorder", "discontinued")
LABELS = {
    "in_stock": "In stock",
    "out_of_stock": "Out of stock",
    "preorder": "Pre-order",
    "backorder": "Back-order",
    "discontinued": "No longer made",
    "pickup_today": "Pick up today",
    "new": "New",
    "used": "Used",
    "refurbished": "Refurbished",
    "free_shipping": "Free delivery",
}
"""What a shopper reads for a state or a badge."""


class PartMaker:
    """Makes parts of one item; each is made once, and cut as each face cuts it."""

    def __init__(
        self, item: Values, look: Look, shopper: Shopper, texts: Texts, variants: Sequence[Values] = ()
    ) -> None:
        self.item, self.look, self.shopper, self.texts, self.variants = item, look, shopper, texts, variants
        self._made: dict[str, Part | None] = {}

    def on(self, face: FaceLook, name: str) -> Part | None:
        """The part as this face shows it: cut, or as an empty place where the face wants it; None for nothing."""
        part = self.part(name)
        if part is None:
            wanted = self.look.parts[name].source if name in face.wants else ()
            return Part(name, self.look.parts[name].kind, wanted[0], missing=True) if wanted else None
        return self._cut(part, face.cut[name]) if name in face.cut else part

    def part(self, name: str) -> Part | None:
        """The whole part; None where the item has no value for it."""
        if name not in self._made:
            source = self.look.parts[name]
            part = KINDS[source.kind](self, name, source)
            self._made[name] = replace(part, label=self.texts(source.label)) if part and source.label else part
        return self._made[name]

    def badges(self, face: FaceLook) -> Iterator[Badge]:
        """The badges of a face: those of the parts that it shows."""
        shown = {*face.main, *face.side, *face.more}
        for name, rule in table().badges.items():
            part = self.part(rule.of) if rule.of in shown else None
            if part is not None and rule.when in part.state.split():
                text = part.note if name in {"sale", "coming"} else self.texts(LABELS[name])
                if name == "preorder" and part.note:
                    text = f"{text}, {part.note}"
                yield Badge(text, rule.tone, part.before_field or part.field)

    def _cut(self, part: Part, cut: Cut) -> Part:
        end = _end(part.text, cut.characters)
        seen, rest = part.text[:end], part.text[end:]
        if not rest:
            return part
        note = self.texts("{shown} of {length} characters are seen", shown=len(seen), length=len(part.text))
        more = "…" if len(rest) > REST_SHOWN else ""
        return replace(part, text=seen, rest=rest[:REST_SHOWN] + more, note=note)


def _end(text: str, size: int) -> int:
    """Where a text is cut: no sign loses the marks that stand on it."""
    end = size
    while end < len(text) and unicodedata.combining(text[end]):
        end += 1
    return min(end, len(text))


# --- texts -------------------------------------------------------------------------------------------------------


def _text(maker: PartMaker, name: str, source: PartSource) -> Part | None:
    found = first(maker.item, source.source)
    if found is None:
        return None
    state = meaning_of(found.text) if len(found.text) < LONGEST_WORD else ""
    return Part(name, source.kind, found.field, ", ".join(found.texts), state=state)


def _condition(maker: PartMaker, name: str, source: PartSource) -> Part | None:
    """New, used or refurbished in the shopper's words; a channel's own number for it as it is."""
    part = _text(maker, name, source)
    return replace(part, text=maker.texts(LABELS[part.state])) if part and part.state in LABELS else part


def _period(maker: PartMaker, name: str, source: PartSource) -> Part | None:
    found = first(maker.item, source.source)
    if found is None:
        return None
    days = [moment(text) for text in found.text.split("/")]
    shown = " \N{EN DASH} ".join(shown_day(day, maker.shopper) for day in days if day is not None)
    return Part(name, source.kind, found.field, shown or found.text)


def _path(maker: PartMaker, name: str, source: PartSource) -> Part | None:
    found = first(maker.item, source.source)
    return Part(name, source.kind, found.field, found.text.replace(" > ", " / ")) if found else None


def _list(maker: PartMaker, name: str, source: PartSource) -> Part | None:
    found = first(maker.item, source.source)
    return Part(name, source.kind, found.field, lines=found.texts[:LINES_SHOWN]) if found else None


def _host(maker: PartMaker, name: str, source: PartSource) -> Part | None:
    found = first(maker.item, source.source)
    if found is None:
        return None
    try:
        host = urlsplit(found.text).hostname or found.text
    except ValueError:
        host = found.text
    return Part(name, source.kind, found.field, host.removeprefix("www."))


def _pairs(maker: PartMaker, name: str, source: PartSource) -> Part | None:
    field, told = pairs(maker.item, source.source)
    return Part(name, source.kind, field, lines=tuple(f"{key}: {value}" for key, value in told)) if told else None


def _days(maker: PartMaker, name: str, source: PartSource) -> Part | None:
    """A time that the channel gives in days, or in its own words."""
    found = first(maker.item, source.source)
    if found is None:
        return None
    text = maker.texts.count(int(found.text), "1 day", "{number} days") if found.text.isdecimal() else found.text
    label = maker.texts("Returns within {days}", days=text) if name == "returns" else text
    return Part(name, source.kind, found.field, label)


def _pieces(maker: PartMaker, name: str, source: PartSource) -> Part | None:
    found = first(maker.item, source.source)
    if found is None:
        return None
    whole = found.text.isdecimal()
    text = maker.texts.count(int(found.text), "1 piece", "{number} pieces") if whole else found.text
    return Part(name, source.kind, found.field, text)


# --- money -------------------------------------------------------------------------------------------------------


def _price(maker: PartMaker, name: str, source: PartSource) -> Part | None:
    """What is paid now, and what it was before; a sale counts between its days only."""
    whole, sale = _amount(maker, source, source.source), _amount(maker, source, source.sale)
    if whole is None:
        return None
    start, end = period(maker.item, source)
    now = maker.shopper.now
    if sale is not None and current_price(whole[1].value, sale[1].value, start, end, now) == sale[1].value:
        return _reduced(maker, name, sale, whole) if sale[1].value < whole[1].value else _priced(maker, name, whole)
    if sale is not None and sale[1].value < whole[1].value and start is not None and now < start:
        note = maker.texts("Sale from {day}", day=shown_day(start, maker.shopper))
        return _priced(maker, name, whole, state="later", note=note)
    before = _amount(maker, source, source.was)
    if before is not None and before[1].value > whole[1].value:
        return _reduced(maker, name, whole, before)
    return _priced(maker, name, whole)


def _paid(maker: PartMaker) -> Amount | None:
    """What is paid now."""
    source = maker.look.parts["price"]
    whole, sale = _amount(maker, source, source.source), _amount(maker, source, source.sale)
    if whole is None or sale is None:
        return whole[1] if whole is not None else None
    paid = current_price(whole[1].value, sale[1].value, *period(maker.item, source), maker.shopper.now)
    return sale[1] if paid == sale[1].value else whole[1]


def _priced(maker: PartMaker, name: str, paid: tuple[str, Amount], state: str = "", note: str = "") -> Part:
    return Part(name, "price", paid[0], shown_amount(paid[1], maker.shopper), state=state, note=note)


def _reduced(maker: PartMaker, name: str, paid: tuple[str, Amount], before: tuple[str, Amount]) -> Part:
    percent = round((1 - paid[1].value / before[1].value) * 100)
    return replace(
        _priced(maker, name, paid, "reduced", f"\N{MINUS SIGN}{percent} %"),
        before=shown_amount(before[1], maker.shopper), before_field=before[0],
    )  # fmt: skip


def _amount(maker: PartMaker, source: PartSource, names: Sequence[str]) -> tuple[str, Amount] | None:
    """The first amount among these fields, in its own currency, that of the item or that of the market."""
    found = first(maker.item, names)
    if found is None:
        return None
    named = first(maker.item, source.currency)
    amount = amount_of(found.text, (named.text if named else "") or maker.shopper.currency)
    return (found.field, amount) if amount is not None else None


def _money(maker: PartMaker, name: str, source: PartSource) -> Part | None:
    found = _amount(maker, source, source.source)
    if found is None:
        return None
    note = maker.texts(NOTES[name]) if name in NOTES else ""
    return Part(name, source.kind, found[0], shown_amount(found[1], maker.shopper), note=note)


NOTES = {
    "lowest_price": "lowest price of the last 30 days",
    "member_price": "for members",
    "minimum": "minimum purchase",
}
"""What stands beside an amount."""


def _unit(maker: PartMaker, name: str, source: PartSource) -> Part | None:
    """A price per unit: an amount, the channel's own words, or worked out where the channel works it out."""
    found = first(maker.item, source.source)
    if found is None:
        return _worked_out(maker, name, source)
    amount = amount_of(found.text, maker.shopper.currency)
    if amount is None:
        return Part(name, source.kind, found.field, found.text)
    base = " ".join(one.text for path in source.base if (one := first(maker.item, [path])))
    return Part(name, source.kind, found.field, _per(maker, amount, base))


def _worked_out(maker: PartMaker, name: str, source: PartSource) -> Part | None:
    """The price of the base measure, of a product whose own measure is known."""
    own, wanted, paid = first(maker.item, source.measure), first(maker.item, source.base), _paid(maker)
    measure = _measure(own)
    base = unit_base(measure, _measure(wanted))
    price = unit_price(paid.value, measure, base) if paid is not None else None
    if own is None or paid is None or price is None:
        return None
    return Part(name, source.kind, own.field, _per(maker, Amount(price, paid.currency), str(base)))


def _measure(found: Found | None) -> Measure | None:
    measure = parse_measure(found.text) if found is not None else None
    return measure if isinstance(measure, Measure) else None


def _per(maker: PartMaker, amount: Amount, base: str) -> str:
    shown = shown_amount(amount, maker.shopper)
    return f"{shown} / {base}" if base else shown


def _shipping(maker: PartMaker, name: str, source: PartSource) -> Part | None:
    found = _amount(maker, source, source.source)
    if found is None:
        return None
    field, amount = found
    if not amount.value:
        return Part(name, source.kind, field, maker.texts("Free delivery"), state="free")
    return Part(name, source.kind, field, maker.texts("{amount} delivery", amount=shown_amount(amount, maker.shopper)))


def _offer(maker: PartMaker, name: str, source: PartSource) -> Part | None:
    """What a promotion gives: so many per cent, an amount, or its own words."""
    found = first(maker.item, source.source)
    if found is None:
        return None
    if found.field == "percent_off":
        return Part(name, source.kind, found.field, maker.texts("{percent} % off", percent=found.text))
    amount = amount_of(found.text, maker.shopper.currency)
    if amount is not None:
        shown = shown_amount(amount, maker.shopper)
        return Part(name, source.kind, found.field, maker.texts("{amount} off", amount=shown))
    return Part(name, source.kind, found.field, found.text.replace("_", " "))


# --- pictures, colours, sizes ------------------------------------------------------------------------------------


def _image(maker: PartMaker, name: str, source: PartSource) -> Part | None:
    """The main picture and the next ones; only web addresses are pictures."""
    found = first(maker.item, source.source)
    if found is None:
        return None
    more = first(maker.item, source.more)
    addresses = dict.fromkeys([*found.texts, *(more.texts if more else ())])
    lines = tuple(one for one in addresses if one.lower().startswith(("https://", "http://")))
    return Part(name, source.kind, found.field, lines[0] if lines else "", lines=lines[:PICTURES_SHOWN])


def _choices(maker: PartMaker, name: str, source: PartSource) -> Part | None:
    """The item's own value among those of its variants."""
    found = first(maker.item, source.source)
    if found is None:
        return None
    own = ", ".join(found.texts)
    others = (first(one, [found.field]) for one in maker.variants)
    values = dict.fromkeys([own, *(", ".join(one.texts) for one in others if one is not None)])
    colours = source.kind == "swatch"
    choices = tuple(Choice(one, one == own, colour_of(one) if colours else "") for one in values)
    return Part(name, source.kind, found.field, own, choices=choices[:CHOICES_SHOWN])


# --- state -------------------------------------------------------------------------------------------------------


def _availability(maker: PartMaker, name: str, source: PartSource) -> Part | None:
    """Whether it can be had, in the shopper's words; from the pieces in stock where the channel has no word for it."""
    found = first(maker.item, source.source)
    state = meaning_of(found.text) if found else ""
    if found is None or state not in STATES:
        pieces = first(maker.item, source.quantity)
        if pieces is not None and pieces.text.isdecimal():
            found, state = pieces, "in_stock" if int(pieces.text) else "out_of_stock"
    if found is None:
        return None
    day = _coming(maker, source) if state in {"preorder", "backorder", "out_of_stock"} else None
    note = maker.texts("from {day}", day=shown_day(day, maker.shopper)) if day else ""
    text = maker.texts(LABELS[state]) if state in LABELS else found.text
    return Part(name, source.kind, found.field, text, note=note, state=state)


def _coming(maker: PartMaker, source: PartSource) -> datetime | None:
    found = first(maker.item, source.date)
    return moment(found.text) if found else None


def _rating(maker: PartMaker, name: str, source: PartSource) -> Part | None:
    found = first(maker.item, source.source)
    number = _number(found)
    if found is None or number is None:
        return None
    count = first(maker.item, source.count)
    note = f"({count.text})" if count else ""
    share = float(max(Decimal(0), min(Decimal(1), number / STARS)))
    return Part(name, source.kind, found.field, found.text, note=note, share=share)


def _number(found: Found | None) -> Decimal | None:
    amount = amount_of(found.text, "") if found else None
    return amount.value if amount is not None else None


KINDS: Mapping[str, Callable[[PartMaker, str, PartSource], Part | None]] = {
    "availability": _availability,
    "choice": _choices,
    "condition": _condition,
    "days": _days,
    "host": _host,
    "image": _image,
    "list": _list,
    "money": _money,
    "offer": _offer,
    "pairs": _pairs,
    "path": _path,
    "period": _period,
    "pieces": _pieces,
    "price": _price,
    "rating": _rating,
    "shipping": _shipping,
    "swatch": _choices,
    "text": _text,
    "unit": _unit,
}
"""What makes each kind of part."""
