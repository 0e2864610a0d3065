"""How many items stand in another place of the feed."""

from array import array
from bisect import bisect_left
from collections.abc import Iterable

NOWHERE = -1


class Order:
    """Where each item of the old feed stands in the new one."""

    def __init__(self, size: int) -> None:
        self._places = array("q", [NOWHERE]) * size

    def put(self, old: int, new: int) -> None:
        """The old feed's item of that number is the new feed's."""
        self._places[old] = new

    @property
    def moved(self) -> int:
        """The fewest items that would have to move for the new order, among those that both feeds have."""
        places = [place for place in self._places if place != NOWHERE]
        return len(places) - longest_rise(places)


def longest_rise(numbers: Iterable[int]) -> int:
    """The length of the longest rising series among different numbers, in their order.

    >>> longest_rise([0, 3, 1, 2, 4])
    4
    """
    ends: list[int] = []
    for number in numbers:
        if not ends or number > ends[-1]:
            ends.append(number)
        else:
            ends[bisect_left(ends, number)] = number
    return len(ends)
