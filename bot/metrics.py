"""What `/metrics` tells a monitoring system (Prometheus text format): counts and times, nothing of any person.

`Meter` counts in this process as things happen; what lies in the database (outbox, timers, open cases) is counted
when somebody asks, so that every process tells the same of it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import TypeAlias

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import Delivery, Timer

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
ERROR = "error"
"""The outcome of a turn that ended in an apology."""
OTHER = "other"
"""The outcome of replies that no service calls an answer: greetings, questions of a form, news."""

Gauges: TypeAlias = Callable[[AsyncSession, datetime], Awaitable[Mapping[str, float]]]
"""What a service counts in the database: name without prefix -> number."""


class Meter:
    """The counters of one process."""

    def __init__(self, outcomes: Mapping[str, str] | None = None) -> None:
        self._outcomes = dict(outcomes or {})
        self._registry = CollectorRegistry()
        self._messages = Counter(
            "shangan_messages", "Messages of people that were taken.", ["channel"], registry=self._registry
        )
        self._answers = Counter("shangan_answers", "Replies by outcome.", ["outcome"], registry=self._registry)
        self._turns = Histogram(
            "shangan_turn_seconds",
            "From a message to its committed answer.",
            ["channel"],
            buckets=SECONDS,
            registry=self._registry,
        )
        self._requests = Histogram(
            "shangan_http_seconds",
            "Requests by address.",
            ["route", "status"],
            buckets=SECONDS,
            registry=self._registry,
        )

    def know(self, outcomes: Mapping[str, str]) -> None:
        """A service's replies that are outcomes: template key -> answer, clarify, no_answer or handoff."""
        self._outcomes |= outcomes

    def count_turn(self, channel: str, templates: Sequence[str | None], seconds: float) -> None:
        self._messages.labels(channel).inc()
        self._turns.labels(channel).observe(seconds)
        for template in templates:
            is_error = template is not None and template.startswith("errors/")
            self._answers.labels(ERROR if is_error else self._outcomes.get(template or "", OTHER)).inc()

    def count_request(self, route: str, status: int, seconds: float) -> None:
        """`route` as it is written in the code: an address may hold a number of somebody's case."""
        self._requests.labels(route, f"{status // 100}xx").observe(seconds)

    def write(self, gauges: Mapping[str, float]) -> bytes:
        """Everything, with numbers that were just counted in the database."""
        fresh = CollectorRegistry()
        for name, value in gauges.items():
            Gauge(f"shangan_{name}", f"In the database now: {name}.", registry=fresh).set(value)
        return generate_latest(self._registry) + generate_latest(fresh)


async def count_work(session: AsyncSession, now: datetime) -> dict[str, float]:
    """The outbox and the timers. Ages in seconds; 0 while nothing waits."""
    depth, oldest = await _waiting(session, Delivery, now)
    late, latest = await _waiting(session, Timer, now)
    dead = await session.scalar(select(func.count()).where(Delivery.state == "dead"))
    return {
        "outbox_depth": depth,
        "outbox_oldest_seconds": oldest,
        "outbox_dead": dead or 0,
        "timers_late": late,
        "timers_latest_seconds": latest,
    }


async def _waiting(session: AsyncSession, model: type[Delivery] | type[Timer], now: datetime) -> tuple[int, float]:
    """What is due and not done: how many, and for how long the oldest."""
    wanted = select(func.count(), func.min(model.due_at)).where(model.state == "wait", model.due_at <= now)
    count, first = (await session.execute(wanted)).one()
    return count, max(0.0, (now - first).total_seconds()) if first is not None else 0.0
