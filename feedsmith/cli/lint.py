"""`feedsmith lint`."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from feedsmith.cli.options import FailOn, ProjectPath, Telling, Work, examples, option, takes_options

EXAMPLES = examples(
    "feedsmith lint google.xml --channel google",
    "feedsmith lint feed.csv.gz --channel google --country NL --format json",
    "feedsmith lint batch.json --channel meta --report jsonl=issues.jsonl --quiet",
)


@dataclass(frozen=True)
class Reading:
    """What to read the feed as."""

    channel: Annotated[str, option("--channel", "NAME", "The channel whose rules the feed must keep.")]
    project: ProjectPath = None
    country: Annotated[str | None, option("--country", "CODE", "The country that the feed is for.")] = None
    language: Annotated[str | None, option("--language", "CODE", "Its language; default: the country's.")] = None
    currency: Annotated[str | None, option("--currency", "CODE", "Its currency; default: what its prices name.")] = None
    item: Annotated[str | None, option("--item", "PATH", "XML, JSON: path of the items, as products/product.")] = None
    header_row: Annotated[
        int | None, option("--header-row", "N", "The line or row of the headings, where others stand above.", min=1)
    ] = None
    encoding: Annotated[str | None, option("--encoding", "NAME", "Its encoding, where it is not UTF-8.")] = None
    as_of: Annotated[str | None, option("--as-of", "DATE", "Work as on this day, such as 2027-01-31.")] = None
    site: Annotated[str, option("--site", "URL", "The address of the shop's site.")] = ""


@takes_options
def lint(
    feed: Annotated[Path, typer.Argument(metavar="FEED", help="RSS, Atom, XML, JSON, CSV, TSV, XLSX; .gz too.")],
    reading: Reading,
    work: Work,
    telling: Telling,
    fail_on: Annotated[FailOn, typer.Option("--fail-on", help="Issues that end it with code 1.")] = FailOn.ERROR,
) -> None:
    """Check a feed that something else wrote.

    Its values are held against the channel's rules as they stand; nothing is changed or written. Lines and columns in
    the report are the feed's own. Country and currency are taken from its values where they are not given.
    """
    from feedsmith.cli.running import run
    from feedsmith.run.request import FeedFile, Request, clock

    file = FeedFile(
        feed, reading.channel, reading.item, reading.encoding, reading.header_row, reading.country, reading.language,
        reading.currency,
    )  # fmt: skip
    request = Request(
        project=reading.project, as_of=clock(reading.as_of) if reading.as_of else None, workers=work.workers,
        limit=work.limit, site=reading.site, feed=file,
    )  # fmt: skip
    raise typer.Exit(run(request, telling, fail_on))
