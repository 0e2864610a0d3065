"""What the checks of one feed found in one batch, and which rows it costs."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from feedsmith.definitions.field import Consequence
from feedsmith.issues import Severity

SEVERITIES: dict[Consequence, Severity] = {
    "reject": Severity.ERROR,
    "drop": Severity.WARNING,
    "cut": Severity.WARNING,
    "warn": Severity.WARNING,
    "info": Severity.INFO,
}
"""How much an issue with that consequence matters."""

RESULTS: dict[Consequence, str] = {"drop": "the value is left out", "cut": "the value is cut"}
"""What a message adds, so that nothing happens to a value in silence."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong in one row; `feedsmith.run` makes an issue of it."""

    row: int
    code: str
    consequence: Consequence
    message: str
    field: str = ""
    value: object = ""
    help: str = ""
    reference: str = ""


@dataclass(slots=True)
class Ledger:
    """Findings in the order in which they were made. `override` may change a code's consequence, or None drops it."""

    findings: list[Finding] = field(default_factory=list)
    rejected: set[int] = field(default_factory=set)
    lost: set[tuple[str, int]] = field(default_factory=set)
    """Field and row of the findings that rejected an item: that the field is empty then need not be told as well."""
    override: Callable[[str, Consequence], Consequence | None] | None = None
    writes: bool = True
    """A feed is made of the values. Of one that is only read, nothing is left out or cut, and nothing said of it."""

    def inner(self) -> "Ledger":
        """A new one for the parts of a value, under the same rules."""
        return Ledger(override=self.override, writes=self.writes)

    def add(self, finding: Finding) -> Consequence | None:
        """Note a finding; gives the consequence that counts in the end (None: the project turned the code off)."""
        consequence = finding.consequence
        if self.override is not None:
            said = self.override(finding.code, consequence)
            if said is None:
                return None
            consequence = said
        self.findings.append(_with(finding, consequence, RESULTS if self.writes else {}))
        if consequence == "reject":
            self.rejected.add(finding.row)
            self.lost.add((finding.field, finding.row))
        return consequence

    def all(self, findings: Iterable[Finding]) -> set[int]:
        """Note findings; gives the rows whose value must be left out."""
        return {finding.row for finding in findings if self.add(finding) == "drop"}


def _with(finding: Finding, consequence: Consequence, results: Mapping[Consequence, str]) -> Finding:
    if consequence not in results and consequence == finding.consequence:
        return finding
    result = f"; {results[consequence]}" if consequence in results else ""
    return replace(finding, consequence=consequence, message=finding.message + result)
