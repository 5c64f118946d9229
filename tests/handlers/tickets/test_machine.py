"""Random moves by random roles: no ticket is lost, no clock negative, no forbidden move accepted, every chain whole."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from bot.clock import FixedClock
from bot.errors import UserFacingError
from bot.settings import load_settings
from handlers.tickets import telling
from handlers.tickets.clockwork import pauses_of
from handlers.tickets.models import Ticket
from handlers.tickets.ticket import (
    MOVES,
    OPEN,
    Category,
    Closing,
    Kind,
    Move,
    Role,
    Satisfaction,
    State,
    Supervision,
)
from tests.handlers.tickets.bureau import Bureau, open_bureau, staffed

STAFF = ("zhou", "li", "sun", "head", "auditor", "helper", "stranger", "boss")
OTHER_COUNTY = ("stranger", "boss")
REASON = {"reason": "因为"}
ACTS: dict[str, tuple[tuple[Any, ...], dict[str, Any]]] = {
    "claim": ((), {}),
    "assign": ((None,), {}),
    "transfer": ((Category.INSURANCE,), REASON),
    "return_ticket": ((), REASON),
    "reassign": ((Category.INSURANCE,), REASON),
    "reply": (("您好",), {}),
    "record_contact": (("打过",), {"how": "phone"}),
    "note": (("记",), {}),
    "ask_supplement": (("少一张",), {}),
    "supplemented": ((), {}),
    "ask_extension": ((2,), REASON),
    "submit": (("查清了",), {}),
    "send_back": ((), REASON),
    "reject": ((), {**REASON, "door": "医保局"}),
    "set_flags": ((), {**REASON, "urgent": True}),
    "supervise": ((Supervision.RED,), REASON),
    "change_facts": (({"people": 3},), REASON),
    "unseal": ((), REASON),
    "give_code": ((), {}),
    "reopen": ((), REASON),
}
SAYS: dict[str, tuple[Any, ...]] = {
    "add_words": ("还有",),
    "urge": (),
    "withdraw": (),
    "confirm_solved": (),
    "object": ("没好",),
    "rate": (Satisfaction.DISSATISFIED,),
}
numbers = st.integers(0, 5)
people = st.sampled_from(STAFF)


class Life(RuleBasedStateMachine):
    """One bureau and its tickets; each step is a transaction, as it is in life."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="shangan-machine-"))
        self.runner = asyncio.Runner()
        # Weeks pass here: a grave matter that nobody takes would be repeated thousands of times.
        self.again_every, telling.REPEAT_EVERY = telling.REPEAT_EVERY, timedelta(days=2)
        self.stack = AsyncExitStack()
        self.filed: list[str] = []
        self.changed: set[str] = set()

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.runner.run(work)

    @initialize()
    def open(self) -> None:
        async def begin() -> Bureau:
            found = load_settings({}, data_dir=self.folder, http_port=0)
            clock = FixedClock("2026-11-24T09:00:00+08:00")
            return await staffed(await self.stack.enter_async_context(open_bureau(found, clock)))

        self.bureau: Bureau = self.run(begin())

    def teardown(self) -> None:
        telling.REPEAT_EVERY = self.again_every
        self.run(self.stack.aclose())
        self.runner.close()
        shutil.rmtree(self.folder)

    def number(self, place: int) -> str | None:
        return self.filed[place % len(self.filed)] if self.filed else None

    async def attempt(self, number: str, work: Coroutine[Any, Any, Any]) -> bool:
        """-> whether it was done; refused, nothing at all has changed"""
        before, entries = await self.bureau.ticket(number), len(await self.bureau.entries(number))
        try:
            await work
        except UserFacingError:
            after = await self.bureau.ticket(number)
            assert (after.state, after.handler_id, after.entries) == (before.state, before.handler_id, entries)
            return False
        self.changed.add(number)
        return True

    # -- what happens -------------------------------------------------------------------------------------

    @rule(kind=st.sampled_from(Kind), grave=st.booleans(), confidential=st.booleans())
    def somebody_files(self, kind: Kind, grave: bool, confidential: bool) -> None:
        self.filed.append(self.run(self.bureau.file(kind=kind, is_group=grave, confidential=confidential)))

    @rule(place=numbers, name=people, act=st.sampled_from(sorted(ACTS)))
    def staff_act(self, place: int, name: str, act: str) -> None:
        if (number := self.number(place)) is None:
            return
        words, more = ACTS[act]
        done = self.run(self.attempt(number, self.bureau.do(name, act, number, *words, **more)))
        assert not (done and name in OTHER_COUNTY)
        assert not (done and name == "auditor" and act not in ("note", "unseal"))

    @rule(place=numbers, name=people, closing=st.sampled_from(Closing))
    def staff_answer(self, place: int, name: str, closing: Closing) -> None:
        if (number := self.number(place)) is None:
            return
        contacted = self.run(self.bureau.ticket(number)).contacted_at
        done = self.run(self.attempt(number, self.bureau.do(name, "answer", number, "查清了", closing=closing)))
        assert not (done and contacted is None)

    @rule(place=numbers, name=people, granted=st.booleans())
    def leader_decides(self, place: int, name: str, granted: bool) -> None:
        if (number := self.number(place)) is not None:
            work = self.bureau.do(name, "decide_extension", number, granted=granted, **REASON)
            self.run(self.attempt(number, work))

    @rule(place=numbers, name=people, solved=st.booleans())
    def staff_call(self, place: int, name: str, solved: bool) -> None:
        if (number := self.number(place)) is not None:
            self.run(self.attempt(number, self.bureau.do(name, "hear", number, "说了", solved=solved)))

    @rule(place=numbers, other=numbers, name=people)
    def staff_merge(self, place: int, other: int, name: str) -> None:
        if (number := self.number(place)) is not None:
            into = self.number(other)
            assert into is not None
            if self.run(self.attempt(number, self.bureau.do(name, "merge", number, into, **REASON))):
                self.changed.add(into)

    @rule(place=numbers, what=st.sampled_from(sorted(SAYS)))
    def person_says(self, place: int, what: str) -> None:
        if (number := self.number(place)) is not None:
            self.run(self.attempt(number, self.bureau.say(what, number, *SAYS[what])))

    @rule(hours=st.sampled_from([0.5, 3, 20, 100, 800]))
    def time_passes(self, hours: float) -> None:
        self.run(self.bureau.wait(hours=hours))
        self.changed.update(self.filed)

    # -- what always holds --------------------------------------------------------------------------------

    @invariant()
    def nothing_is_lost(self) -> None:
        if not hasattr(self, "bureau"):
            return
        timers = self.run(self.bureau.timers())
        for number in self.changed:
            ticket = self.run(self.bureau.ticket(number))
            self.check_state(ticket, timers)
            self.check_clock(ticket)
            self.check_moves(number)
        assert self.run(self.bureau.broken()) == []
        self.changed.clear()

    def check_state(self, ticket: Ticket, timers: dict[str, Any]) -> None:
        """Somebody has it or a queue does, and something will look at it again while it is owed."""
        state, now = State(ticket.state), self.bureau.now
        assert ticket.queue_id is not None
        key = f"ticket:{ticket.id}"
        if state in OPEN and state is not State.SUPPLEMENT:
            done = (ticket.accepted_at, ticket.contacted_at, ticket.answered_at)
            waits = [hand for hand, at in zip(("accept", "contact", "answer"), done, strict=True) if at is None]
            left = [hand for hand in waits if f"{hand}:100" not in ticket.warned]
            assert (key in timers) == bool(left), (state, waits, ticket.warned)
            assert not left or timers[key] > now
        elif state in (State.HEARD, State.REJECTED):
            assert key in timers
        elif state is State.ANSWERED:
            assert key in timers or ticket.asked_again > 1
        else:
            assert key not in timers
        assert state is not State.RETURNED or ticket.handler_id is None
        assert (ticket.paused_at is not None) or state is not State.SUPPLEMENT

    def check_clock(self, ticket: Ticket) -> None:
        clock = self.bureau.office.cabinet.clockwork
        pauses = pauses_of(ticket)
        assert all(begin <= end for begin, end in pauses)
        for due in (ticket.accept_due, ticket.contact_due, ticket.answer_due):
            assert due is None or due >= ticket.clock_from
        assert ticket.answer_minutes > 0
        assert 0 <= ticket.supervision <= 3
        assert ticket.returns <= 1
        assert len(ticket.warned) == len(set(ticket.warned))
        if ticket.answer_due is not None and not ticket.paused_at:
            worked = clock.hours(ticket).worked(ticket.clock_from, ticket.answer_due, pauses=pauses)
            assert worked == ticket.answer_minutes

    def check_moves(self, number: str) -> None:
        """Every move in the timeline is a row of the table, and each begins where the last ended."""
        state = State.WAITING
        for entry in self.run(self.bureau.entries(number)):
            if entry.kind != "moved":
                continue
            step = MOVES[Move(entry.data["move"])]
            assert State(entry.data["from"]) is state
            assert state in step.origins
            assert Role(entry.role) in step.roles
            state = step.target or state
            assert State(entry.data["to"]) is state
        assert State(self.run(self.bureau.ticket(number)).state) is state


TestLife = Life.TestCase
TestLife.settings = settings(
    max_examples=10,
    stateful_step_count=30,
    phases=(Phase.explicit, Phase.generate),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
