"""Tickets for `bench.console`, put in by the database itself: open ones of many queues and clerks, and ended ones."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select, text

from bot.database import Database
from bot.keys import Keys
from bot.models import Conversation, Message
from bot.sealing import Sealer
from bot.staff.accounts import add_account
from bot.staff.audit import SYSTEM
from bot.staff.passwords import take_given
from bot.staff.roles import Role
from handlers.tickets import desk_queues
from handlers.tickets.models import Ticket
from handlers.tickets.search import SearchIndex, pairs_of
from handlers.tickets.ticket import Category

PASSWORD = "Hao-Mima-2026"
REGION = "421083"
TOWNS = ("421083001", "421083100", "421083102", "421083104", "421083106")
CLERKS = 50
PHRASES = 4_000
"""Different matters; each is told by every 4,000th ticket."""
WHAT = ("工资", "工资", "工资", "补贴", "补贴", "社保", "培训", "贷款", "岗位", "合同")
WHO = ("老板", "包工头", "村里", "镇上", "公司", "厂里", "中介", "学校", "平台", "工地")
DID = (
    "拖欠三个月",
    "一直没发",
    "说发没发",
    "少发了一半",
    "不肯签",
    "扣着不退",
    "找不到人",
    "推来推去",
    "没有通知",
    "发错了",
)
RARE = "蓝鲸水产"


@dataclass(frozen=True)
class Filled:
    clerks: Sequence[str]
    leader: str = "leader"


async def prepare(database: Database) -> Filled:
    """A queue for each category, fifty clerks who work some of them each, a leader."""
    now, password = datetime.now(UTC), await take_given(PASSWORD, must_change=False)
    names = tuple(f"clerk{n}" for n in range(CLERKS))
    categories = list(Category)
    async with database.transaction() as session:
        for name in (*names, "leader"):
            role = Role.SUPERVISOR if name == "leader" else Role.CLERK
            await add_account(session, name, role=role, region=REGION, password=password, actor=SYSTEM, now=now)
        for at, category in enumerate(categories):
            await desk_queues.add_queue(session, f"队列{at}", region=REGION, category=category)
            # All know of labour matters, so that what is new there concerns every open console.
            theirs = names if category is Category.LABOUR else names[at::4]
            await desk_queues.assign_staff(session, desk_queues.keeper(), f"队列{at}", theirs)
    return Filled(names)


async def fill(database: Database, keys: Keys, *, have: int, want: int, is_open: bool) -> None:
    """Tickets number `have` + 1 to `want`, one entry each, with what they are found by."""
    index = SearchIndex(Sealer(keys, "tickets"), lambda _code: "洪湖市螺山镇")
    dice = random.Random(20261124)
    phrases = []
    for n in range(PHRASES):
        about = f"{dice.choice(WHO)}{dice.choice(DID)}{dice.choice(WHAT)}{dice.choice(WHO)}{n:04d}号"
        about = f"{RARE}{about}" if n == PHRASES - 1 else about
        phrases.append({"n": n, "about": about, "terms": " ".join(sorted(pairs_of(about) | pairs_of("洪湖市螺山镇")))})
    tails = [{"n": n, "term": index.tail_term(f"{n:04d}")} for n in range(10_000)]
    async with database.transaction() as session:
        await session.execute(text("CREATE TABLE bench_phrase (n integer PRIMARY KEY, about text, terms text)"))
        await session.execute(text("CREATE TABLE bench_tail (n integer PRIMARY KEY, term text)"))
        await session.execute(text("INSERT INTO bench_phrase VALUES (:n, :about, :terms)"), phrases)
        await session.execute(text("INSERT INTO bench_tail VALUES (:n, :term)"), tails)
        for statement in _statements(database, have, want, is_open=is_open):
            await session.execute(text(statement))
        await session.execute(text("DROP TABLE bench_phrase"))
        await session.execute(text("DROP TABLE bench_tail"))
    if database.is_sqlite:
        return  # nobody counts its rows there in service either
    async with database.engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        for table in ("ticket", "ticket_entry", "ticket_search"):
            await connection.execute(text(f"VACUUM ANALYZE {table}"))


async def fill_conversation(database: Database, number: str, *, messages: int) -> None:
    """A ticket's own chat with so many messages, by turns of the person and the bot."""
    now = datetime.now(UTC)
    async with database.transaction() as session:
        ticket = await session.scalar(select(Ticket).where(Ticket.number == number))
        assert ticket is not None
        chat = Conversation(channel="webchat", bot="", chat="bench", created_at=now, updated_at=now, last_seq=messages)
        session.add(chat)
        await session.flush()
        ticket.conversation_id = chat.id
        words = "老板拖欠三个月工资不给，打电话也不接，跟我一起的还有十几个人"
        session.add_all(
            Message(conversation_id=chat.id, seq=n, speaker="you" if n % 2 else "bot", text=f"{words}（{n}）", at=now)
            for n in range(1, messages + 1)
        )


