"""The static files: read and compressed once, served from memory under addresses that change with them."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from importlib import resources

from aiohttp import web

KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


@dataclass(frozen=True)
class Asset:
    body: bytes
    packed: bytes
    media_type: str
    version: str


class Assets:
    """Style, script and mark; `url(name)` is what pages write."""

    def __init__(self) -> None:
        self._assets = {
            item.name: _load(item.read_bytes(), suffix)
            for item in resources.files("bot.web").joinpath("static").iterdir()
            for suffix in [item.name[item.name.rfind(".") :]]
            if suffix in KINDS
        }

    def url(self, name: str) -> str:
        return f"/static/{name}?v={self._assets[name].version}"

    async def serve(self, request: web.Request) -> web.StreamResponse:
        asset = self._assets.get(request.match_info["name"])
        if asset is None:
            raise web.HTTPNotFound
        tag = f'"{asset.version}"'
        headers = {
            "Content-Type": f"{asset.media_type}; charset=utf-8",
            "ETag": tag,
            "Vary": "Accept-Encoding",
            "Cache-Control": "public, max-age=31536000, immutable"
            if request.query.get("v") == asset.version
            else "public, max-age=300",
        }
        if request.headers.get("If-None-Match") == tag:
            return web.Response(status=304, headers=headers)
        if "gzip" in request.headers.get("Accept-Encoding", ""):
            headers["Content-Encoding"] = "gzip"
            return web.Response(body=asset.packed, headers=headers)
        return web.Response(body=asset.body, headers=headers)


def _load(body: bytes, suffix: str) -> Asset:
    version = hashlib.sha256(body).hexdigest()[:12]
    return Asset(body=body, packed=gzip.compress(body, 9, mtime=0), media_type=KINDS[suffix], version=version)
