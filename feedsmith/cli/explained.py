"""What `feedsmith explain` tells people, in their language; its JSON stands beside the command."""

from typing import TYPE_CHECKING, Any

from feedsmith.cli.delta_lines import delta_lines
from feedsmith.cli.output import table
from feedsmith.texts.catalogue import Texts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from feedsmith.issues import Issue, Place
    from feedsmith.mapping.rows import Step
    from feedsmith.run.explain import ExplainedFeed, ExplainedField, ExplainedProduct
    from feedsmith.run.find import Found

SHOWN = 200
"""Code points of a value that the text shows."""
LIMIT_SHOWN = 60
"""Code points of a limit that was kept."""
WORDS = ("read", "rule", "stands", "passed", "taken")
"""What a line begins with."""


class Explained:
    """The lines for one or more products."""

    def __init__(self, texts: Texts) -> None:
        self.texts = texts
        self.width = max(7, *(len(word) for word in texts.each(*WORDS)))

    def members(self, asked: str, found: "Found") -> "Iterator[str]":
        """The products of a group that was asked for."""
        texts = self.texts
        number = len(found.rows)
        yield texts(
            "{group} is an item group of {number} products; explain one of them by its id:", group=asked, number=number
        )
        yield "\n\n"
        yield from table(texts.each("id", "title", "place"), ((row.id, row.title, row.place) for row in found.rows))

    def product(self, one: "ExplainedProduct", of: int) -> "Iterator[str]":
        """A product in each feed; `of` is how many rows fit."""
        row, texts = one.row, self.texts
        yield f"{short(row.id or texts('(no id)'))}  {short(row.title)}\n  {short(str(row.place))}\n"
        if of > 1:
            yield f"  {texts('one of {number} rows that fit', number=of)}\n"
        yield from (self.issue(issue, "  ") for issue in one.issues)
        for feed in one.feeds:
            yield "\n"
            yield from self._feed(feed)
        closing = texts("`feedsmith validate` has the checks over the whole feed, such as repeated GTINs.")
        yield f"\n{closing}\n\n"

    def issue(self, issue: "Issue", indent: str) -> str:
        """An issue on a line."""
        about = f"{issue.field}: " if issue.field else ""
        severity = self.texts(issue.severity)
        return f"{indent}{severity:7} [{issue.code}] {short(about + self.texts.message(issue.message))}\n"

    def _feed(self, feed: "ExplainedFeed") -> "Iterator[str]":
        texts = self.texts
        reason = f": {short(texts.reasons(feed.reason))}" if feed.reason else ""
        yield f"{feed.name} ({feed.channel}): {texts(feed.state)}{reason}\n"
        if feed.place is not None:
            at = f"{texts('at')} {feed.place}"
            by = f"{texts('by')} {short(feed.condition)}  ({feed.place})"
            yield f"  {by if feed.condition else at}\n"
        yield from (f"  {self._cell(one.key, one.place, one.text)}\n" for one in feed.origins)
        for field in feed.fields:
            yield from self._field(field)
        of_group = feed.group.fields if feed.group is not None else ()
        if feed.group is not None and of_group:
            key = short(feed.group.key or texts("(alone)"))
            yield f"\n  {texts('the group {group}, with {number} in the feed:', group=key, number=feed.group.size)}\n"
        for field in of_group:
            yield from self._field(field)
            if not field.steps:
                yield self._line("taken", texts("from its variants"))
        told = {issue for field in (*feed.fields, *of_group) for verdict in field.verdicts for issue in verdict.issues}
        yield from (self.issue(one, "  ") for one in feed.issues if one not in told and one.code != "filtered")
        if feed.delta is not None:
            yield from delta_lines(feed.delta, in_feed=feed.state == "in the feed")

    def _line(self, word: str, told: str) -> str:
        return f"    {self.texts(word):{self.width}} {told}\n"

    def _field(self, field: "ExplainedField") -> "Iterator[str]":
        from feedsmith.run.limit_words import in_words

        texts = self.texts
        alias = f" ({field.name})" if field.name != field.key else ""
        text = " ".join(line.strip() for line in field.text.splitlines())
        empty = texts("(empty)") if field.written else f"({texts('the template does not write it')})"
        yield f"\n  {field.key}{alias}: {short(text) or empty}\n"
        yield from (self._line("read", self._cell(one.key, one.place, one.text)) for one in field.origins)
        for step in field.steps:
            name = "" if step.field == field.key else f"{step.field}: "
            yield self._line("rule", f"{name}{short(step.does)}: {self._change(step)}  ({step.place})")
        if field.on_group:
            yield self._line("stands", texts("on the row of its group"))
        kept = (verdict.limit for verdict in field.verdicts if not verdict.issues)
        passed = [short(in_words(limit.text, texts), LIMIT_SHOWN) for limit in kept]
        if passed and field.text:
            yield self._line("passed", "; ".join(passed))
        for verdict in field.verdicts:
            yield from (self.issue(issue, "    ") for issue in verdict.issues)

    def _cell(self, key: str, place: "Place", text: str | None) -> str:
        return f"{short(str(place))} = {self._value(text)}  [{key}]"

    def _change(self, step: "Step") -> str:
        if step.before is None:
            return self._value(step.after)
        if step.before == step.after:
            return self.texts("no change")
        return f"{self._value(step.before)} -> {self._value(step.after)}"

    def _value(self, value: Any) -> str:
        from feedsmith.mapping.printed import printed

        if value is None:
            return self.texts("(empty)")
        return f'"{short(value)}"' if isinstance(value, str) else short(printed(value)) or self.texts("(empty)")


def short(text: str, most: int = SHOWN) -> str:
    """A text that fits on a line, without signs that a terminal would obey."""
    from feedsmith.issues import shown
    from feedsmith.reports.harmless import harmless

    return harmless(shown(text, most))
