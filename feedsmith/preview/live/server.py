"""The preview's server: one page, its data as JSON, downloads, and a stream of what is new."""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request as Asked
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from feedsmith.errors import FeedsmithError, UsageError
from feedsmith.issues import Place
from feedsmith.preview.index import read
from feedsmith.preview.index.state import State
from feedsmith.preview.live.before import Asked as Shown
from feedsmith.preview.live.board import board, codes_told
from feedsmith.preview.live.changed import listed, lost_item, lost_told
from feedsmith.preview.live.choices import against_told, choices
from feedsmith.preview.live.downloads import DOWNLOADS
from feedsmith.preview.live.guard import Guard
from feedsmith.preview.live.product import Reader, shown
from feedsmith.preview.live.rules import check_ranks, edit_of, rule_told, save, tried
from feedsmith.preview.live.session import Session
from feedsmith.preview.live.told import ROOM, error_told, feed_told, pages, product_told
from feedsmith.preview.live.watch import watch
from feedsmith.preview.live.words import told
from feedsmith.reports.harmless import encodable
from feedsmith.run.request import clock

QUIET = 0.25
"""Seconds between two messages of the same kind."""
BEAT = 15.0
"""Seconds after which a silent stream says that it is there."""
MOST_BODY = 200_000
"""Bytes of a request that are read."""


def app_of(session: Session, token: str | None = None, *, offline: bool = False, live: bool = True) -> Starlette:
    """The application. `live`: it watches the project's files. `app.state.end` lets all listeners go."""
    server = Server(session, offline=offline, live=live)
    app = Starlette(
        routes=server.routes(),
        lifespan=server.lifespan,
        middleware=[Middleware(Guard, token=token or secrets.token_urlsafe(24), offline=offline)],
        exception_handlers={FeedsmithError: _told, LookupError: _gone, HTTPException: _http},
    )
    app.state.end = server.end
    return app


class Answer(JSONResponse):
    """JSON of any text, lone surrogates too."""

    def render(self, content: Any) -> bytes:
        """The bytes."""
        return json.dumps(encodable(content), ensure_ascii=False, separators=(",", ":")).encode()


async def _told(_: Asked, error: Exception) -> Response:
    return Answer(error_told(error) if isinstance(error, FeedsmithError) else {}, 422)


async def _gone(_: Asked, error: Exception) -> Response:
    return Answer({"errors": [{"place": "", "problem": str(error), "hint": "", "lines": []}]}, 404)


async def _http(_: Asked, error: Exception) -> Response:
    code = error.status_code if isinstance(error, HTTPException) else 500
    return Answer({"errors": [{"place": "", "problem": str(error), "hint": "", "lines": []}]}, code)


