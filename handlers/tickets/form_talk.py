"""Telling a matter: takes words into the form, asks what is missing, shows it once, hands it in.

Used by the tickets dialogue alone. A policy question in between passes on and the form stays open.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from bot.clock import LOCAL
from bot.sealing import mask_phone
from handlers.people.register import Register
from handlers.tickets.cabinet import Cabinet, Person
from handlers.tickets.corrections import read_correction
from handlers.tickets.doors import find_door
from handlers.tickets.facts import Facts
from handlers.tickets.filing import Draft, Filing
from handlers.tickets.form import Ask, Form, next_ask
from handlers.tickets.form_replies import CheckReply, DoorReply, FiledReply, FormAskReply, SameReply, SayReply
from handlers.tickets.labels import say_count, say_money
from handlers.tickets.reading import read_facts
from handlers.tickets.ticket import Category, Kind
from handlers.tickets.views import Viewer
from handlers.tickets.words import Act
from knowledge.language import ASKING, plain
from knowledge.regions import Regions

if TYPE_CHECKING:
    from handlers.tickets.dialogue import Talk

SHOWN_AT_ONCE = ("employer", "amount", "people", "since")
"""What was read from the first words is shown back with the first question."""
MASS = 10
"""From so many people on it is a mass matter (群体)."""


class FormTalk:
    def __init__(
        self, filing: Filing, cabinet: Cabinet, viewer: Viewer, regions: Regions, register: Register
    ) -> None:
        self._filing = filing
        self._cabinet = cabinet
        self._viewer = viewer
        self._regions = regions
        self._register = register

    # -- in -----------------------------------------------------------------------------------------------

    async def begin(self, talk: Talk, slots: Mapping[str, Any]) -> None:
        """Open the form with what the policy dialogue knows, or go on with one that was put aside."""
        words = str(slots.get("words", ""))
        form = talk.form or Form()
        form = replace(
            form,
            question=str(slots.get("question", form.question)),
            answer=str(slots.get("answer", form.answer)),
            urgent=form.urgent or bool(slots.get("urgent")),
        )
        if slots.get("intent") == "consult" and form.facts.kind is None:
            form = replace(form, facts=replace(form.facts, kind=Kind.CONSULT))
        talk.form, talk.waits = await self._take_in(talk, form, words), True
        if door := find_door(words):
            talk.say(DoorReply.of(door.say, door.body, door.phone))
            talk.waits = False
            return
        lines = tuple((str(number), str(name)) for number, name in slots.get("hotlines", ()))
        await self._go_on(talk, opening=True, hotlines=lines)

    async def hear(self, talk: Talk, act: Act | None) -> bool:
        """Words while the form is open. -> False if they were not for it"""
        form = talk.form
        assert form is not None
        if act is Act.CANCEL:
            talk.form, talk.waits = None, False
            talk.say(SayReply("dropped"))
            return True
        if act is Act.NOT_NOW:
            talk.waits = False
            talk.say(SayReply("kept"))
            return True
        if act is Act.MORE and len(talk.words) <= 8:
            talk.say(SayReply("more"))
            return True
        asked = form.asked[-1] if form.asked else ""
        if act in (Act.CONFIRM, Act.NOTHING_MORE) and form.is_told and (act is Act.CONFIRM or asked == Ask.CHECK):
            talk.form = await self._take_in(talk, form, talk.words, quiet=True)
            await self.hand_in(talk)
            return True
        if asked == Ask.CHECK and (act is Act.YES):
            await self.hand_in(talk)
            return True
        if (corrected := self._correct(talk, form)) is not None:
            talk.form = form.hears(corrected, talk.words)
            await self._check(talk, changed=True)
            return True
        if self._asks_policy(talk, asked):
            return False
        if act in (Act.SKIP, Act.NO, Act.NOTHING_MORE, Act.RESUME):
            if act is Act.NO and asked == Ask.PRIVACY:
                talk.form = replace(form, privacy="named")
            await self._go_on(talk)
            return True
        if act is Act.YES and asked == Ask.PRIVACY:
            talk.form = replace(form, privacy="confidential")
            await self._go_on(talk)
            return True
        talk.form = await self._take_in(talk, form, talk.words)
        await self._go_on(talk)
        return True

    def _today(self, talk: Talk) -> date:
        return talk.turn.now.astimezone(LOCAL).date()

    def _correct(self, talk: Talk, form: Form) -> Facts | None:
        return read_correction(talk.words, form.facts, today=self._today(talk), regions=self._regions)

    def _asks_policy(self, talk: Talk, asked: str) -> bool:
        """A clear question about rules in between; an answer to what we asked is none."""
        understood = talk.turn.understood
        if str(understood.route) not in ("policy", "jobs", "training", "greeting", "optout", "offtopic"):
            return False
        if str(understood.route) == "policy":
            return asks(talk.words)
        return str(understood.route) in ("optout",) or (
            str(understood.route) in ("jobs", "training") and asks(talk.words)
        )

    async def _take_in(self, talk: Talk, form: Form, words: str, *, quiet: bool = False) -> Form:
        """Everything that these words say, read and kept."""
        if not words.strip():
            return form
        profile = await self._register.read_profile(talk.turn.session, talk.turn.conversation_id)
        asked = form.asked[-1] if form.asked else ""
        read = read_facts(
            words, home=form.facts.region or profile.region, today=self._today(talk), regions=self._regions
        )
        facts = form.facts.merge(read)
        if asked == Ask.WISH and not read.wish and not quiet:
            facts = replace(facts, wish=words.strip()[:80])
        if not facts.about and form.asked and asked == Ask.ABOUT:
            facts = replace(facts, about=words.strip()[:40])
        privacy = form.privacy
        if facts.anonymous:
            privacy = "anonymous"
        elif facts.confidential and privacy != "anonymous":
            privacy = "confidential"
        urgent = form.urgent or bool(talk.turn.understood.urgent)
        return replace(form.hears(facts, words), privacy=privacy, urgent=urgent)

    # -- on -----------------------------------------------------------------------------------------------

    async def _go_on(
        self, talk: Talk, *, opening: bool = False, hotlines: tuple[tuple[str, str], ...] = ()
    ) -> None:
        """The next question, or everything to check."""
        form = talk.form
        assert form is not None
        if not form.new_matter and form.is_told and (same := await self._same(talk, form)) is not None:
            talk.form, talk.waits = form, False
            talk.say(SameReply.of(await self._viewer.of(talk.turn.session, same, now=talk.turn.now)))
            return
        ask = next_ask(form)
        talk.form = form.was_asked(ask)
        if ask is Ask.CHECK:
            await self._check(talk)
            return
        heard = tuple(line for line in self._lines(form) if line[0] in SHOWN_AT_ONCE) if opening else ()
        place = self._regions.whole_name(form.facts.region) if form.facts.region else ""
        consult = form.kind() is Kind.CONSULT
        talk.say(
            FormAskReply.of(
                ask,
                opening=opening,
                urgent=form.urgent,
                place=place,
                heard=heard,
                consult=consult,
                hotlines=hotlines if consult or form.urgent else (),
            )
        )

    async def _same(self, talk: Talk, form: Form) -> Any:
        return await self._filing.find_same_matter(
            talk.turn.session, talk.turn.conversation_id, form.matter(), form.facts.unit
        )

    async def _check(self, talk: Talk, *, changed: bool = False) -> None:
        form = talk.form
        assert form is not None
        talk.form = form.was_asked(Ask.CHECK)
        talk.say(
            CheckReply.of(
                about_of(form),
                str(form.kind()),
                str(form.matter()),
                self._lines(form),
                privacy=form.privacy,
                files=form.files,
                changed=changed,
            )
        )

    def _lines(self, form: Form) -> tuple[tuple[str, str], ...]:
        """What was read, as it is shown back; the phone half hidden."""
        facts = form.facts
        place = (self._regions.whole_name(facts.region) if facts.region else "") + facts.village
        lines = {
            "employer": facts.unit,
            "amount": say_money(facts.amount),
            "people": say_count(facts.people),
            "since": facts.since.words if facts.since else "",
            "place": place,
            "wish": facts.wish,
            "for_whom": facts.acting_for,
            "name": "" if form.privacy == "anonymous" else facts.name,
            "phone": mask_phone(facts.phone) if facts.phone and form.privacy != "anonymous" else "",
            "reachable": facts.reachable,
        }
        return tuple((name, value) for name, value in lines.items() if value)

    # -- out ----------------------------------------------------------------------------------------------

    async def hand_in(self, talk: Talk) -> None:
        """The ticket, with its number; the form is done."""
        form, turn = talk.form, talk.turn
        assert form is not None
        facts = form.facts
        shown = str(Ask.CHECK) in form.asked
        words = list(form.words)
        if form.question:
            words.insert(0, f"问：{form.question}\n答：{form.answer}")
        draft = Draft(
            kind=form.kind(),
            category=form.matter(),
            about=about_of(form),
            text="\n".join(words),
            source=str(turn.incoming.address.channel),
            region=facts.region,
            village=facts.village,
            facts=kept_facts(facts),
            person=Person(facts.name, facts.phone, facts.acting_for),
            urgent=form.urgent or form.people >= MASS,
            is_group=form.people >= MASS or facts.joint,
            confidential=form.privacy in ("confidential", "anonymous"),
            anonymous=form.privacy == "anonymous",
        )
        ticket = await self._filing.open_ticket(
            turn.session, draft, conversation_id=turn.conversation_id, now=turn.now
        )
        view = await self._viewer.of(turn.session, ticket, now=turn.now)
        talk.form, talk.waits, talk.number = None, False, ticket.number
        talk.say(
            FiledReply(
                view,
                days=self._cabinet.clockwork.answer_days(ticket),
                contact_due=ticket.contact_due,
                lines=() if shown else self._lines(form),
                urgent=draft.urgent,
            )
        )

    async def press(self, talk: Talk, verb: str, data: Mapping[str, Any]) -> bool:
        """A button of the form. -> False if it is none"""
        form = talk.form
        if verb == "own_case":
            await self.begin(talk, {})
            return True
        if form is None:
            if verb in FORM_VERBS:
                talk.say(SayReply("none_open"))
            return verb in FORM_VERBS
        talk.waits = True
        match verb:
            case "submit":
                await self.hand_in(talk)
            case "add_more":
                talk.say(SayReply("more"))
            case "not_now":
                talk.waits = False
                talk.say(SayReply("kept"))
            case "category":
                talk.form = replace(form, category=str(Category(data["category"])))
                await self._go_on(talk)
            case "skip":
                await self._go_on(talk)
            case "named" | "confidential" | "anonymous":
                talk.form = replace(form, privacy=verb)
                await self._go_on(talk)
            case "same_new":
                talk.form = replace(form, new_matter=True)
                await self._go_on(talk)
            case "door_leave":
                talk.form = replace(form, leave_door=True)
                await self._go_on(talk, opening=True)
            case "door_ok":
                talk.form, talk.waits = None, False
                talk.say(SayReply("door_ok"))
            case _:
                return False
        return True


FORM_VERBS = frozenset(
    {
        "submit",
        "add_more",
        "not_now",
        "category",
        "skip",
        "named",
        "confidential",
        "anonymous",
        "same_new",
        "door_leave",
        "door_ok",
    }
)


def asks(words: str) -> bool:
    """A question, by its shape."""
    return ASKING.search(plain(words)) is not None


def kept_facts(facts: Facts) -> dict[str, Any]:
    """What the ticket's row keeps as plain JSON: nothing that tells who."""
    kept = {
        "employer": facts.unit,
        "amount": say_money(facts.amount),
        "amount_yuan": float(facts.amount.yuan) if facts.amount else None,
        "people": facts.people.number if facts.people else None,
        "since": facts.since.words if facts.since else "",
        "wish": facts.wish,
        "reachable": facts.reachable,
        "for_whom": facts.acting_for,
        "visits": facts.visits,
    }
    return {name: value for name, value in kept.items() if value not in (None, "")}


def about_of(form: Form) -> str:
    """A few words for the card: what was told, else the question it began with."""
    return form.facts.about or form.question[:60]
