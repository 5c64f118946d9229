"""工单台账: tickets as rows for commands, and the xlsx ledger (template T1 of the field), masked by default."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import LOCAL
from bot.sealing import mask_id, mask_name, mask_phone
from bot.staff import audit
from bot.staff.models import Staff
from handlers.tickets.labels import label
from handlers.tickets.models import Entry, EntryContent, Queue, Ticket
from handlers.tickets.ticket import OPEN, State
from handlers.tickets.timeline import EntryKind

if TYPE_CHECKING:
    from handlers.tickets.office import Office

COLUMNS = [
    *("序号", "工单编号", "来源渠道", "登记时间", "诉求人", "人员类别", "联系电话", "所在乡镇", "村(社区)", "诉求类型"),
    *("事项类别", "诉求内容", "涉及单位", "涉及金额", "涉及人数", "是否保密", "紧急程度", "承办单位", "承办人"),
    *("转办时间", "签收时间", "办理时限", "首次联系时间", "办理情况", "答复口径", "办结类型", "办结时间", "是否超期"),
    *("延期次数", "退单次数", "督办级别", "是否解决", "满意度", "回访时间", "回访人", "归档号", "备注"),
]
BATCH = 500
_IDENTITY = re.compile(r"(?<![0-9])[1-9][0-9]{16}[0-9Xx](?![0-9])")
_MOBILE = re.compile(r"(?<![0-9])1[3-9][0-9](?:[ -]?[0-9]{4}){2}(?![0-9])")
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet would take for a formula."""
MOST_IN_CELL = 32_000
"""Characters; a spreadsheet takes 32,767."""


async def describe(session: AsyncSession, office: Office, ticket: Ticket, *, now: datetime) -> dict[str, Any]:
    """One ticket as JSON, masked, with its timeline."""
    view = await office.viewer.of(session, ticket, now=now)
    lines = await session.execute(
        select(Entry, EntryContent.text, Staff.username)
        .outerjoin(EntryContent, EntryContent.entry_id == Entry.id)
        .outerjoin(Staff, Staff.id == Entry.actor_id)
        .where(Entry.ticket_id == ticket.id)
        .order_by(Entry.seq)
    )
    return {
        "number": ticket.number,
        "state": ticket.state,
        "kind": ticket.kind,
        "category": ticket.category,
        "about": ticket.about,
        "region": ticket.region,
        "place": view.place,
        "queue": view.queue,
        "handler": view.handler,
        "source": ticket.source,
        "priority": ticket.priority,
        "supervision": ticket.supervision,
        "level": ticket.level,
        "group": ticket.is_group,
        "confidential": ticket.confidential,
        "anonymous": ticket.anonymous,
        "facts": ticket.facts,
        "name": name_of(office, ticket),
        "phone": phone_of(office, ticket),
        "opened_at": _iso(ticket.opened_at),
        "accept_due": _iso(ticket.accept_due),
        "contact_due": _iso(ticket.contact_due),
        "answer_due": _iso(ticket.answer_due),
        "provisional": ticket.provisional,
        "accepted_at": _iso(ticket.accepted_at),
        "contacted_at": _iso(ticket.contacted_at),
        "answered_at": _iso(ticket.answered_at),
        "breached_at": _iso(ticket.breached_at),
        "extended": ticket.extended,
        "returns": ticket.returns,
        "urged": ticket.urged,
        "closing": ticket.closing,
        "solved": ticket.solved,
        "satisfaction": ticket.satisfaction,
        "timeline": [
            {
                "seq": entry.seq,
                "at": _iso(entry.at),
                "who": username or entry.role,
                "kind": entry.kind,
                "data": entry.data,
                "text": words or "",
            }
            for entry, words, username in lines
        ],
    }


async def list_rows(
    session: AsyncSession,
    *,
    state: State | None = None,
    overdue: bool = False,
    limit: int = 200,
    now: datetime,
) -> list[dict[str, Any]]:
    wanted = select(Ticket).order_by(Ticket.opened_at.desc(), Ticket.id.desc()).limit(limit)
    if state is not None:
        wanted = wanted.where(Ticket.state == str(state))
    if overdue:
        wanted = wanted.where(Ticket.state.in_([str(one) for one in OPEN]), Ticket.answer_due < now)
    return [
        {
            "number": ticket.number,
            "state": ticket.state,
            "kind": ticket.kind,
            "category": ticket.category,
            "region": ticket.region,
            "priority": ticket.priority,
            "supervision": ticket.supervision,
            "handler_id": ticket.handler_id,
            "queue_id": ticket.queue_id,
            "opened_at": _iso(ticket.opened_at),
            "due": _iso(ticket.answer_due),
            "about": ticket.about,
        }
        for ticket in await session.scalars(wanted)
    ]


