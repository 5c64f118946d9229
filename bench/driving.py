"""Clients that talk to a server over real HTTP on loopback: one question after the other, each as soon as it can.

The HTTP is written by hand: a client library would use as much of the machine as what is measured.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, Self
from urllib.parse import urlsplit

from bench.processes import Server

CLIENTS = 50
ROUNDS = 3
SECONDS = 6.0
PATIENCE = 30.0
"""Seconds for one answer; more is a fault."""


class Wire:
    """One connection that stays open."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: str) -> None:
        self._reader, self._writer, self._host = reader, writer, host

    @classmethod
    async def open(cls, url: str) -> Self:
        parts = urlsplit(url)
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port, limit=2**20)
        return cls(reader, writer, parts.netloc)

    async def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> bytes:
        """The body of the answer; raises where it is not 200."""
        lines = [f"POST {path} HTTP/1.1", f"Host: {self._host}", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self._writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        async with asyncio.timeout(PATIENCE):
            head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            sizes = [line.partition(":")[2] for line in head if line.lower().startswith("content-length:")]
            answer = await self._reader.readexactly(int(sizes[0]))
        if " 200 " not in head[0]:
            raise RuntimeError(f"{path} answered {head[0]}: {answer[:200]!r}")
        return answer

    async def close(self) -> None:
        self._writer.close()
        await asyncio.wait({asyncio.ensure_future(self._writer.wait_closed())}, timeout=2)


class Talker(Protocol):
    """One person's device."""

    async def say(self, text: str) -> None:
        """Returns when the answer is there; raises if it is none."""

    async def close(self) -> None: ...


@dataclass(frozen=True)
class Figures:
    """One run."""

    rate: float
    """Messages a second."""
    p50: float
    """Milliseconds from sending to the whole answer."""
    p95: float
    count: int
    cpu_ms: float = 0.0
    """Of the serving processes, for one message."""

    @classmethod
    def of(cls, seconds: Sequence[float], span: float, *, cpu: float = 0.0) -> Figures:
        cuts = statistics.quantiles(seconds, n=20)
        count = len(seconds)
        return cls(count / span, cuts[9] * 1000, cuts[18] * 1000, count, cpu * 1000 / count)

    @classmethod
    def median(cls, runs: Sequence[Figures]) -> Figures:
        return cls(
            statistics.median(run.rate for run in runs),
            statistics.median(run.p50 for run in runs),
            statistics.median(run.p95 for run in runs),
            sum(run.count for run in runs),
            statistics.median(run.cpu_ms for run in runs),
        )


async def drive(
    talkers: Sequence[Talker], words: Sequence[Iterator[str]], *, seconds: float
) -> tuple[list[float], float]:
    """All talk at once until the time is over. -> (how long each answer took, how long it all took)"""
    began = time.perf_counter()
    taken: list[float] = []

    async def talk(talker: Talker, texts: Iterator[str]) -> None:
        while (sent := time.perf_counter()) - began < seconds:
            await talker.say(next(texts))
            taken.append(time.perf_counter() - sent)

    async with asyncio.TaskGroup() as group:
        for talker, texts in zip(talkers, words, strict=True):
            group.create_task(talk(talker, texts))
    return taken, time.perf_counter() - began


@dataclass
class Measured:
    """A server with its clients, measured in rounds."""

    servers: Sequence[Server]
    talkers: Sequence[Talker]
    words: Sequence[Iterator[str]]
    runs: list[Figures]

    async def run(self, seconds: float) -> Figures:
        before = sum(server.cpu_seconds() for server in self.servers)
        taken, span = await drive(self.talkers, self.words, seconds=seconds)
        figures = Figures.of(taken, span, cpu=sum(server.cpu_seconds() for server in self.servers) - before)
        self.runs.append(figures)
        return figures

    @property
    def median(self) -> Figures:
        return Figures.median(self.runs)


def share_of(part: Sequence[Figures], whole: Sequence[Figures]) -> float:
    """Median of the rounds' ratios: both sides of one round had the same neighbours on the machine."""
    return statistics.median(one.rate / other.rate for one, other in zip(part, whole, strict=True))
