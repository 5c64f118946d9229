"""Wires offers: the dialogue, timers, commands, menu lines, console pages over the parts of `office`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from bot.app import Parts, Service
from bot.dialogue import HandOver
from bot.messages import Choice
from bot.sealing import Sealer
from handlers.offers.acting import Acting
from handlers.offers.console import make_section
from handlers.offers.dialogue import OffersDialogue
from handlers.offers.labels import label
from handlers.offers.office import Office
from handlers.offers.person_part import read_registrations
from handlers.offers.replies import KINDS
from handlers.offers.searching import Searching
from handlers.offers.signing import Signing
from handlers.offers.talk import ASKS_AFTER, GIVES_UP
from handlers.offers.wanting import Wanting, gives_up
from handlers.people.by_the_way import ByTheWay
from handlers.people.matching import Matching
from handlers.people.profiling import Profiling
from handlers.people.reading import Reader
from handlers.people.register import Register
from knowledge.answers import PolicyBook
from knowledge.offices import Offices


def make_service(
    parts: Parts,
    office: Office,
    register: Register,
    offices: Offices,
    book: PolicyBook,
    *,
    policy: str,
    certain: Callable[[date], bool],
) -> Service:
    """`policy`: the dialogue that tells what the documents say beside what is offered; `certain`: whether it is known
    by now if a day is a holiday.
    """
    regions = book.regions

    async def erase(session: object, conversation_id: int) -> None:
        await office.counter.erase(session, conversation_id, now=parts.clock.now())  # type: ignore[arg-type]

    register.add_eraser(erase)
    register.add_part("registrations", read_registrations)

    async def count(session: AsyncSession, conversation_id: int) -> int:
        return len(await office.counter.of_chat(session, conversation_id))

    async def of_registered(intent: str, session: AsyncSession, conversation_id: int) -> HandOver | None:
        return HandOver(OffersDialogue.name, {"intent": intent}) if await count(session, conversation_id) else None

    async def gives_up_seat(session: AsyncSession, conversation_id: int, words: str) -> HandOver | None:
        return await of_registered(GIVES_UP, session, conversation_id) if gives_up(words) else None

    async def asks_after(session: AsyncSession, conversation_id: int, _words: str) -> HandOver | None:
        return await of_registered(ASKS_AFTER, session, conversation_id)

    register.count_registrations = count
    register.gives_up, register.asks_after = gives_up_seat, asks_after
    register.movers.append(office.counter.move_person)
    register.phone_followers.append(office.counter.change_phone)
    by_the_way = ByTheWay(Profiling(register), Reader(regions))
    searching = Searching(office.finder, office.viewer, register, offices, regions, by_the_way)
    matching, wanting = Matching(register, Sealer(parts.keys, "people")), Wanting(regions)
    signing = Signing(office.counter, office.viewer, matching)
    acting = Acting(searching, signing, wanting, office.wishes, register, regions)
    dialogue = OffersDialogue(searching, signing, wanting, acting, register, policy=policy)
    return Service(
        dialogues=(dialogue,),
        hears_below=True,
        replies=KINDS,
        commands={
            "报名": "offers:register",
            "取消报名": "offers:cancel",
            "我的报名": "offers:mine",
            "找活": "offers:jobs",
            "找工作": "offers:jobs",
            "/jobs": "offers:jobs",
            "学手艺": "offers:training",
            "报名培训": "offers:register",
            "/courses": "offers:training",
            "招聘会": "offers:fairs",
            "/mine": "offers:mine",
        },
        menu=(
            Choice(label("button", "menu_jobs"), "offers:jobs"),
            Choice(label("button", "menu_training"), "offers:training"),
            Choice(label("button", "mine"), "offers:mine"),
        ),
        timers=office.timers,
        loops={"offers.news": office.wishes.begin},
        console=make_section(parts, office, book, certain),
        outcomes={
            "offers/list": "answer",
            "offers/offer": "answer",
            "offers/aspect": "answer",
            "offers/none": "no_answer",
        },
    )
