"""What saving costs the preview: `python benchmarks/preview.py [--products N] [--rounds N] [--workers N]`.

Opens three feeds over a catalog, and prints when the first products are shown and when the list is whole. Then saves
the project with another rule of one feed, and with a comment changed, and prints the medians until the list is whole
again. Then counts so many issues found over all products in an index. Ends with 1 when the first products take two
seconds or more, or when a rule of one feed takes as long as everything.
"""

import argparse
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

from measure import SCRATCH, catalog

from feedsmith.preview.index.look import Kind
from feedsmith.preview.index.store import COLUMNS, IndexWriter
from feedsmith.preview.live.session import Session
from feedsmith.run.request import Request
from feedsmith.texts.catalogue import Texts

MOST_FIRST = 2.0
"""Seconds after which there is something to see at the latest."""
ISSUES = 300_000
RULE, COMMENT = "{{ title }}", "# the shop"
PROJECT = """version: 1
catalog: {source: catalog.csv}
market: {country: NL, language: en, currency: EUR, vat: 21, site: https://www.veerhuis.example}
feeds:
  google: {channel: google}
  meta: {channel: meta}
  mirakl: {channel: mirakl, fields: {internal_description: "{{ title }}"}} # the shop
"""


class Clock:
    """Seconds since the last save, and after how many there was something new."""

    def __init__(self, session: Session) -> None:
        self.session, self.told = session, list[float]()
        session.tell = lambda _: self.told.append(time.perf_counter())

    def whole(self) -> tuple[float, float]:
        """Ask for the state anew, and wait: seconds until the first news, and until all is done."""
        self.told.clear()
        start = time.perf_counter()
        self.session.again()
        while self.session.busy:
            time.sleep(0.005)
        return self.told[0] - start, time.perf_counter() - start


def saved(folder: Path, source: Path, rule: str, comment: str) -> None:
    """The project with this rule and comment."""
    text = PROJECT.replace("catalog.csv", str(source)).replace(RULE, rule).replace(COMMENT, comment)
    (folder / "feedsmith.yaml").write_text(text, "utf-8")


def counting(products: int) -> float:
    """Seconds in which issues found over all products are counted."""
    kinds = [Kind("warning", "google", f"code-{number}", "title", "title") for number in range(5)]
    chosen = random.Random(1)
    with tempfile.TemporaryDirectory() as folder:
        writer = IndexWriter(Path(folder, "index.sqlite"), 1)
        marks = ", ".join("?" * len(COLUMNS))
        rows = ((n, 0, n, *[str(n)] * 8, "p.csv", n + 2, 0, 0, 0, 0, "product") for n in range(products))
        with writer.together():
            writer.database.executemany(f"INSERT INTO products ({', '.join(COLUMNS)}) VALUES ({marks})", rows)  # noqa: S608 - our own names
        start = time.perf_counter()
        writer.tell((chosen.choice(kinds), "p.csv", chosen.randrange(products) + 2) for _ in range(ISSUES))
        taken = time.perf_counter() - start
        writer.close()
    return taken


def main() -> int:
    """Measures all; 1 when something takes longer than it may."""
    parser = argparse.ArgumentParser(description="What saving costs the preview.")
    parser.add_argument("--products", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    folder = SCRATCH / "preview"
    folder.mkdir(parents=True, exist_ok=True)
    source = catalog(options.products, bad=5)
    saved(folder, source, RULE, COMMENT)
    session = Session(Request(project=folder, here=folder, workers=options.workers), Texts("en"))
    try:
        clock = Clock(session)
        first, everything = clock.whole()
        print(f"{options.products:,} products, 3 feeds: the first shown in {first:.2f} s, all in {everything:.1f} s")
        one, none = [], []
        for number in range(options.rounds):
            saved(folder, source, f"{{{{ title }}}} {number}", COMMENT)
            one.append(clock.whole()[1])
            saved(folder, source, f"{{{{ title }}}} {number}", f"# {number}")
            none.append(clock.whole()[1])
    finally:
        session.close()
    print(f"a rule of one feed saved: {statistics.median(one):.1f} s, a comment: {statistics.median(none):.2f} s")
    print(f"{ISSUES:,} issues found over all products: counted in {counting(options.products):.1f} s")
    return 0 if first < MOST_FIRST and statistics.median(one) < everything else 1


if __name__ == "__main__":
    sys.exit(main())
