"""Making issues of what was found in a batch: with the product, its place in the source, and the feed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from feedsmith.catalog.products import Products
from feedsmith.checks.ledger import SEVERITIES, Finding
from feedsmith.issues import Issue, Place, Severity, shown
from feedsmith.mapping.expression import printed
from feedsmith.mapping.from_feed import FieldColumns
from feedsmith.mapping.rows import Failure
from feedsmith.values.column import Column

FILTERED = "filtered"
OF_A_FEED = (
    (" in the catalog or by a rule", " in the feed"),
    (", or give the field a rule", ""),
    ("add the step strip_html to the rule", "send it as plain text"),
    (", or declare the form of this column", ""),
)
"""What remedies say of a catalog and its rules, and what of a feed that is only read."""


@dataclass(frozen=True)
class Teller:
    """Tells of one feed's batch.

    `rows` are the batch's rows behind what could become items, `ids` their ids; `sources` gives the canonical key of a
    field. Of a feed that is only read (not `writes`) the feed itself is the source, and there are no rules to change;
    `nested` says where in a column's object a field stands.
    """

    feed: str
    channel: str
    reference: str
    products: Products
    ids: Column
    sources: Mapping[str, str]
    rows: Sequence[int]
    writes: bool = True
    nested: Mapping[str, FieldColumns] = field(default_factory=dict)

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
            place=self._place(finding.field.partition(".")[0], row),
            product=self.product(row), feed=self.feed, channel=self.channel, field=finding.field,
            value=shown(self._value(finding, row)), help=self._help(finding.help),
            reference=finding.reference or self.reference,
        )  # fmt: skip

    def _value(self, finding: Finding, row: int) -> str:
        """The value that was found; where the check could not read it, as the feed has it."""
        told = printed(finding.value)
        if told or self.writes:
            return told
        key = finding.field.partition(".")[0]
        heading = self.sources.get(key, "")
        cell = self.products.raw(heading)[self.rows[row]] if heading else None
        return (self.nested[key].picked(cell) if cell and key in self.nested else cell) or ""

    def _place(self, key: str, row: int) -> Place:
        place = self.products.place(self.sources.get(key, ""), self.rows[row])
        return replace(place, column=self.nested[key].label) if key in self.nested else place

    def _help(self, text: str) -> str:
        if not self.writes:
            for ours, theirs in OF_A_FEED:
                text = text.replace(ours, theirs)
        return text

    def failed(self, failure: Failure, row: int) -> Issue:
        """A rule that failed on that product."""
        return Issue(
            code="rule-failed", severity=failure.severity, message=failure.problem, place=failure.place,
            product=self.product(row), feed=self.feed, channel=self.channel,
            help="look at the product's values and at the rule",
        )  # fmt: skip

    def unmatched(self, source: str, row: int) -> Issue:
        """That a joined source has no row for that product, and must have one."""
        return Issue(
            code="join-unmatched", severity=Severity.ERROR, message=f"{source} has no row for it",
            place=self.products.place("", self.rows[row]), product=self.product(row), feed=self.feed,
            channel=self.channel, help=f"add it to {source}, or say `missing: warn` there",
        )  # fmt: skip

    def filtered(self, reasons: Mapping[int, str]) -> Iterator[Issue]:
        """The products that `where` and `exclude` left out, with the reason's name."""
        for row, why in sorted(reasons.items()):
            yield Issue(
                code=FILTERED, severity=Severity.INFO, message=why, place=self.products.place("", self.rows[row]),
                product=self.product(row), feed=self.feed, channel=self.channel,
            )  # fmt: skip
