"""Figures of a feed beside those of its last good version, item by item."""

import msgspec


class Figures(msgspec.Struct, frozen=True):
    """What became of the items of the last good version.

    `before` counts those with an id, `gone` those whose id is not there any more, `added` the ids that are new.
    `priced` are the items that have a price in both; of `moved` it moved by more than a guard's `by`, as in `example`.
    `factor` says what `factored` prices, more than half, were multiplied by; empty where no factor explains them.
    `in_stock` are those of both that were in stock, `sold_out` those of them that are not now. `lost` are some ids.
    """

    before: int = 0
    gone: int = 0
    added: int = 0
    lost: tuple[str, ...] = ()
    priced: int = 0
    moved: int = 0
    example: str = ""
    factor: str = ""
    factored: int = 0
    in_stock: int = 0
    sold_out: int = 0
