"""The card of an item: what a shopper sees of it in one channel."""

from collections.abc import Sequence

from feedsmith.preview.cards.face import Card, Face, Part, Shopper
from feedsmith.preview.cards.looks import FaceLook, Look
from feedsmith.preview.cards.parts import PartMaker
from feedsmith.preview.cards.values import Values
from feedsmith.texts.catalogue import Texts


def make_card(
    channel: str, item: Values, look: Look, shopper: Shopper, texts: Texts, variants: Sequence[Values] = ()
) -> Card:
    """The card of an item.

    Args:
        channel: the channel's name.
        item: the values that the channel gets.
        look: what the channel shows.
        shopper: who looks, and when.
        texts: the words of the page.
        variants: the values of all items of its group, for colours and sizes.
    """
    maker = PartMaker(item, look, shopper, texts, variants)
    return Card(channel, look.family, tuple(_face(name, face, maker, texts) for name, face in look.faces.items()))


def _face(name: str, face: FaceLook, maker: PartMaker, texts: Texts) -> Face:
    def area(names: Sequence[str]) -> tuple[Part, ...]:
        return tuple(part for one in names if (part := maker.on(face, one)) is not None)

    return Face(
        name, texts(face.name), texts(face.hint), face.layout, tuple(maker.badges(face)),
        area(face.media), area(face.main), area(face.side), area(face.more),
    )  # fmt: skip
