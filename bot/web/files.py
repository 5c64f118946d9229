"""Files of people, given to browsers: pictures shown, everything else only downloaded, and nothing of them runs."""

from __future__ import annotations

from urllib.parse import quote

from aiohttp import web

PICTURES = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"})
ALONE = "default-src 'none'; sandbox; frame-ancestors 'none'"
"""Whatever a browser takes it for: it runs nothing, and loads nothing."""


def give_file(content: bytes, *, media_type: str, name: str) -> web.Response:
    """`media_type`: what its first bytes say, not what it called itself."""
    inline = media_type in PICTURES
    return web.Response(
        body=content,
        headers={
            "Content-Type": media_type if inline else "application/octet-stream",
            "Content-Disposition": _disposition(name, inline=inline),
            "Content-Security-Policy": ALONE,
            "X-Content-Type-Options": "nosniff",
        },
    )


def _disposition(name: str, *, inline: bool) -> str:
    """The name in the way of RFC 6266; nothing of it can break out of the header."""
    how = "inline" if inline else "attachment"
    plain = "".join(one if one.isascii() and (one.isalnum() or one in "._-") else "_" for one in name)[:80]
    return f"{how}; filename=\"{plain}\"; filename*=UTF-8''{quote(name[:120], safe='')}"
