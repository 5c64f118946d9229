"""How much one conversation and one client address may send; kept in memory, per process."""

from __future__ import annotations

import ipaddress
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web

REMEMBERED = 50_000
"""How many senders one bucket set keeps in mind; the longest silent is forgotten first."""


@dataclass(frozen=True)
class Allowance:
    """A bucket that holds `burst` and refills at `per_second`."""

    burst: float
    per_second: float


@dataclass(frozen=True)
class Limits:
    """What the web chat allows. People type far slower; whole towns share one address behind their carrier's gateway,
    and all come at once when a notice names the page."""

    conversation: Allowance = Allowance(burst=60, per_second=3)
    """What is said in one conversation."""
    address: Allowance = Allowance(burst=3000, per_second=300)
    """Everything that one address asks for."""
    newcomers: Allowance = Allowance(burst=3000, per_second=20)
    """New conversations from one address."""
    streams: int = 8
    """Open event streams of one conversation."""
    streams_in_all: int = 4000


class Buckets:
    """Token buckets of one kind, one for each sender."""

    def __init__(self, allowance: Allowance, seconds: Callable[[], float]) -> None:
        self._allowance = allowance
        self._seconds = seconds
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, sender: str) -> float:
        """Take one; 0 when allowed, else how many seconds until the next one is."""
        now = self._seconds()
        level, since = self._levels.pop(sender, (self._allowance.burst, now))
        level = min(self._allowance.burst, level + max(0.0, now - since) * self._allowance.per_second)
        wait = 0.0 if level >= 1 else (1 - level) / self._allowance.per_second
        self._levels[sender] = (level if wait else level - 1, now)
        if len(self._levels) > REMEMBERED:
            self._levels.popitem(last=False)
        return wait


def client_address(request: web.Request, *, trust_proxy: bool) -> str:
    """Who sent this: the peer, or what our own proxy wrote last into X-Forwarded-For."""
    found = request.remote or "unknown"
    if trust_proxy:
        # Only the last entry was written by our proxy; what stands before it is the client's own claim.
        forwarded = ",".join(request.headers.getall("X-Forwarded-For", [])).split(",")[-1].strip()
        found = forwarded or found
    return _neighbourhood(found)


def _neighbourhood(address: str) -> str:
    """An IPv6 customer holds a whole /64: it counts as one sender."""
    try:
        parsed = ipaddress.ip_address(address.strip("[]"))
    except ValueError:
        return address[:64]
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is None:
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
