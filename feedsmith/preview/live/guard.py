"""Who may talk to the preview: this computer, under its own name, with the token that was printed."""

import hmac
from collections.abc import Awaitable, Callable
from http.cookies import CookieError, SimpleCookie

from starlette.datastructures import Headers, MutableHeaders, QueryParams
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE = "feedsmith-preview"
TOKEN = "token"  # noqa: S105 - the name of a parameter
NAMES = frozenset({"127.0.0.1", "localhost", "[::1]"})
SAFE = frozenset({"GET", "HEAD"})
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'{pictures}; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
}
PICTURES = "pictures"
"""The parameter of a page view that may load pictures from the shop's servers."""


class Guard:
    """Lets only those through who know the token, and only from a page of this server."""

    def __init__(self, app: ASGIApp, token: str, *, offline: bool = False) -> None:
        self.app, self.token, self.offline = app, token, offline

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or hand the request on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        asked = QueryParams(scope["query_string"])
        answer = self._refusal(scope, Headers(scope=scope), asked)
        await (answer or self.app)(scope, receive, self._with_headers(send, asked))

    def _refusal(self, scope: Scope, headers: Headers, asked: QueryParams) -> Response | None:
        """Why a request goes no further; None where it does."""
        host = headers.get("host", "")
        if host.rpartition(":")[0] not in NAMES and host not in NAMES:
            return PlainTextResponse("This address is not the preview's.", 421)
        if scope["method"] not in SAFE and headers.get("origin") != f"http://{host}":
            return PlainTextResponse("Writes come from the preview's own page only.", 403)
        if TOKEN in asked and scope["path"] == "/" and self._is(asked[TOKEN]):
            return self._welcome()
        if not self._is(_cookie(headers.get("cookie", ""))):
            return PlainTextResponse("Open the address that `feedsmith preview` printed: it holds a token.", 403)
        return None

    def _is(self, given: str) -> bool:
        return hmac.compare_digest(given.encode(), self.token.encode())

    def _welcome(self) -> Response:
        """Keep the token in a cookie, and take it out of the address."""
        answer = RedirectResponse("/", 303)
        answer.set_cookie(COOKIE, self.token, httponly=True, samesite="strict")
        return answer

    def _with_headers(self, send: Send, asked: QueryParams) -> Callable[[Message], Awaitable[None]]:
        pictures = " https: http:" if PICTURES in asked and not self.offline else ""

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(HEADERS)
                headers["Content-Security-Policy"] = POLICY.format(pictures=pictures)
            await send(message)

        return sent


def _cookie(header: str) -> str:
    """The token in the request's cookies; empty for none."""
    try:
        found = SimpleCookie(header).get(COOKIE)
    except CookieError:
        return ""
    return found.value if found is not None else ""
