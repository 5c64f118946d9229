"""Refusals and failures of the web: a code here, the words in `templates/webchat/errors/<code>.txt`.

A page for those who asked for a page, `{"error", "text"}` for everybody else.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Protocol

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from bot.conversation import make_reference
from bot.errors import DatabaseAway
from bot.log import describe_fault
from bot.web.pages import Pages

log = structlog.get_logger(__name__)

CODES = {400: "malformed", 403: "cross_site", 404: "not_found", 405: "not_allowed", 413: "too_large"}
"""What aiohttp refuses by itself."""


class WebError(Exception):
    """The request is refused; `data` goes to the template of the code."""

    def __init__(self, status: int, code: str, **data: Any) -> None:
        self.status = status
        self.code = code
        self.data = data
        super().__init__(code)


class TooMany(WebError):
    """A limit is reached; the sender may come back after `seconds`."""

    def __init__(self, seconds: float) -> None:
        super().__init__(429, "too_many", seconds=max(1, math.ceil(seconds)))


class ErrorPages(Protocol):
    """Words and page of a refusal; the chat has some of its own, and so has the console."""

    def draw_error(self, request: web.Request, text: str) -> str: ...

    def error_text(self, code: str, data: Mapping[str, Any]) -> str: ...


CONSOLE_PAGES = web.AppKey("CONSOLE_PAGES", ErrorPages)


def answer_errors(chat: ErrorPages) -> Middleware:
    """Middleware: whatever goes wrong becomes words a person can use."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        pages = request.app.get(CONSOLE_PAGES, chat) if request.path.startswith("/staff") else chat
        try:
            return await handler(request)
        except WebError as error:
            headers = {"Retry-After": str(error.data["seconds"])} if isinstance(error, TooMany) else {}
            return _refuse(request, pages, error.status, error.code, headers, error.data)
        except web.HTTPException as error:
            if error.status < 400:
                raise
            headers = {"Allow": error.headers["Allow"]} if "Allow" in error.headers else {}
            return _refuse(request, pages, error.status, CODES.get(error.status, "malformed"), headers, {})
        except DatabaseAway as error:
            log.error("request_not_taken", route=_route(request), kind=error.kind, **describe_fault(error))
            return _refuse(request, pages, 503, "busy", {"Retry-After": "5"}, {})
        except ConnectionError:
            raise  # the client has gone: nobody is left to be answered
        except Exception as error:
            reference = make_reference()
            log.error("request_failed", reference=reference, route=_route(request), **describe_fault(error))
            return _refuse(request, pages, 500, "internal", {}, {"reference": reference})

    return middleware


def wants_page(request: web.Request) -> bool:
    """True for a browser that follows links and forms; scripts ask for JSON, or for both kinds."""
    accepted = request.headers.get("Accept", "")
    return "text/html" in accepted and "application/json" not in accepted


def _refuse(
    request: web.Request, pages: ErrorPages, status: int, code: str, headers: dict[str, str], data: dict[str, Any]
) -> web.Response:
    text = pages.error_text(code, data)
    if wants_page(request):
        body = pages.draw_error(request, text)
        return web.Response(status=status, text=body, content_type="text/html", headers=headers)
    return web.json_response({"error": code, "text": text}, status=status, headers=headers, dumps=Pages.json)


def _route(request: web.Request) -> str:
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else "unknown"
