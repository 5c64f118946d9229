"""申请看反映人: a clerk asks, a head decides, and only the asker looks, for one working day, each time written down."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import select

from bot.clock import LOCAL
from bot.staff import audit
from bot.staff.roles import Role
from handlers.tickets.cabinet import NoSuchTicket
from handlers.tickets.decisions import Wait, count_waiting, list_waiting
from handlers.tickets.desk import NoSuchRequest, UnsealAskUnfit, UnsealRefused, WordsMissing
from handlers.tickets.models import UnsealRequest
from tests.handlers.tickets.bureau import HONGHU, LUOZHUANG, PHONE, Bureau

WHY = "要上门核实"


async def asked(bureau: Bureau, name: str = "zhou") -> tuple[str, int]:
    """A confidential ticket whose person somebody wishes to see. -> its number, the request"""
    number = await bureau.file(confidential=True)
    return number, await ask(bureau, number, name)


async def ask(bureau: Bureau, number: str, name: str = "zhou") -> int:
    await bureau.do(name, "ask_unseal", number, reason=WHY)
    async with bureau.work() as session:
        found = await session.scalar(select(UnsealRequest.id).order_by(UnsealRequest.id.desc()).limit(1))
        assert found is not None
        return found


async def decide(bureau: Bureau, name: str, number: str, request: int, *, granted: bool, reason: str = "可以") -> None:
    await bureau.do(name, "decide_unseal", number, request, granted=granted, reason=reason)


async def audited(bureau: Bureau) -> list[tuple[str, int | None, str]]:
    async with bureau.work() as session:
        assert await audit.verify(session) is None
        return [
            (row.action, row.actor_id, row.reason)
            for row in reversed(await audit.list_entries(session))
            if row.action.startswith("unseal")
        ]


async def waits_for(bureau: Bureau, name: str) -> int:
    """How many wait for them; the list and the number say the same."""
    async with bureau.work() as session:
        staff = await bureau.staff(session, name)
        counted = (await count_waiting(session, staff)).get(Wait.UNSEAL, 0)
        listed = await list_waiting(session, staff, tuple(Wait) if counted else (), most=9)
        assert len(listed.get(Wait.UNSEAL, [])) == counted
        return counted


async def test_granted_the_asker_alone_looks_for_one_working_day(bureau_on_each: Bureau) -> None:
    bureau = bureau_on_each
    number, request = await asked(bureau)
    assert await waits_for(bureau, "head") == 1
    with pytest.raises(UnsealRefused):
        await bureau.do("zhou", "unseal", number, reason=WHY)
    await decide(bureau, "head", number, request, granted=True)
    assert await waits_for(bureau, "head") == 0
    person = await bureau.do("zhou", "unseal", number, reason="")
    assert (person.name, person.phone) == ("示例·张某", PHONE)
    await bureau.do("zhou", "unseal", number, reason="再核一次")
    for other in ("li", "sun"):
        with pytest.raises(UnsealRefused):
            await bureau.do(other, "unseal", number, reason=WHY)
    # Tuesday at nine: until Wednesday at nine.
    bureau.clock.set(datetime(2026, 11, 25, 8, 59, tzinfo=LOCAL))
    await bureau.do("zhou", "unseal", number, reason="")
    bureau.clock.set(datetime(2026, 11, 25, 9, 0, tzinfo=LOCAL))
    with pytest.raises(UnsealRefused):
        await bureau.do("zhou", "unseal", number, reason=WHY)
    zhou, head = bureau.ids["zhou"], bureau.ids["head"]
    looks = [("unsealed", zhou, WHY), ("unsealed", zhou, "再核一次"), ("unsealed", zhou, WHY)]
    assert await audited(bureau) == [("unseal_asked", zhou, WHY), ("unseal_granted", head, "可以"), *looks]
    entries = [entry for entry in await bureau.entries(number) if entry.kind == "unsealed"]
    assert [(entry.actor_id, entry.data) for entry in entries] == [(zhou, {"leave": request})] * 3
    assert await bureau.broken() == []


async def test_a_leave_given_on_friday_lasts_until_monday(bureau: Bureau) -> None:
    bureau.clock.set(datetime(2026, 11, 27, 16, 0, tzinfo=LOCAL))
    number, request = await asked(bureau)
    await decide(bureau, "head", number, request, granted=True)
    bureau.clock.set(datetime(2026, 11, 30, 15, 59, tzinfo=LOCAL))
    await bureau.do("zhou", "unseal", number, reason="")
    bureau.clock.set(datetime(2026, 11, 30, 16, 0, tzinfo=LOCAL))
    with pytest.raises(UnsealRefused):
        await bureau.do("zhou", "unseal", number, reason=WHY)


async def test_denied_the_asker_may_not_look_and_may_ask_again(bureau_on_each: Bureau) -> None:
    bureau = bureau_on_each
    number, request = await asked(bureau)
    with pytest.raises(UnsealAskUnfit) as refused:
        await ask(bureau, number)
    assert refused.value.data == {"why": "open"}
    await decide(bureau, "head", number, request, granted=False, reason="先看材料")
    with pytest.raises(UnsealRefused):
        await bureau.do("zhou", "unseal", number, reason=WHY)
    again = await ask(bureau, number)
    assert again != request
    assert await waits_for(bureau, "head") == 1


async def test_only_a_head_who_may_look_and_did_not_ask_decides(bureau_on_each: Bureau) -> None:
    bureau = bureau_on_each
    await bureau.hire("chief", Role.HEAD, HONGHU, "社保")
    await bureau.hire("far", Role.HEAD, LUOZHUANG)
    number, request = await asked(bureau)
    own = await ask(bureau, number, "chief")
    for name in ("zhou", "li", "sun", "auditor", "chief"):
        assert await waits_for(bureau, name) == 0
        with pytest.raises(NoSuchRequest):
            await decide(bureau, name, number, request, granted=True)
    with pytest.raises(NoSuchRequest):
        await decide(bureau, "chief", number, own, granted=True)
    with pytest.raises(NoSuchTicket):
        await decide(bureau, "far", number, request, granted=True)
    assert (await waits_for(bureau, "far"), await waits_for(bureau, "head")) == (0, 2)
    with pytest.raises(WordsMissing):
        await decide(bureau, "head", number, request, granted=True, reason=" ")
    await decide(bureau, "head", number, request, granted=True)
    with pytest.raises(NoSuchRequest):
        await decide(bureau, "head", number, request, granted=False)
    assert await bureau.kinds(number) == ["opened"]


async def test_a_request_of_another_ticket_is_not_decided_through_this_one(bureau: Bureau) -> None:
    _, request = await asked(bureau)
    other = await bureau.file("other", confidential=True)
    with pytest.raises(NoSuchRequest):
        await decide(bureau, "head", other, request, granted=True)


@pytest.mark.parametrize(
    ("name", "more", "why"),
    [
        ("head", {"confidential": True}, "needless"),
        ("zhou", {}, "needless"),
        ("zhou", {"confidential": True, "person": None}, "nobody"),
    ],
)
async def test_nobody_asks_for_what_they_have_or_what_is_not_there(
    bureau: Bureau, name: str, more: dict[str, object], why: str
) -> None:
    from handlers.tickets.cabinet import Person

    number = await bureau.file(**{**more, **({"person": Person()} if "person" in more else {})})  # type: ignore[arg-type]
    with pytest.raises(UnsealAskUnfit) as refused:
        await ask(bureau, number, name)
    assert refused.value.data == {"why": why}


async def test_who_does_not_work_tickets_or_says_no_reason_asks_nothing(bureau: Bureau) -> None:
    number = await bureau.file(confidential=True)
    with pytest.raises(UnsealRefused):
        await ask(bureau, number, "helper")
    with pytest.raises(NoSuchTicket):
        await ask(bureau, number, "stranger")
    with pytest.raises(WordsMissing):
        await bureau.do("zhou", "ask_unseal", number, reason=" ")
    assert await waits_for(bureau, "head") == 0


async def test_only_heads_hear_that_it_was_asked_and_only_the_asker_what_became_of_it(bureau: Bureau) -> None:
    await bureau.hire("chief", Role.HEAD, HONGHU, "社保", telegram="105")
    before = {chat: len(await bureau.told(chat)) for chat in ("-100", "101", "102", "103", "104", "105")}
    number, request = await asked(bureau)
    news = {chat: (await bureau.told(chat))[count:] for chat, count in before.items()}
    assert news["104"] == ["card:unseal_asked"]
    assert not [chat for chat, cards in news.items() if "card:unseal_asked" in cards and chat != "104"]
    await decide(bureau, "head", number, request, granted=False, reason="先看材料")
    assert (await bureau.told("101"))[-1] == "card:unseal_denied"
    for chat in ("-100", "102", "103", "104", "105"):
        assert "card:unseal_denied" not in await bureau.told(chat)


async def test_who_no_longer_sees_the_ticket_looks_no_more(bureau: Bureau) -> None:
    number, request = await asked(bureau)
    await decide(bureau, "head", number, request, granted=True)
    await bureau.do("li", "claim", number)
    async with bureau.work() as session:
        queue = await bureau.office.queues.find(session, "社保")
        await bureau.office.queues.leave(session, queue, bureau.ids["zhou"])
    with pytest.raises(NoSuchTicket):
        await bureau.do("zhou", "unseal", number, reason="")
