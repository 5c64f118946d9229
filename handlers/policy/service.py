"""Wires the policy service: dialogue, replies, routes, commands, and the places that can be chosen."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.app import Parts, Service
from bot.channels.telegram.address import staff_address
from bot.conversation import NotePlace
from bot.database import Database
from bot.door import clean_address
from bot.messages import Address, Choice
from bot.talking import Talks
from handlers.people.register import Register
from handlers.policy import crisis_desk, interview_replies, replies, talk_replies
from handlers.policy.console import make_section
from handlers.policy.crises import Crises, erase_crises
from handlers.policy.crisis_desk import CrisisDesk
from handlers.policy.dialogue import PolicyDialogue
from handlers.policy.feedback import erase_feedback
from handlers.policy.gap_news import GapNews
from handlers.policy.gaps import erase_gaps
from handlers.policy.knowing import Knowing
from handlers.policy.labels import label
from handlers.policy.noting import NoteTold, note_nothing
from handlers.policy.person_part import read_answers
from knowledge.answers import PolicyBook
from knowledge.asker import load_asker
from knowledge.offices import Office, Offices
from knowledge.regions import short_name
from knowledge.routes import Route

MOST_PLACES = 12
"""Places offered at first contact; others are typed."""


def make_service(
    parts: Parts,
    knowing: Knowing,
    register: Register,
    *,
    talks: Talks,
    desk: str,
    offers: str,
    note_told: NoteTold = note_nothing,
) -> Service:
    """`talks`: chats that staff take over.

    `desk`: the dialogue that takes complaints and wishes for a person; `offers`: wishes for work and courses.
    """
    staff_chat = staff_address(parts.settings)
    for eraser in (erase_crises, erase_gaps, erase_feedback):
        register.add_eraser(eraser)
    register.add_part("answers", read_answers)
    news = GapNews(knowing.book, parts.outbox, register, parts.settings.quiet, note_told=note_told)
    crises = Crises(parts.outbox, parts.timers, staff_chat, knowing.book.regions.full_name, parts.changes)
    return Service(
        dialogues=(
            PolicyDialogue(knowing, register, crises, load_asker(), desk=desk, offers=offers, note_told=note_told),
            CrisisDesk(),
        ),
        replies=(*replies.KINDS, *talk_replies.KINDS, *interview_replies.KINDS, *crisis_desk.KINDS),
        timers=crises.handlers,
        routes={route.value: PolicyDialogue.name for route in Route},
        commands={
            "0": "policy:human",
            "人工": "policy:human",
            "找人": "policy:human",
            "/human": "policy:human",
            "换地方": "policy:change_place",
            "选地方": "policy:change_place",
            "/place": "policy:change_place",
            "重听": "policy:again",
            "再说一遍": "policy:again",
            "再说一次": "policy:again",
            "没听清": "policy:again",
            "没听清，再说一遍": "policy:again",
            "没听清再说一遍": "policy:again",
            "再听一遍": "policy:again",
            label("simple"): "policy:simple",
            "简单点": "policy:simple",
            label("original"): "policy:original",
            "原文": "policy:original",
            "查政策": "policy:menu",
            "问政策": "policy:menu",
            "想问政策": "policy:menu",
            "政策": "policy:menu",
            label("useful"): "policy:useful",
            label("useless"): "policy:useless",
        },
        menu=(
            Choice(label("menu_policy"), "policy:menu"),
            Choice(label("menu_check"), "policy:check_all"),
            Choice(label("menu_place"), "policy:change_place"),
            Choice(label("menu_human"), "policy:human"),
        ),
        console=make_section(parts, knowing, talks, news),
        office=news,
        warnings={} if staff_chat else {"staff chat": NO_STAFF_CHAT},
        outcomes=OUTCOMES,
    )


OUTCOMES = {
    f"policy/{key}": outcome
    for outcome, keys in {
        "answer": ("answer", "service", "interview_result", "interview_overview"),
        "clarify": ("which_place", "ask_place", "which_matter", "unclear", "interview_question"),
        "no_answer": ("silent", "absent", "not_covered", "not_ours", "not_understood", "elsewhere"),
        "handoff": ("crisis",),
    }.items()
    for key in keys
}
"""Which replies are outcomes of a question, for `/metrics`; the words are those of `shangan ask`."""

NO_STAFF_CHAT = "no TELEGRAM_STAFF_CHAT is set: nobody is alerted of urgent messages; see `shangan crises`"


class Places:
    """Places as the frame and its pages need them: by address, by name, to choose from."""

    def __init__(self, database: Database, book: PolicyBook, offices: Offices) -> None:
        self._database = database
        self._book = book
        self._offices = offices

    def name(self, code: str) -> str:
        return self._book.regions.full_name(code)

    def office_of(self, place: str | None) -> Office | None:
        """The office of a place by its name, if there is a way to it: a phone or an address."""
        code = self._book.regions.resolve(place) if place else None
        office = self._offices.serving(code, self._book.regions)
        return office if office and (office.phone or office.address) else None

    def offered(self) -> tuple[tuple[str, str], ...]:
        """The documents' places, short, and what each lies in."""
        regions = self._book.regions
        found: dict[str, str] = {}
        for shelf in self._book.shelves[:MOST_PLACES]:
            document = shelf.policy.document
            above = regions.ancestors(document.region)[1:]
            found[short_name(document.place)] = short_name(regions.name(above[-1])) if above else ""
        return tuple(found.items())

    def noting(self, register: Register) -> NotePlace:
        """Keeps a place that came with the first line; a name that is no place is passed over."""

        async def note(session: AsyncSession, conversation_id: int, name: str, now: datetime) -> None:
            code = self._book.regions.resolve(name)
            if code is not None:
                await register.set_place(session, conversation_id, code, now=now)

        return note

    def asked_about(self, register: Register) -> Callable[[Address], Awaitable[str | None]]:
        async def place_of(address: Address) -> str | None:
            async with self._database.reading() as session:
                code = await register.place_of(session, clean_address(address))
            return self.name(code) if code else None

        return place_of