def _statements(database: Database, have: int, want: int, *, is_open: bool) -> list[str]:
    sqlite = database.is_sqlite
    yes, no = ("1", "0") if sqlite else ("true", "false")

    def minutes(count: str) -> str:
        """Now and so many minutes on."""
        if sqlite:
            return f"strftime('%Y-%m-%d %H:%M:%S.000000', 'now', ({count}) || ' minutes')"
        return f"now() + ({count}) * interval '1 minute'"

    numbers = f"SELECT k FROM generate_series({have + 1}, {want}) AS k"
    if sqlite:
        numbers = f"WITH RECURSIVE c(k) AS (SELECT {have + 1} UNION ALL SELECT k + 1 FROM c WHERE k < {want}) {numbers}"
        numbers = numbers.replace(f"generate_series({have + 1}, {want}) AS k", "c")
    category = "CASE k % 8 " + " ".join(f"WHEN {n} THEN '{one}'" for n, one in enumerate(Category)) + " END"
    town = f"CASE k % {len(TOWNS)} " + " ".join(f"WHEN {n} THEN '{one}'" for n, one in enumerate(TOWNS)) + " END"
    opened = minutes("-(k % 500000) - 600")
    # A few hundred are over already, the rest is due in the two weeks to come.
    due, soon = (
        ("NULL", "NULL") if not is_open else (minutes("k * 7919 % 20000 - 100"), minutes("k * 7919 % 20000 - 900"))
    )
    state = "CASE k % 3 WHEN 0 THEN 'waiting' WHEN 1 THEN 'accepted' ELSE 'working' END" if is_open else "'archived'"
    handler = f"CASE WHEN k % 5 > 0 THEN k % {CLERKS} + 1 END" if is_open else f"k % {CLERKS} + 1"
    group = f"CASE WHEN k % 997 = 0 THEN {yes} ELSE {no} END" if is_open else no
    return [
        f"""
        INSERT INTO ticket (number, kind, category, state, priority, supervision, level, is_group, confidential,
          anonymous, region, village, source, about, facts, queue_id, handler_id, opened_at, state_since, clock_from,
          answer_due, next_due, soon_at, provisional, answer_minutes, pauses, accepted_at, contacted_at, warned,
          extended, returns, urged, asked_again, entries, head, search_key)
        SELECT '260101-' || k, 'complaint', {category}, {state}, 'ordinary', 0, 0, {group}, {no},
          {no}, {town}, '', 'webchat', about, '{{}}', k % 8 + 1, {handler}, {opened}, {opened}, {opened},
          {due}, {due}, {soon}, {no}, 4200, '[]', {opened}, {opened}, '[]', {no}, 0, 0, 0, 1, 'x', 'x'
        FROM ({numbers}) AS numbers JOIN bench_phrase ON bench_phrase.n = k % {PHRASES} ORDER BY k
        """,
        f"""
        INSERT INTO ticket_entry (ticket_id, seq, at, role, actor_id, kind, data, digest, previous, hash)
        SELECT id, 1, opened_at, 'person', NULL, 'opened', '{{}}', '', 'x', 'x' FROM ticket
        WHERE id > {have} AND id <= {want}
        """,
        f"""
        INSERT INTO ticket_search (ticket_id, terms)
        SELECT ticket.id, bench_phrase.terms || ' ' || bench_tail.term FROM ticket
        JOIN bench_phrase ON bench_phrase.n = ticket.id % {PHRASES} JOIN bench_tail ON bench_tail.n = ticket.id % 10000
        WHERE ticket.id > {have} AND ticket.id <= {want}
        """,
    ]