class Server:
    """The routes over a session."""

    def __init__(self, session: Session, *, offline: bool, live: bool) -> None:
        self.session, self.offline, self.live = session, offline, live
        self.listeners: set[asyncio.Queue[str]] = set()
        self.ending = asyncio.Event()

    def routes(self) -> list[Route | Mount]:
        """What can be asked for."""
        return [
            Route("/", self.page),
            Mount("/assets", StaticFiles(directory=ROOM / "assets")),
            Route("/api/state", self.told_state),
            Route("/api/products", self.products),
            Route("/api/product", self.product),
            Route("/api/rule", self.rule),
            Route("/api/try", self.try_rule, methods=["POST"]),
            Route("/api/save", self.save_rule, methods=["POST"]),
            Route("/api/clock", self.clock, methods=["POST"]),
            Route("/api/comparisons", self.comparisons),
            Route("/api/compare", self.compare, methods=["POST"]),
            Route("/api/board", self.board),
            Route("/api/events", self.events),
            Route("/issues.{format}", self.download),
        ]

    @asynccontextmanager
    async def lifespan(self, _: Starlette) -> AsyncIterator[None]:
        """Hand on what the session tells, and watch the files."""
        loop = asyncio.get_running_loop()

        def tell(what: str) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(self._spread, what)

        self.session.tell = tell
        watching = loop.create_task(watch(self.session, self.ending)) if self.live else None
        try:
            yield
        finally:
            self.end()
            self.session.tell = lambda _: None
            if watching is not None:
                watching.cancel()
                with suppress(asyncio.CancelledError):
                    await watching
            await run_in_threadpool(self.session.close)

    def end(self) -> None:
        """Let every listener go."""
        self.ending.set()
        self._spread("end")

    def _spread(self, what: str) -> None:
        for queue in self.listeners:
            if queue.qsize() < 100 or what == "end":  # noqa: PLR2004 - a reader that sleeps needs no more
                queue.put_nowait(what)

    # --- the page --------------------------------------------------------------------------------------------

    async def page(self, asked: Asked) -> Response:
        """The page itself."""
        texts = self.session.texts
        pictures = "pictures" in asked.query_params and not self.offline
        values = {"told": told(texts, pictures=pictures), "pictures": pictures, "offline": self.offline}
        return HTMLResponse(pages().get_template("live.html.j2").render(texts=texts, **values))

    def told_state(self, _: Asked) -> Response:
        """The project, its feeds, how far the work is, and what is wrong."""
        session = self.session
        found: dict[str, Any] = {
            "name": session.name, "number": session.number, "busy": session.busy, "error": session.error,
            "against": against_told(session), "feeds": [], "progress": None,
            "clock": session.request.as_of and str(session.request.as_of.date()),
        }  # fmt: skip
        with session.lock:
            if session.shown is not None:
                found |= self._figures(session.state)
        return Answer(found)

    def _figures(self, state: State) -> dict[str, Any]:
        progress = state.progress
        with read.reading(state.index) as database:
            counts = read.feeds(database, len(state.feeds), state.spread)
            kinds = read.kinds(database)
            categories = read.categories(database)
            records = read.records(database)
        feeds = [
            {
                "name": feed.spec.name,
                "channel": feed.spec.channel,
                "record": feed.names.record.name,
                "places": len(feed.names.spread.places) if feed.names.spread is not None else 0,
                "failed": state.failures.get(feed.spec.name, ""),
                "waiting": feed.spec.name in state.waiting,
                **count,
            }
            for feed, count in zip(state.feeds, counts, strict=True)
        ]
        return {
            "feeds": feeds,
            "records": [[name, records.get(name, 0)] for name in state.job.records],
            "codes": codes_told(kinds, self.session.texts),
            "categories": categories,
            "now": state.job.now.isoformat(),
            "progress": {
                "done": progress.done, "total": progress.total, "products": progress.products, "whole": progress.whole,
            },
        }  # fmt: skip

    # --- products --------------------------------------------------------------------------------------------

    def products(self, asked: Asked) -> Response:
        """A page of the list."""
        state, query = self.session.state, asked.query_params
        known = [feed.spec.name for feed in state.feeds]
        wanted = read.Filter(
            query.get("text", ""), tuple((known.index(name), name) for name in _names(query) if name in known),
            query.get("state", ""), query.get("severity", ""), query.get("code", ""), query.get("category", ""),
            query.get("record", ""), len(known), query.get("change", ""),
        )  # fmt: skip
        start, size = _number(query.get("start")), _number(query.get("size"), read.PAGE)
        page = listed(state, self.session.before, wanted, start, size)
        return Answer({"rows": page.rows, "count": page.count, "start": page.start, "state": self.session.number})

    def product(self, asked: Asked) -> Response:
        """One product in the feeds that were asked for, or in all."""
        query = asked.query_params
        session = self.session
        names = _names(query)
        if (item := lost_item(query.get("number", ""))) is not None:
            with session.lock:
                told = lost_told(session.state, session.before, item, names, session.texts)
            return Answer({**told, "state": session.number})
        with session.lock:
            state = session.state
            reader, found, variants = self._found(
                _number(query.get("number"), -1), query.get("id", ""), query.get("record", "")
            )
            own = [feed for feed in state.feeds if feed.names.record.name == found["record"]]
            wanted = [feed for feed in own if feed.spec.name in names] or own
            feeds = [feed for feed in wanted if feed.spec.name not in state.silent]
            one = shown(reader, state.job, feeds, found, variants, session.texts, _places(query.get("places", "")))
            before = None
            if session.before is not None:
                asked_for = Shown(reader, reader.state, found, variants, one, feeds, session.texts)
                before = session.before.told(asked_for)
        return Answer({
            **product_told(one, found["number"], session.texts), "state": session.number, "record": found["record"],
            "before": before, "waiting": [feed.spec.name for feed in wanted if feed not in feeds],
            "variants": [[row["number"], row["id"], row["title"]] for row in variants],
        })  # fmt: skip

    def _found(self, number: int, wanted: str, record: str = "") -> tuple[Reader, dict[str, Any], list[dict[str, Any]]]:
        """The product of that number, if it still has that id, else the one of that id; its variants; what reads it.

        So for other records; an id that several kinds have is that of `record`.
        """
        for reader in self.session.readers():
            with read.reading(reader.state.index) as database:
                found = read.one(database, number) if number >= 0 else None
                other = found is None or (wanted and found["id"] != wanted) or (record and found["record"] != record)
                if other:
                    found = read.by_id(database, wanted, record)
                if found is not None:
                    return reader, found, read.variants(database, found, read.PAGE)
        raise LookupError(self.session.texts("This product is not in the catalog (any more)."))

    # --- rules -----------------------------------------------------------------------------------------------

    def rule(self, asked: Asked) -> Response:
        """The rule of a field, and where another one can be written."""
        query = asked.query_params
        return Answer(rule_told(self.session.state, query.get("feed", ""), query.get("field", "")))

    async def try_rule(self, asked: Asked) -> Response:
        """What a rule would give for a product; nothing is written."""
        return await run_in_threadpool(self._tried, await _body(asked))

    def _tried(self, said: dict[str, str]) -> Response:
        session = self.session
        with session.lock:
            state = session.state
            edit = edit_of(state, said["feed"], said["field"], said["rule"], said["where"])
            job, feed = tried(state, said["feed"], edit)
            check_ranks(state, feed)
            record = feed.names.record.name
            reader, found, variants = self._found(_number(said["number"], -1), said["id"], record)
            places = {feed.spec.name: said["feed"].removeprefix(f"{feed.spec.name} ")}
            one = shown(reader, job, [feed], found, variants, session.texts, places)
        told = next((told for told in one.feeds if told.told.name == said["feed"]), one.feeds[0])
        return Answer({**feed_told(told, session.texts), "diff": edit.diff, "digest": edit.digest, "file": edit.shown})

    async def save_rule(self, asked: Asked) -> Response:
        """Write a rule in its place, as its change was shown."""
        return await run_in_threadpool(self._saved, await _body(asked))

    def _saved(self, said: dict[str, str]) -> Response:
        state = self.session.state
        edit = edit_of(state, said["feed"], said["field"], said["rule"], said["where"])
        save(state, said["feed"], edit, said.get("digest", ""))
        if not self.live:
            self.session.again()
        return Answer({"file": edit.shown, "diff": edit.diff})

    async def clock(self, asked: Asked) -> Response:
        """Show the project as on another day."""
        day = (await _body(asked)).get("day", "")
        await run_in_threadpool(self.session.at, clock(day, "day") if day else None)
        return Answer({"day": day})

    # --- before and after ------------------------------------------------------------------------------------

    def comparisons(self, _: Asked) -> Response:
        """What the page offers to compare with."""
        return Answer({"choices": choices(self.session.request, self.session.before, self.session.texts)})

    async def compare(self, asked: Asked) -> Response:
        """Compare with something else, or with nothing."""
        what = (await _body(asked)).get("what", "")
        await run_in_threadpool(self.session.compare, what)
        return Answer({"what": what})

    # --- issues ----------------------------------------------------------------------------------------------

    def board(self, asked: Asked) -> Response:
        """The dashboard, its fixes for the feeds that were asked for, or for all."""
        return Answer(board(self.session.state, self.session.texts, _names(asked.query_params)))

    def download(self, asked: Asked) -> Response:
        """All issues as a file."""
        name = asked.path_params["format"]
        if name not in DOWNLOADS:
            raise HTTPException(404)
        kind, make = DOWNLOADS[name]
        headers = {"Content-Disposition": f'attachment; filename="issues.{name}"'}
        return StreamingResponse(make(self.session.state, self.session.texts), media_type=kind, headers=headers)

    # --- what is new -----------------------------------------------------------------------------------------

    async def events(self, _: Asked) -> Response:
        """A stream of what is new, by name."""
        headers = {"X-Accel-Buffering": "no"}
        return StreamingResponse(self._events(), media_type="text/event-stream", headers=headers)

    async def _events(self) -> AsyncIterator[str]:
        queue: asyncio.Queue[str] = asyncio.Queue()
        self.listeners.add(queue)
        try:
            yield "event: hello\ndata: \n\n"
            while not self.ending.is_set():
                try:
                    what = {await asyncio.wait_for(queue.get(), BEAT)}
                except TimeoutError:
                    yield ": here\n\n"
                    continue
                await asyncio.sleep(QUIET)
                while not queue.empty():
                    what.add(queue.get_nowait())
                for one in sorted(what - {"end"}):
                    yield f"event: {one}\ndata: {self.session.number}\n\n"
        finally:
            self.listeners.discard(queue)


