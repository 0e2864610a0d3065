"""`feedsmith sample`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from feedsmith.cli.options import Choice, NoColor, examples, option, request_of, takes_options
from feedsmith.cli.output import table, write
from feedsmith.texts.catalogue import spoken

if TYPE_CHECKING:
    from collections.abc import Iterator

    from feedsmith.run.sample.sample import Sampled

EXAMPLES = examples("feedsmith sample --out small", "feedsmith sample --project shop --out tests/shop")
KINDS = {"category": "categories", "issue": "issue codes", "filtered": "reasons to leave out", "rule": "cases of rules"}


@takes_options
def sample(
    choice: Choice,
    out: Annotated[Path, option("--out", "DIR", "The new folder for the sample.")],
    no_color: NoColor = False,  # noqa: ARG001 - it has none anyway
) -> None:
    """Cut all sources to the same few products that stand for all.

    Each category, each issue code and each case of a rule is met at least once; the files still belong together, and
    the project file goes along: small enough for a laptop, git or CI. The sample is validated; what it lost is told.
    """
    from feedsmith.run.sample.sample import sample

    found = sample(request_of(choice), out)
    write(_told(found, out))


def _told(found: "Sampled", out: Path) -> "Iterator[str]":
    from feedsmith.reports.harmless import harmless

    rows = [(path, f"{kept:,}", f"{all_:,}") for path, (kept, all_) in found.rows.items()]
    texts = spoken()
    yield from table(texts.each("file", "kept", "of"), rows)
    met = [f"{texts.number(number)} {texts(KINDS[kind])}" for kind, number in found.reasons.items() if kind in KINDS]
    told = texts("the products of {folder} stand for {what}", folder=out, what=", ".join(met))
    yield harmless(told) + "\n"
    for name in found.lost:
        yield harmless(texts("not met in the sample: {name}", name=name)) + "\n"
