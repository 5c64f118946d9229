"""The audit page: the newest first, found by person, act, subject and day; of the auditor's region; and the chain."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest
from sqlalchemy import text, update

from bot.staff import audit
from bot.staff.audit import AuditAction
from bot.staff.models import AuditEntry
from bot.staff.roles import EVERYWHERE, Role
from bot.web.console_pages import label
from handlers.tickets.models import EntryContent
from tests.console.site import Answer, ConsoleSite, StaffBrowser
from tests.handlers.tickets.bureau import LUOZHUANG, PHONE, Bureau

PAGE = "/staff/audit"


def listed(page: Answer) -> list[tuple[int, str]]:
    """Place in the chain, and subject."""
    assert page.status == 200, page.text
    return [(int(seq), subject) for seq, subject in re.findall(r'data-seq="(\d+)" data-subject="([^"]*)"', page.text)]


async def append(bureau: Bureau, action: AuditAction, actor: audit.Actor, kind: str, subject: str, **more: str) -> int:
    async with bureau.work() as session:
        where = audit.Subject(kind, subject)
        return await audit.append(session, action, actor=actor, subject=where, at=bureau.now, **more)


def by(bureau: Bureau, name: str) -> audit.Actor:
    return audit.Actor(audit.ActorKind.STAFF, bureau.ids[name])


async def opened(console: ConsoleSite, name: str = "auditor") -> StaffBrowser:
    return await console.sign_in(name)


async def test_what_was_looked_at_is_there_with_who_and_why(console_on_each: ConsoleSite) -> None:
    bureau = console_on_each.bureau
    number = await bureau.file()
    await bureau.do("sun", "unseal", number, reason=f"核对卡号，他电话{PHONE}")
    auditor = await opened(console_on_each)
    page = await auditor.get(PAGE)
    seqs = [seq for seq, _ in listed(page)]
    assert seqs == sorted(seqs, reverse=True)
    assert number in [subject for _, subject in listed(page)]
    assert "核对卡号" in page.text
    assert PHONE not in page.text


def test_every_act_has_its_words() -> None:
    assert [label("audit_action", action) for action in AuditAction]


async def test_it_is_found_by_person_act_subject_and_day(console_on_each: ConsoleSite) -> None:
    bureau = console_on_each.bureau
    first, second = await bureau.file(chat="a"), await bureau.file(chat="b")
    await bureau.do("sun", "unseal", first, reason="一")
    bureau.clock.set("2026-11-25T00:30:00+08:00")
    await bureau.do("head", "unseal", second, reason="二")
    auditor = await opened(console_on_each)

    async def found(query: str) -> list[str]:
        return [subject for _, subject in listed(await auditor.get(f"{PAGE}?{query}"))]

    assert await found(f"who={bureau.ids['sun']}&action=unmasked") == [first]
    assert await found("action=unmasked") == [second, first]
    assert await found(f"subject={first}") == [first]
    assert await found(f"subject={first.replace('-', '')}") == [first]
    assert await found("action=unmasked&day=2026-11-24") == [first]
    assert await found("action=unmasked&day=2026-11-25") == [second]
    assert set(await found("subject=sun")) == {str(bureau.ids["sun"])}
    assert await found("subject=nobody") == []
    for odd in ("%25", "_", "' OR 1=1 --", "<script>alert(1)</script>"):
        page = await auditor.get(f"{PAGE}?subject={quote(odd)}")
        assert listed(page) == []
        assert "<script>alert" not in page.text


@pytest.mark.parametrize("query", ["who=x", "action=x", "day=x", "day=9999-12-31", "who=-1"])
async def test_what_is_not_understood_shows_nothing(console: ConsoleSite, query: str) -> None:
    auditor = await opened(console)
    answer = await auditor.get(f"{PAGE}?{query}")
    assert answer.status == 422
    assert "data-seq" not in answer.text


async def test_older_entries_are_behind_a_link_each_once(console: ConsoleSite) -> None:
    bureau = console.bureau
    for place in range(120):
        await append(bureau, AuditAction.REFUSED, by(bureau, "zhou"), "page", f"/staff/x{place}")
    auditor = await opened(console)
    path, seen = f"{PAGE}?action=refused", []
    for _ in range(5):
        page = await auditor.get(path)
        seen += [subject for _, subject in listed(page)]
        link = re.search(r'href="([^"]+)" rel="next"', page.text)
        if link is None:
            break
        path = link[1].replace("&amp;", "&")
    assert seen == [f"/staff/x{place}" for place in reversed(range(120))]


# -- whose entries --------------------------------------------------------------------------------------------


async def test_an_auditor_of_another_county_finds_nothing_of_ours(console_on_each: ConsoleSite) -> None:
    bureau = console_on_each.bureau
    await bureau.hire("other", Role.AUDITOR, LUOZHUANG)
    ours, theirs = await bureau.file(), await bureau.file(chat="far", region=LUOZHUANG)
    await bureau.do("sun", "unseal", ours, reason="洪湖的理由")
    await bureau.do("boss", "unseal", theirs, reason="罗庄的理由")
    await append(bureau, AuditAction.REFUSED, by(bureau, "zhou"), "page", "/staff/zhou-reached")
    await append(bureau, AuditAction.REFUSED, by(bureau, "boss"), "page", "/staff/boss-reached")
    queue = await bureau.queue("又一个")
    await append(bureau, AuditAction.QUEUE_CHANGED, by(bureau, "admin"), "queue", str(queue))
    await append(bureau, AuditAction.SETTING_CHANGED, by(bureau, "admin"), "setting", "deadlines")
    await append(bureau, AuditAction.SETTING_CHANGED, audit.SYSTEM, "newfangled", "x1")
    other = await opened(console_on_each, "other")
    page = await other.get(PAGE)
    for words in ("洪湖的理由", ours, "zhou-reached", "x1", "deadlines", "zhou", "sun"):
        assert words not in page.text, words
    assert "罗庄的理由" in page.text
    assert "boss-reached" in page.text
    ids = bureau.ids
    own = {str(ids["other"]), str(ids["boss"]), str(ids["stranger"]), theirs, "/staff/boss-reached"}
    assert {subject for _, subject in listed(page)} <= own
    for query in (f"subject={ours}", "subject=zhou", "subject=sun", f"who={ids['zhou']}", f"who={ids['sun']}"):
        assert listed(await other.get(f"{PAGE}?{query}")) == [], query
    here = {subject for _, subject in listed(await (await opened(console_on_each)).get(PAGE))}
    assert {ours, "/staff/zhou-reached", str(queue), "deadlines"} <= here
    assert not here & {theirs, "/staff/boss-reached", "x1", str(ids["boss"])}


async def test_who_from_above_looked_into_ours_is_named(console_on_each: ConsoleSite) -> None:
    bureau = console_on_each.bureau
    await bureau.hire("province", Role.HEAD, "420000")
    number = await bureau.file()
    await bureau.do("province", "unseal", number, reason="省里督查")
    auditor = await opened(console_on_each)
    page = await auditor.get(f"{PAGE}?subject={number}")
    assert [subject for _, subject in listed(page)] == [number]
    assert "province" in page.text


async def test_what_was_done_at_the_machine_to_all_is_everybodys(console_on_each: ConsoleSite) -> None:
    bureau = console_on_each.bureau
    command = audit.Actor(audit.ActorKind.COMMAND)
    await append(bureau, AuditAction.EXPORTED, command, "ledger", "tickets", reason="备份核对")
    await append(bureau, AuditAction.REFUSED, audit.Actor(audit.ActorKind.STRANGER), "telegram", "999")
    page = await (await opened(console_on_each)).get(PAGE)
    assert {"tickets", "999"} <= {subject for _, subject in listed(page)}


async def test_who_looks_over_all_places_sees_all(console_on_each: ConsoleSite) -> None:
    bureau = console_on_each.bureau
    await bureau.hire("whole", Role.AUDITOR, EVERYWHERE)
    await append(bureau, AuditAction.REFUSED, by(bureau, "boss"), "page", "/staff/boss-reached")
    await append(bureau, AuditAction.SETTING_CHANGED, audit.SYSTEM, "newfangled", "x1")
    page = await (await opened(console_on_each, "whole")).get(PAGE)
    assert {"/staff/boss-reached", "x1"} <= {subject for _, subject in listed(page)}


@pytest.mark.parametrize("name", ["zhou", "sun", "head", "admin", "helper"])
async def test_only_the_auditor_reads_it(console: ConsoleSite, name: str) -> None:
    at = await opened(console, name)
    assert (await at.get(PAGE)).status == 403
    assert (await at.post(f"{PAGE}/verify")).status == 403


# -- the chain ------------------------------------------------------------------------------------------------


async def test_an_unbroken_chain_is_said_to_be_so(console_on_each: ConsoleSite) -> None:
    await console_on_each.bureau.file()
    auditor = await opened(console_on_each)
    page = await auditor.post(f"{PAGE}/verify")
    assert page.status == 200
    assert 'role="status"' in page.text
    assert "data-broken" not in page.text


async def test_a_changed_entry_is_named(console_on_each: ConsoleSite) -> None:
    bureau = console_on_each.bureau
    number, far = await bureau.file(), await bureau.file(chat="far", region=LUOZHUANG)
    seq = await append(bureau, AuditAction.REFUSED, by(bureau, "zhou"), "page", "/staff/x")
    auditor = await opened(console_on_each)
    async with bureau.work() as session:
        await _lift_guards(session, bureau)
        await session.execute(update(AuditEntry).where(AuditEntry.seq == seq).values(subject_id="/staff/y"))
        await session.execute(update(EntryContent).values(text="改过的话"))
    page = await auditor.post(f"{PAGE}/verify")
    broken = page.text[page.text.index("data-broken") :]
    broken = broken[: broken.index("</div></div>")]
    assert f"第 {seq} 条" in broken
    assert number in broken
    assert far not in broken
    assert "还有 1 处" in broken


async def _lift_guards(session: object, bureau: Bureau) -> None:
    """The database itself refuses to change the audit: somebody with its password takes that away first."""
    execute = session.execute  # type: ignore[attr-defined]
    if bureau.app.database.is_sqlite:
        names = (await execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'"))).scalars().all()
        for name in names:
            await execute(text(f"DROP TRIGGER {name}"))
    else:
        for table in ("staff_audit", "ticket_entry", "ticket_entry_content"):
            await execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
