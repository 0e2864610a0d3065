"""Keys without a counterpart, counted over all parts and told once for each joined source."""

from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field

from feedsmith.catalog.joins import BETWEEN
from feedsmith.issues import Issue, Place, Severity
from feedsmith.run.job import PartJoin
from feedsmith.run.joining import Join, counted
from feedsmith.sources.index import EXAMPLES, IndexReader


@dataclass
class JoinTally:
    """What a stream's parts came to with one joined source. `used` has a byte for each of its rows, 1 where found."""

    join: Join
    used: bytearray = field(init=False)
    unmatched: int = 0
    examples: list[tuple[str, Place]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.used = bytearray(self.join.highest + 1)

    def take(self, part: PartJoin) -> None:
        """Add a part."""
        self.unmatched += part.unmatched
        self.examples += part.examples[: EXAMPLES - len(self.examples)]
        for number in array("I", part.used):
            self.used[number] = 1

    def issues(self) -> Iterator[Issue]:
        """Both sides' keys without a counterpart."""
        join = self.join
        if not join.keys or join.problem:
            return
        if self.unmatched:
            severity = Severity.INFO if join.missing == "ignore" else Severity.WARNING
            said = counted(self.unmatched, "product has no row in {}", "products have no row in {}", join.name)
            told = "; ".join(f"{product or 'a product'} in {place}" for product, place in self.examples)
            yield Issue(
                "join-unmatched", severity, f"{said}: {told}",
                self.examples[0][1], product=self.examples[0][0],
                help="check the keys on both sides; `missing:` says what becomes of such products",
            )  # fmt: skip
        yield from self._unused()

    def _unused(self) -> Iterator[Issue]:
        reader = IndexReader(self.join.index)
        count, first = reader.unused(self.used)
        reader.close()
        if count:
            said = counted(count, "row of {} belongs to no product", "rows of {} belong to no product", self.join.name)
            told = "; ".join(f"{_key(key)} in {self.join.place_of(line)}" for key, line in first)
            yield Issue(
                "join-unused", Severity.INFO, f"{said}: {told}",
                self.join.place_of(first[0][1]), value=_key(first[0][0]),
                help="nothing to do where the file holds more than the shop sells; else check the keys on both sides",
            )  # fmt: skip


def _key(key: str) -> str:
    return " + ".join(key.split(BETWEEN))
