"""`shangan demo`: tickets over some weeks, people plainly made up (示例·…), to look around in and to show."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserFacingError
from bot.staff.accounts import add_account
from bot.staff.audit import SYSTEM as AUDIT_SYSTEM
from bot.staff.models import Staff
from bot.staff.passwords import NewPassword, make_one_time
from bot.staff.roles import Role as StaffRole
from handlers.tickets import desk_queues
from handlers.tickets.cabinet import Person
from handlers.tickets.filing import Draft
from handlers.tickets.labels import queue_name
from handlers.tickets.models import Ticket
from handlers.tickets.ticket import Category, Closing, Kind, Satisfaction

if TYPE_CHECKING:
    from handlers.tickets.office import Office

REGION = "421083"
PLACE = "洪湖市"
TOWNS = ("421083001", "421083100", "421083102", "421083104", "421083106")
SURNAMES = "张王李刘陈杨赵黄周吴"
MATTERS: tuple[tuple[Category, Kind, str, str], ...] = (
    (Category.INSURANCE, Kind.REQUEST, "养老保险缴费补贴没到账", "养老保险的钱我5月就交了，说8月底前补，没到账。"),
    (Category.LABOUR, Kind.COMPLAINT, "老板拖欠三个月工资", "在工地干了三个月，老板一分钱没给，电话也不接。"),
    (Category.PUBLIC_POST, Kind.COMPLAINT, "公益岗位补贴两个月没发", "我在村里做保洁，九月、十月的岗位补贴没发。"),
    (Category.TRAINING, Kind.REQUEST, "报了电焊班一直没通知开班", "电焊班报名一个多月了，没人通知。"),
    (Category.STARTUP, Kind.CONSULT, "想办创业担保贷款，不知道找谁", "想开个渔具店，贷款去哪里申请。"),
    (Category.EMPLOYMENT, Kind.CONSULT, "厂里招了四个渔民，补贴怎么报", "我们厂招了四个退捕渔民，合同签了，怎么报。"),
    (Category.GENERAL, Kind.REPORT, "有人冒领培训补贴", "培训名单上有人没去上课，钱也领了。"),
)


class NotEmpty(UserFacingError):
    """Made-up tickets are not mixed with real ones."""

    code = "not_empty"


async def make_demo(session: AsyncSession, office: Office, *, count: int, days: int, now: datetime) -> dict[str, Any]:
    """Queues, staff and tickets at every stage; the same every time. Refuses a database that holds tickets."""
    if await session.scalar(select(func.count()).select_from(Ticket)):
        raise NotEmpty()
    dice = random.Random(20261124)  # noqa: S311  # the same demo every time; nothing secret
    password = await make_one_time()
    staff = await _make_staff(session, office, password, now=now)
    begin = now - timedelta(days=days)
    for place in range(count):
        at = begin + (now - begin) * place / max(count, 1) + timedelta(minutes=dice.randrange(60))
        await _make_ticket(session, office, staff, dice, at=min(at, now), now=now)
    return {"tickets": count, "staff": "、".join(one.username for one in staff), "password": password.plain}


async def _make_staff(session: AsyncSession, office: Office, password: NewPassword, *, now: datetime) -> list[Staff]:
    people = (
        ("demo-zhou", "示例·周某", StaffRole.CLERK),
        ("demo-li", "示例·李某", StaffRole.CLERK),
        ("demo-sun", "示例·孙某", StaffRole.SUPERVISOR),
        ("demo-head", "示例·郑局长", StaffRole.HEAD),
        ("demo-shen", "示例·沈某", StaffRole.AUDITOR),
    )
    staff = [
        await add_account(
            session,
            name,
            role=role,
            region=REGION,
            password=password,
            actor=AUDIT_SYSTEM,
            now=now,
            display_name=shown,
        )
        for name, shown, role in people
    ]
    for category in Category:
        name = queue_name(PLACE, str(category))
        await desk_queues.add_queue(session, name, region=REGION, category=category)
        queue = await office.queues.find(session, name)
        for one in staff[:3]:
            await office.queues.join(session, queue, one.id)
    return staff


async def _make_ticket(
    session: AsyncSession, office: Office, staff: list[Staff], dice: random.Random, *, at: datetime, now: datetime
) -> None:
    category, kind, about, text = dice.choice(MATTERS)
    people = dice.choice((1, 1, 1, 1, 4, 13)) if category is Category.LABOUR else 1
    draft = Draft(
        kind=kind,
        category=category,
        about=about,
        text=text,
        source=dice.choice(("webchat", "telegram", "phone", "window")),
        region=dice.choice(TOWNS),
        facts={"people": people} if people > 1 else {},
        person=Person(f"示例·{dice.choice(SURNAMES)}某", f"1380000{dice.randrange(10_000):04d}"),
        is_group=people >= 10,
        urgent=people >= 10,
        confidential=kind is Kind.REPORT,
    )
    ticket = await office.filing.open_ticket(session, draft, conversation_id=None, now=at)
    clerk, number, age = dice.choice(staff[:2]), ticket.number, now - at
    desk = office.desk
    if age < timedelta(hours=6) or dice.random() < 0.04:
        return
    later = at + timedelta(hours=dice.uniform(0.2, 5))
    await desk.claim(session, clerk, number, now=later)
    if dice.random() < 0.03:
        await desk.return_ticket(session, clerk, number, reason="看了材料，不是这个队列的事。", now=later)
        return
    if age < timedelta(days=1) or dice.random() < 0.05:
        return
    later += timedelta(hours=dice.uniform(1, 20))
    await desk.record_contact(session, clerk, number, "打了电话，情况核实了。", how="phone", now=later)
    if age < timedelta(days=4) or dice.random() < 0.1:
        await _hand_up(session, office, clerk, ticket, dice, now=later)
        return
    later += timedelta(days=dice.uniform(0.5, 3))
    closing = Closing.SOLVED if dice.random() < 0.8 else Closing.EXPLAINED
    await desk.answer(session, clerk, number, "查清了，已经办好，请您看看。", closing=closing, now=later)
    if dice.random() < 0.2:
        return
    ticket = await office.cabinet.find(session, number)
    later += timedelta(hours=dice.uniform(1, 30))
    if dice.random() < 0.1:
        await office.filing.object(session, ticket, "还是没有办好。", now=later)
        return
    await office.filing.confirm_solved(session, ticket, now=later)
    rating = dice.choices(list(Satisfaction), weights=(7, 2, 1))[0]
    await office.filing.rate(session, ticket, rating, now=later)


async def _hand_up(
    session: AsyncSession, office: Office, clerk: Staff, ticket: Ticket, dice: random.Random, *, now: datetime
) -> None:
    """What waits for a leader: now and then an extension, or an answer to be read first."""
    number = ticket.number
    if dice.random() < 0.2 and ticket.answer_due is not None and now < ticket.answer_due:
        await office.desk.ask_extension(session, clerk, number, 1, reason="银行的回单还没到，要等一天。", now=now)
    elif dice.random() < 0.15:
        await office.desk.submit(session, clerk, number, "查清了：名单报漏了，已经补报，下周二前到账。", now=now)
