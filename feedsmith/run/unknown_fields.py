"""What a project says of fields: those that the channel does not have, and those that are locked."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from feedsmith.definitions.channel import ChannelDefinition
from feedsmith.definitions.model import nearest
from feedsmith.definitions.resolve import FeedSpec
from feedsmith.errors import DefinitionError
from feedsmith.issues import Issue, Place, Severity
from feedsmith.run.job import Job

OF_GROUP = "group."
"""Before the names of a group's fields in a project's rules."""


@dataclass
class UnknownFields:
    """Looks through the rules and corrections of one feed. `fields` are those that the feed has.

    A field that the channel lacks is a mistake in a feed's own rule, and a note where rules are shared.
    """

    job: Job
    spec: FeedSpec
    channel: ChannelDefinition
    fields: frozenset[str]
    mistakes: list[DefinitionError] = field(default_factory=list)

    def notes(self) -> list[Issue]:
        """What is passed over; mistakes are added to `mistakes`."""
        self._check_locked()
        return [*self._rules(), *self._corrections()]

    def _rules(self) -> Iterator[Issue]:
        for name, rule in self.spec.fields.items():
            if self._is_known(name) or (self.channel.group is not None and name.startswith(OF_GROUP)):
                continue
            if rule.origin.startswith("feed "):
                hint = nearest(name, self.fields)
                problem = f"the channel {self.spec.channel} has no field {name!r}"
                self.mistakes.append(DefinitionError(rule.node.key_place, problem, hint))
            else:
                yield self._skipped(name, rule.node.key_place, f"the rule for {name} ({rule.origin})")

    def _is_known(self, name: str) -> bool:
        return name in self.fields or name in self.channel.fields

    def _check_locked(self) -> None:
        """A rule or a correction of a locked field is a mistake, told with both places."""
        catalog = self.job.project.root.map.get("catalog")
        locked = catalog.map.get("locked") if catalog is not None else None
        leaves = locked.leaves() if locked is not None and locked.value is not None else ()
        for name, node in ((node.text, node) for _, node in leaves):
            rule = self.spec.fields.get(name)
            if rule is not None and rule.cases:
                problem = f"the field {name!r} is locked ({node.place}), and {rule.origin} has a rule for it"
                self.mistakes.append(DefinitionError(rule.node.key_place, problem, "remove the rule, or the lock"))
            for table in self.spec.overrides:
                if table.text in self.job.lookups and name in self.job.lookups[table.text].columns[1:]:
                    problem = f"the field {name!r} is locked ({node.place}), and the table {table.text} has it"
                    self.mistakes.append(DefinitionError(table.place, problem, "remove the column, or the lock"))

    def _corrections(self) -> Iterator[Issue]:
        """Columns of corrections that are no fields of the channel."""
        for node in self.spec.overrides:
            table = self.job.lookups.get(node.text)
            if table is None:
                hint = nearest(node.text, self.job.lookups) or "write it under tables:"
                self.mistakes.append(DefinitionError(node.place, f"there is no table {node.text!r}", hint))
            for name in table.columns[1:] if table is not None else ():
                if not self._is_known(name):
                    yield self._skipped(name, node.place, f"the column {name} of the table {node.text}")

    def _skipped(self, name: str, place: Place, what: str) -> Issue:
        return Issue(
            code="unknown-column", severity=Severity.INFO, place=place, feed=self.spec.name,
            channel=self.spec.channel, field=name, message=f"{what} is skipped: the channel has no such field",
        )  # fmt: skip