async def _body(asked: Asked) -> dict[str, str]:
    """The texts that a request brings.

    Raises:
        UsageError: it is no JSON object of texts, or too long.
    """
    raw = b""
    async for piece in asked.stream():
        raw += piece
        if len(raw) > MOST_BODY:
            raise UsageError(Place("request"), "is too long")
    try:
        found = json.loads(raw)
    except ValueError as error:
        raise UsageError(Place("request"), "is no JSON") from error
    if not isinstance(found, dict):
        raise UsageError(Place("request"), "is no JSON object")
    needed = dict.fromkeys(("feed", "field", "rule", "where", "day", "id", "digest", "number"), "")
    return {**needed, **{str(key): str(value) for key, value in found.items()}}


def _places(text: str) -> dict[str, str]:
    """The code of the place that is asked for, by feed; nothing where the text is no such thing."""
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return {}
    return {str(feed): str(code) for feed, code in found.items()} if isinstance(found, dict) else {}


def _names(query: Mapping[str, str]) -> list[str]:
    """The feeds that were asked for; none means all."""
    return [name for name in query.get("feeds", "").split(",") if name]


def _number(text: str | None, otherwise: int = 0) -> int:
    return int(text) if text is not None and text.isdecimal() and len(text) < 12 else otherwise  # noqa: PLR2004
