"""People in danger: alerted until somebody takes them, seen and taken by those whose place it is. On both databases."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection

import pytest
from sqlalchemy import select

from bot.app import App, build
from bot.clock import FixedClock
from bot.messages import Address, ChannelName
from bot.models import Conversation, Delivery, Message
from bot.settings import Settings
from bot.staff import audit
from bot.staff.accounts import add_account
from bot.staff.models import Staff
from bot.staff.passwords import NewPassword
from bot.staff.roles import ANYWHERE, NotPermitted, Role, Scope
from bot.transcript import add_conversation, where_of
from handlers.policy.crises import (
    Crises,
    CrisisTaken,
    NoSuchCrisis,
    erase_crises,
    list_crises,
    take_at_machine,
    take_crisis,
)
from handlers.policy.crisis_desk import KINDS
from handlers.policy.models import Crisis
from tests.fakes import wire_fakes

HONGHU, WUHAN = "421083", "420104"
STAFF_CHAT = Address(ChannelName.TELEGRAM, "-100200", "1")
MACHINE = audit.Actor(audit.ActorKind.COMMAND, 0)
PASSWORD = NewPassword("x", "x", must_change=False)


class Bureau:
    """The frame with crises alone, and people who work there."""

    def __init__(self, app: App, clock: FixedClock, *, staff_chat: Address | None = STAFF_CHAT) -> None:
        self.app, self.clock = app, clock
        self.crises = Crises(app.outbox, app.timers, staff_chat, lambda code: f"place {code}", app.changes)
        self._people = 0

    async def danger(self, *, region: str | None = HONGHU, kind: str = "self_harm", person: str = "") -> str | None:
        """Somebody is in danger. -> the reference"""
        self._people += 1
        address = Address(ChannelName.TERMINAL, person or f"person-{self._people}")
        async with self.app.database.transaction() as session:
            await add_conversation(session, address, now=self.clock.now())
            conversation = await session.scalar(select(Conversation.id).filter_by(**where_of(address)))
            assert conversation is not None
            return await self.crises.record(
                session, conversation, region=region, route="crisis", kind=kind, now=self.clock.now()
            )

    async def danger_noted(self, *, region: str | None = HONGHU) -> str:
        reference = await self.danger(region=region)
        assert reference is not None
        return reference

    async def employ(self, name: str, role: Role = Role.CLERK, region: str = HONGHU) -> Staff:
        async with self.app.database.transaction() as session:
            return await add_account(
                session, name, role=role, region=region, password=PASSWORD, actor=audit.SYSTEM, now=self.clock.now()
            )

    async def take(self, staff: Staff, reference: str) -> Crisis:
        async with self.app.database.transaction() as session:
            return await take_crisis(session, reference, staff=staff, now=self.clock.now())

    async def seen_by(self, scope: Scope) -> Collection[str]:
        async with self.app.database.reading() as session:
            return {crisis.reference for crisis in await list_crises(session, scope=scope)}

    async def alerts(self) -> list[Message]:
        async with self.app.database.reading() as session:
            wanted = select(Message).where(Message.template == "policy/crisis_alert").order_by(Message.id)
            return list(await session.scalars(wanted))

    async def states(self, reference: str) -> dict[str, int]:
        return await self.app.outbox.counts(f"crisis:{reference}")

    async def wait(self, **by: float) -> None:
        self.clock.advance(**by)
        while await self.app.timers.act_once():
            pass


@pytest.fixture
async def bureau(settings_on_each: Settings, clock: FixedClock) -> AsyncIterator[Bureau]:
    async with build(settings_on_each, clock=clock, wire=wire_fakes) as app:
        made = Bureau(app, clock)
        app.book.add(KINDS)
        for kind, handler in made.crises.handlers.items():
            app.timers.register(kind, handler)
        yield made


async def test_an_alert_has_reference_place_kind_and_time_and_no_words(bureau: Bureau) -> None:
    reference = await bureau.danger_noted()
    (alert,) = await bureau.alerts()
    assert reference in alert.text
    assert f"place {HONGHU}" in alert.text
    assert set(alert.data) == {"reference", "place", "at", "kind", "repeated"}
    assert [choice["action"] for choice in alert.choices] == ["crises:take"]
    async with bureau.app.database.reading() as session:
        delivery = (await session.scalars(select(Delivery))).one()
    assert (delivery.chat, delivery.priority, delivery.purpose) == ("-100200", 1, f"crisis:{reference}")


async def test_the_same_danger_is_recorded_once_an_hour(bureau: Bureau) -> None:
    found = []
    for minutes in (0, 30, 40):
        bureau.clock.advance(minutes=minutes)
        found.append(await bureau.danger(person="person"))
    assert [reference is not None for reference in found] == [True, False, True]


async def test_an_alert_is_told_again_every_ten_minutes_until_somebody_takes_it(bureau: Bureau) -> None:
    reference = await bureau.danger_noted()
    for told in (2, 3):
        await bureau.wait(minutes=9)
        assert len(await bureau.alerts()) == told - 1
        await bureau.wait(minutes=1)
        assert [alert.data["repeated"] for alert in await bureau.alerts()] == [False, *[True] * (told - 1)]
    await bureau.take(await bureau.employ("zhou"), reference)
    await bureau.wait(hours=5)
    assert len(await bureau.alerts()) == 3


async def test_while_nothing_can_be_sent_one_alert_waits(bureau: Bureau) -> None:
    reference = await bureau.danger_noted()
    for _ in range(3):
        await bureau.wait(minutes=10)
    assert await bureau.states(reference) == {"cancelled": 3, "wait": 1}


async def test_an_alert_is_tried_again_in_a_chat_that_was_closed_to_us(bureau: Bureau) -> None:
    reference = await bureau.danger_noted()
    async with bureau.app.database.transaction() as session:
        chat = (await session.scalars(select(Conversation).filter_by(**where_of(STAFF_CHAT)))).one()
        chat.unreachable_at = bureau.clock.now()
    await bureau.wait(minutes=10)
    assert await bureau.states(reference) == {"cancelled": 1, "wait": 1}


async def test_without_a_staff_chat_it_is_recorded_and_nothing_is_told(bureau: Bureau) -> None:
    bureau.crises = Crises(bureau.app.outbox, bureau.app.timers, None, str, bureau.app.changes)
    reference = await bureau.danger_noted()
    await bureau.wait(minutes=30)
    assert await bureau.alerts() == []
    assert await bureau.seen_by(ANYWHERE) == {reference}


async def test_who_took_a_crisis_first_stays_and_the_second_is_told_who(bureau: Bureau) -> None:
    reference = await bureau.danger_noted()
    zhou, li = await bureau.employ("zhou"), await bureau.employ("li")
    await bureau.take(zhou, reference.lower())
    with pytest.raises(CrisisTaken) as caught:
        await bureau.take(li, reference)
    assert caught.value.data["by"] == "zhou"
    async with bureau.app.database.transaction() as session:
        with pytest.raises(CrisisTaken):
            await take_at_machine(session, reference, by="示例·王", actor=MACHINE, now=bureau.clock.now())
        (crisis,) = await list_crises(session, scope=ANYWHERE, taken=True)
    assert crisis.taken_by == "zhou"
    assert await bureau.seen_by(ANYWHERE) == set()


async def test_who_takes_a_crisis_stands_in_the_audit(bureau: Bureau) -> None:
    first, second = await bureau.danger_noted(), await bureau.danger_noted()
    zhou = await bureau.employ("zhou")
    await bureau.take(zhou, first)
    async with bureau.app.database.transaction() as session:
        await take_at_machine(session, second, by="示例·王", actor=MACHINE, now=bureau.clock.now())
        entries = await audit.list_entries(session)
        assert await audit.verify(session) is None
    taken = {
        entry.subject_id: (entry.actor_kind, entry.actor_id) for entry in entries if entry.action == "crisis_taken"
    }
    assert taken == {first: ("staff", zhou.id), second: ("command", 0)}


async def test_a_crisis_is_seen_and_taken_where_its_place_lies_and_one_without_a_place_everywhere(
    bureau: Bureau,
) -> None:
    there, elsewhere, nowhere = [await bureau.danger_noted(region=region) for region in ("421083100", WUHAN, None)]
    assert await bureau.seen_by(Scope(HONGHU)) == {there, nowhere}
    assert await bureau.seen_by(Scope("420000")) == {there, elsewhere, nowhere}
    assert await bureau.seen_by(Scope("no region at all")) == {nowhere}
    zhou = await bureau.employ("zhou")
    with pytest.raises(NoSuchCrisis):
        await bureau.take(zhou, elsewhere)
    for reference in (there, nowhere):
        assert (await bureau.take(zhou, reference)).taken_by == "zhou"


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ADMINISTRATOR, Role.HELPER])
async def test_who_works_no_tickets_takes_no_crisis(bureau: Bureau, role: Role) -> None:
    reference = await bureau.danger_noted()
    with pytest.raises(NotPermitted):
        await bureau.take(await bureau.employ("wang", role), reference)
    assert await bureau.seen_by(ANYWHERE) == {reference}


async def test_an_unknown_reference_is_refused(bureau: Bureau) -> None:
    with pytest.raises(NoSuchCrisis):
        await bureau.take(await bureau.employ("zhou"), "XXXXXX")


async def test_a_crisis_outlives_deletion_without_its_conversation(bureau: Bureau) -> None:
    await bureau.danger_noted()
    async with bureau.app.database.transaction() as session:
        crisis = (await session.scalars(select(Crisis))).one()
        assert crisis.conversation_id is not None
        await erase_crises(session, crisis.conversation_id)
        await session.refresh(crisis)
        assert crisis.conversation_id is None
