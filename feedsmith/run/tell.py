"""Making issues of what was found in a batch: with the product, its place in the source, and the feed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from feedsmith.catalog.products import Products
from feedsmith.checks.ledger import SEVERITIES, Finding
from feedsmith.issues import Issue, Severity, shown
from feedsmith.mapping.expression import printed
from feedsmith.mapping.rows import Failure
from feedsmith.values.column import Column

FILTERED = "filtered"


@dataclass(frozen=True)
class Teller:
    """Tells of one feed's batch.

    `rows` are the batch's rows behind what could become items, `ids` their ids; `sources` gives the canonical key of a
    field.
    """

    feed: str
    channel: str
    reference: str
    products: Products
    ids: Column
    sources: Mapping[str, str]
    rows: Sequence[int]

    def product(self, row: int) -> str:
        """The id of the product."""
        return printed(self.ids[row]) or self.products.product(self.rows[row])

    def known_ids(self, kept: list[int]) -> list[str]:
        """The ids of these rows."""
        if self.ids.is_text and self.ids.full and len(kept) == len(self.ids):
            return self.ids.values
        return [self.product(row) for row in kept]

    def found(self, finding: Finding, row: int) -> Issue:
        """A finding of a check, about the product of that number."""
        return Issue(
            code=finding.code, severity=SEVERITIES[finding.consequence], message=finding.message,
            place=self.products.place(self.sources.get(finding.field.partition(".")[0], ""), self.rows[row]),
            product=self.product(row), feed=self.feed, channel=self.channel, field=finding.field,
            value=shown(printed(finding.value)), help=finding.help, reference=finding.reference or self.reference,
        )  # fmt: skip

    def failed(self, failure: Failure, row: int) -> Issue:
        """A rule that failed on that product."""
        return Issue(
            code="rule-failed", severity=failure.severity, message=failure.problem, place=failure.place,
            product=self.product(row), feed=self.feed, channel=self.channel,
            help="look at the product's values and at the rule",
        )  # fmt: skip

    def filtered(self, reasons: Mapping[int, str]) -> Iterator[Issue]:
        """The products that `where` and `exclude` left out, with the reason's name."""
        for row, why in sorted(reasons.items()):
            yield Issue(
                code=FILTERED, severity=Severity.INFO, message=why, place=self.products.place("", self.rows[row]),
                product=self.product(row), feed=self.feed, channel=self.channel,
            )  # fmt: skip