async def write_ledger(
    session: AsyncSession, office: Office, file: Path, *, unmasked: bool, reason: str, now: datetime
) -> int:
    """The ledger as xlsx. Unmasked it leaves an audit row with the reason. -> how many tickets"""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet("工单台账")
    sheet.append(COLUMNS)
    names = {row.id: row.display_name for row in await session.execute(select(Staff.id, Staff.display_name))}
    queues = {row.id: row.name for row in await session.execute(select(Queue.id, Queue.name))}
    count, last = 0, 0
    while True:
        found = await session.scalars(select(Ticket).where(Ticket.id > last).order_by(Ticket.id).limit(BATCH))
        batch = found.all()
        if not batch:
            break
        words = await _words_of(session, [ticket.id for ticket in batch])
        for ticket in batch:
            count += 1
            row = _row(office, ticket, words.get(ticket.id, {}), names, queues, unmasked=unmasked)
            sheet.append([count, *map(_cell, row)])
        last = batch[-1].id
        session.expunge_all()
    book.save(file)
    if unmasked:
        await audit.append(
            session,
            audit.AuditAction.EXPORTED,
            actor=audit.Actor(audit.ActorKind.COMMAND),
            subject=audit.Subject("ledger", "tickets"),
            at=now,
            reason=reason,
            data={"rows": count},
        )
    return count


async def _words_of(session: AsyncSession, ids: Sequence[int]) -> dict[int, dict[str, str]]:
    """What was told first, the last answer and who heard the person, by ticket."""
    kinds = [str(EntryKind.OPENED), str(EntryKind.ANSWER), str(EntryKind.CONTACT)]
    rows = await session.execute(
        select(Entry.ticket_id, Entry.kind, EntryContent.text)
        .join(EntryContent, EntryContent.entry_id == Entry.id)
        .where(Entry.ticket_id.in_(ids), Entry.kind.in_(kinds))
        .order_by(Entry.ticket_id, Entry.seq)
    )
    found: dict[int, dict[str, str]] = {}
    for ticket_id, kind, text in rows:
        found.setdefault(ticket_id, {})[kind] = text
    return found


def _row(
    office: Office,
    ticket: Ticket,
    words: dict[str, str],
    names: dict[int, str],
    queues: dict[int, str],
    *,
    unmasked: bool,
) -> list[Any]:
    facts = ticket.facts
    town = office.viewer.place_name(ticket.region) if ticket.region and len(ticket.region) > 6 else ""
    show = unmasked and not ticket.confidential
    told = ticket.about if ticket.confidential else words.get("opened", "")
    answer = words.get("answer", "")
    if not show:
        told, answer = hide_numbers(told), hide_numbers(answer)
    return [
        ticket.number,
        ticket.source,
        _local(ticket.opened_at),
        name_of(office, ticket, masked=not show),
        "、".join(facts.get("groups", ())),
        phone_of(office, ticket, masked=not show),
        town,
        ticket.village,
        label("kind", ticket.kind),
        label("category", ticket.category),
        told,
        facts.get("employer", ""),
        facts.get("amount", ""),
        facts.get("people", ""),
        "是" if ticket.confidential else "否",
        "加急" if ticket.priority == "urgent" else "一般",
        queues.get(ticket.queue_id or 0, ""),
        names.get(ticket.handler_id or 0, ""),
        "",
        _local(ticket.accepted_at),
        _local(ticket.answer_due),
        _local(ticket.contacted_at),
        label("staff_state", ticket.state),
        answer,
        label("closing", ticket.closing) if ticket.closing else "",
        _local(ticket.answered_at),
        "是" if ticket.breached_at else "否",
        1 if ticket.extended else 0,
        ticket.returns,
        ticket.supervision,
        "" if ticket.solved is None else "是" if ticket.solved else "否",
        label("button", ticket.satisfaction) if ticket.satisfaction else "",
        _local(ticket.heard_at),
        "",
        ticket.number if ticket.state == str(State.ARCHIVED) else "",
        "",
    ]


def _cell(value: Any) -> Any:
    """A cell that no spreadsheet runs or chokes on."""
    if value is None or isinstance(value, int | float):
        return value
    text = "".join(character for character in str(value) if character >= " " or character in "\n\t")[:MOST_IN_CELL]
    return "'" + text if text.startswith(FORMULA) or text.lstrip().startswith(FORMULA) else text


def hide_numbers(text: str) -> str:
    """Phones and identity numbers that stand in what was told."""
    text = _IDENTITY.sub(lambda found: mask_id(found[0]), text)
    return _MOBILE.sub(lambda found: mask_phone(found[0]), text)


def name_of(office: Office, ticket: Ticket, *, masked: bool = True) -> str:
    """张*三; of a confidential ticket nothing while it is masked."""
    if ticket.name is None or (masked and ticket.confidential):
        return ""
    name = office.sealer.open(ticket.name, "ticket.name")
    return mask_name(name) if masked else name


def phone_of(office: Office, ticket: Ticket, *, masked: bool = True) -> str:
    """138****0000; of a confidential ticket nothing while it is masked."""
    if ticket.phone is None or (masked and ticket.confidential):
        return ""
    phone = office.sealer.open(ticket.phone, "ticket.phone")
    return mask_phone(phone) if masked else phone


def _iso(at: datetime | None) -> str | None:
    return at.astimezone(LOCAL).isoformat(timespec="seconds") if at else None


def _local(at: datetime | None) -> str:
    return f"{at.astimezone(LOCAL):%Y-%m-%d %H:%M}" if at else ""
