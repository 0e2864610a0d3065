"""`feedsmith preview`."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from feedsmith.cli.exits import Stopped, tell
from feedsmith.cli.options import Choice, Workers, examples, option, request_of, takes_options
from feedsmith.cli.output import write_file
from feedsmith.texts.catalogue import spoken

if TYPE_CHECKING:
    from feedsmith.run.request import Request

EXAMPLES = examples(
    "feedsmith preview",
    "feedsmith preview --catalog products.csv --channel google --site https://www.shop.example",
    "feedsmith preview --against last",
    "feedsmith preview --against main",
    "feedsmith preview --html preview.html --feed google_nl --most 50",
)


@takes_options
def preview(
    choice: Choice,
    html: Annotated[
        Path | None, option("--html", "FILE", "Write one page that needs nothing else: to mail, or to keep.")
    ] = None,
    most: Annotated[
        int | None, option("--most", "N", "With --html: products on the page; default: 200 that stand for all.", min=1)
    ] = None,
    host: Annotated[str, typer.Option("--host", metavar="NAME", help="An address of this computer.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", metavar="N", help="Port; 0 takes any that is free.", min=0)] = 0,
    open_: Annotated[bool, typer.Option("--open/--no-open", help="Open the page in the browser.")] = True,
    offline: Annotated[bool, typer.Option("--offline", help="Never load the products' pictures.")] = False,
    against: Annotated[
        str | None,
        option(
            "--against",
            "WHAT",
            "Show beside each product what it was: in a run (its number, or last for what is published now), in a feed"
            " file, or by the rules of a branch, tag, commit or folder.",
        ),
    ] = None,
    workers: Workers = None,
) -> None:
    """Show each product as the channels will show it, with every issue and where each value came from.

    A page on this computer shows the whole catalog and follows what is saved; --html writes a page that stands alone.
    """
    request = replace(request_of(choice), workers=workers)
    if html is not None:
        _write(request, html, most)
    else:
        _serve(request, host, port, against, browse=open_, offline=offline)


def _write(request: "Request", html: Path, most: int | None) -> None:
    from feedsmith.cli.progress import progress_bar
    from feedsmith.preview.static.collect import MOST, collect
    from feedsmith.preview.static.page import static_page
    from feedsmith.publish.folder import check_folder
    from feedsmith.texts.catalogue import Texts, of_the_reader

    texts = Texts(of_the_reader())
    if not html.exists() or html.is_file():
        check_folder(html.resolve().parent, [html.resolve().name])
    with progress_bar(quiet=False) as progress:
        found = collect(request, texts, most or MOST, progress)
    write_file(html, static_page(found, texts))
    told = {"file": html, "shown": found.shown, "all": found.all}
    tell(spoken()("{file} shows {shown} of {all} products", **told))


def _serve(request: "Request", host: str, port: int, against: str | None, *, browse: bool, offline: bool) -> None:
    from feedsmith.errors import FeedsmithError, UsageError
    from feedsmith.preview.live.before import before_of
    from feedsmith.preview.live.serve import serve
    from feedsmith.preview.live.session import Session
    from feedsmith.run.request import open_project
    from feedsmith.texts.catalogue import Texts, of_the_reader

    try:
        open_project(request)
    except UsageError:
        raise
    except FeedsmithError:
        tell(spoken()("The project has a mistake: the page tells it, and shows the products once it is mended."))

    def told(address: str) -> None:
        texts = spoken()
        tell(f"{texts('The preview is at {address}', address=address)}\n{texts('Ctrl-C stops it.')}")

    before = before_of(against, request) if against is not None else None
    session = Session(request, Texts(of_the_reader()), before)
    try:
        serve(session, host, port, told, browse=browse, offline=offline)
    except (Stopped, KeyboardInterrupt):  # Ctrl-C is how it is meant to end
        tell(spoken()("stopped"))
    finally:
        session.close()
