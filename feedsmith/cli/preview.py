"""`feedsmith preview`."""

from pathlib import Path
from typing import Annotated

from feedsmith.cli.exits import tell
from feedsmith.cli.options import Choice, Workers, examples, option, request_of, takes_options
from feedsmith.cli.output import write_file

EXAMPLES = examples(
    "feedsmith preview --html preview.html",
    "feedsmith preview --html preview.html --feed google_nl --most 50",
)


@takes_options
def preview(
    choice: Choice,
    html: Annotated[Path, option("--html", "FILE", "Write one page that needs nothing else: to mail, or to keep.")],
    most: Annotated[
        int | None, option("--most", "N", "With --html: products on the page; default: 200 that stand for all.", min=1)
    ] = None,
    workers: Workers = None,
) -> None:
    """Show each product as the channels will show it, with every issue and where each value came from."""
    from dataclasses import replace

    from feedsmith.cli.progress import progress_bar
    from feedsmith.preview.static.collect import MOST, collect
    from feedsmith.preview.static.page import static_page
    from feedsmith.publish.folder import check_folder
    from feedsmith.texts.catalogue import Texts, of_the_reader

    texts = Texts(of_the_reader())
    request = replace(request_of(choice), workers=workers)
    if not html.exists() or html.is_file():
        check_folder(html.resolve().parent, [html.resolve().name])
    with progress_bar(quiet=False) as progress:
        found = collect(request, texts, most or MOST, progress)
    write_file(html, static_page(found, texts))
    tell(f"{html} shows {len(found.products):,} of {found.report.products:,} products")
