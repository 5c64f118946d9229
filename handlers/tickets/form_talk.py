"""Telling a matter: takes words into the form, asks what is missing, shows it once, hands it in.

Used by the tickets dialogue alone. A policy question in between passes on and the form stays open.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from bot.clock import LOCAL
from bot.door import hide_mobiles
from handlers.people.register import Register
from handlers.tickets.cabinet import Cabinet
from handlers.tickets.corrections import read_correction
from handlers.tickets.doors import find_door
from handlers.tickets.facts import Facts
from handlers.tickets.filing import Filing
from handlers.tickets.form import Ask, Form, next_ask
from handlers.tickets.form_replies import CheckReply, DoorReply, FiledReply, FormAskReply, SameReply, SayReply
from handlers.tickets.labels import button
from handlers.tickets.reading import read_facts
from handlers.tickets.taking_up import (
    BARE,
    GRIEVED,
    SHORT_WISH,
    answers_plainly,
    hands_in,
    is_of_something_else,
    names_the_dropped,
)
from handlers.tickets.talk import DROP_ASK
from handlers.tickets.ticket import Category, Kind
from handlers.tickets.told import ABOUT, about_of, draft_of, lines_of, without_private
from handlers.tickets.views import Viewer
from handlers.tickets.words import Act
from knowledge.regions import Regions

if TYPE_CHECKING:
    from handlers.tickets.talk import Talk

SHOWN_AT_ONCE = ("employer", "amount", "people", "since")
"""What was read from the first words is shown back with the first question."""
ENOUGH = 2
"""After so many questions 交吧 hands in what is told, though not everything was asked."""


class FormTalk:
    def __init__(self, filing: Filing, cabinet: Cabinet, viewer: Viewer, regions: Regions, register: Register) -> None:
        self._filing = filing
        self._cabinet = cabinet
        self._viewer = viewer
        self._regions = regions
        self._register = register

    # -- in -----------------------------------------------------------------------------------------------

    async def begin(self, talk: Talk, slots: Mapping[str, Any]) -> None:
        """Open the form with what the policy dialogue knows, or go on with one that was put aside."""
        words, context = str(slots.get("words", "")), str(slots.get("about", ""))
        form = talk.form or Form()
        kind_before = form.kind() if talk.form else None
        interrupted = bool(form.asked)
        form = replace(
            form,
            question=str(slots.get("question", form.question)),
            answer=str(slots.get("answer", form.answer)),
            urgent=form.urgent or bool(slots.get("urgent")),
        )
        # What came in between is no answer to the question that stands, unless that was what it is about.
        tells = not interrupted or form.asked[-1] == Ask.ABOUT
        form = await self._take_in(talk, form, words, context=context, tells=tells)
        if slots.get("urgent") and not form.is_told:
            form = replace(form, facts=replace(form.facts, about=hide_mobiles(words.strip())[:ABOUT]))
        if slots.get("intent") == "consult":
            about = form.facts.about or (hide_mobiles(words.strip())[:ABOUT] if len(words.strip()) > BARE else "")
            grieved = next((kind for kind in (form.facts.kind, kind_before) if kind in GRIEVED), None)
            kind = grieved or Kind.CONSULT
            form = replace(form, facts=replace(form.facts, about=about, kind=kind))
        talk.form, talk.waits = form, True
        door = find_door(words)
        if door and (door.also_ours or not slots.get("urgent")):  # 触电了人没气了 is no matter of the power company
            talk.say(DoorReply.of(door.say, door.body, door.phone, also_ours=door.also_ours))
            if not door.also_ours:
                talk.waits = False
                return
        lines = tuple((str(number), str(name)) for number, name in slots.get("hotlines", ()))
        await self._go_on(talk, opening=True, hotlines=lines, again=interrupted)

    async def hear(self, talk: Talk, act: Act | None) -> bool:
        """Words while the form is open. -> False if they were not for it"""
        form = talk.form
        assert form is not None
        if talk.dropping and self._drops(talk, act):
            self._drop(talk)
        elif talk.dropping and (act is Act.NO or REFUSES.match(talk.words)):
            await self.ask_again(talk)
        elif act is Act.CANCEL and form.is_told and not names_the_dropped(talk.words):
            talk.say(SayReply(DROP_ASK, choices=(button("drop"), button("add_more"))))
        elif act is Act.CANCEL:
            self._drop(talk)
        elif act is Act.NOT_NOW:
            talk.waits = False
            talk.say(SayReply("kept"))
        elif act is Act.MORE and len(talk.words) <= BARE:
            talk.say(SayReply("more"))
        elif self._hands_in(form, act):
            await self.hand_in(talk)
        elif act is Act.URGE and form.kind() is Kind.CONSULT:
            await self.hand_in(talk)  # enough of questions: the staff ask the rest
        elif act is Act.URGE and form.is_told:
            await self._check(talk)
        elif (corrected := self._correct(talk, form)) is not None:
            opened = form.facts.confidential and not corrected.confidential and form.privacy == "confidential"
            form = replace(form, privacy="named") if opened else form
            talk.form = form.hears(corrected, hide_mobiles(talk.words))
            await self._check(talk, changed=True)
        elif act is None and is_of_something_else(
            form, talk.words, str(talk.turn.understood.route), places=self._names_place(talk)
        ):
            return False
        else:
            await self._take_answer(talk, form, act)
        return True

    def _drops(self, talk: Talk, act: Act | None) -> bool:
        """Said to 真的不报了？"""
        return act in (Act.YES, Act.CANCEL) or (act is Act.CONFIRM and not hands_in(talk.words))

    def _drop(self, talk: Talk) -> None:
        talk.form, talk.waits = None, False
        talk.say(SayReply("dropped"))

    async def ask_again(self, talk: Talk) -> None:
        """The question that stood before something else came in between."""
        await self._go_on(talk, again=True)

    def is_answered(self, talk: Talk) -> bool:
        """Whether few plain words answer what the form asked last, though they are like danger."""
        form = talk.form
        asked = form.asked[-1] if form is not None and form.asked else ""
        return answers_plainly(asked, talk.words, places=self._names_place(talk))

    def _names_place(self, talk: Talk) -> bool:
        form = talk.form
        home = form.facts.region if form is not None else None
        read = read_facts(talk.words, home=home, today=self._today(talk), regions=self._regions)
        return read.region_named or bool(read.village)

    def _hands_in(self, form: Form, act: Act | None) -> bool:
        """没错，交吧 after everything was shown; before that, once it is told well enough."""
        shown = str(Ask.CHECK) in form.asked
        if act is Act.CONFIRM:
            return form.is_told and (shown or form.urgent or len(form.asked) >= ENOUGH)
        if act is Act.NOTHING_MORE and form.is_told:
            return shown or (form.kind() is Kind.CONSULT and len(form.asked) >= ENOUGH)
        return act is Act.YES and bool(form.asked) and form.asked[-1] == Ask.CHECK

    async def _take_answer(self, talk: Talk, form: Form, act: Act | None) -> None:
        """What was asked, or something else that belongs to it."""
        asked = form.asked[-1] if form.asked else ""
        before = form.privacy
        if asked == Ask.PRIVACY and act in (Act.YES, Act.NO):
            form = replace(form, privacy="confidential" if act is Act.YES else "named")
        elif act is Act.NOTHING_MORE and form.is_told:
            talk.form = form
            await self._check(talk)
            return
        elif act not in (*EMPTY, Act.SKIP, Act.NO) or len(talk.words) > BARE:
            form = await self._take_in(talk, form, talk.words, tells=act not in EMPTY)
        talk.form = form
        decided = form.privacy if form.privacy != before else ""
        await self._go_on(talk, decided=decided, again=act is Act.RESUME)

    def _today(self, talk: Talk) -> date:
        return talk.turn.now.astimezone(LOCAL).date()

    def _correct(self, talk: Talk, form: Form) -> Facts | None:
        return read_correction(talk.words, form.facts, today=self._today(talk), regions=self._regions)

    async def _take_in(self, talk: Talk, form: Form, words: str, *, context: str = "", tells: bool = True) -> Form:
        """Everything that these words say, read and kept. `context`: the matter that was spoken of just before."""
        if not words.strip():
            return form
        profile = await self._register.read_profile(talk.turn.session, talk.turn.conversation_id)
        asked = form.asked[-1] if form.asked else ""
        home = form.facts.region or profile.region
        read = read_facts(words, home=home, today=self._today(talk), regions=self._regions)
        if context and not read.about:
            framed = f"{context}，{words}"
            wider = read_facts(framed, home=home, today=self._today(talk), regions=self._regions)
            read = replace(
                read, about=hide_mobiles(framed)[:ABOUT], category=wider.category, category_sure=wider.category_sure
            )
        if read.confidential and len(words) <= SHORT_WISH:
            read = replace(read, wish="")  # 我不想让他知道 is no wish that he knew
        facts = form.facts.merge(read)
        told = read.told() - {"category", "kind", "about"}
        # An answer to something else than what was asked is no wish, and no matter.
        if asked == Ask.WISH and not read.wish and not told and tells:
            facts = replace(facts, wish=hide_mobiles(words.strip())[:80])
        if asked == Ask.ABOUT and not facts.about and not told and tells:
            facts = replace(facts, about=hide_mobiles(words.strip())[:ABOUT])
        privacy = form.privacy
        if facts.anonymous:
            privacy = "anonymous"
        elif facts.confidential and privacy != "anonymous":
            privacy = "confidential"
        elif asked == Ask.PRIVACY and NOT_KEPT.search(words):
            privacy = "named"
        urgent = form.urgent or (bool(talk.turn.understood.urgent) and bool(talk.turn.slots))
        return replace(form.hears(facts, without_private(words, read)), privacy=privacy, urgent=urgent)

    # -- on -----------------------------------------------------------------------------------------------

    async def _go_on(
        self,
        talk: Talk,
        *,
        opening: bool = False,
        hotlines: tuple[tuple[str, str], ...] = (),
        decided: str = "",
        again: bool = False,
    ) -> None:
        """The next question, or everything to check. `again`: the one that stood is put once more."""
        form = talk.form
        assert form is not None
        if not form.new_matter and form.is_told and (same := await self._same(talk, form)) is not None:
            talk.form, talk.waits = form, False
            if opening and form.urgent:
                talk.say(SayReply("danger"))
            talk.say(SameReply.of(await self._viewer.of(talk.turn.session, same, now=talk.turn.now)))
            return
        ask = next_ask(form, again=again)
        talk.form = form.was_asked(ask, again=again)
        if ask is Ask.CHECK:
            if opening and form.urgent:
                talk.say(SayReply("danger"))
            await self._check(talk)
            return
        heard = tuple(line for line in lines_of(form, self._regions) if line[0] in SHOWN_AT_ONCE) if opening else ()
        place = self._regions.whole_name(form.facts.region) if form.facts.region else ""
        consult = form.kind() is Kind.CONSULT
        talk.say(
            FormAskReply.of(
                ask,
                opening=opening,
                urgent=form.urgent,
                place=place,
                wide=bool(form.facts.region and form.facts.region.endswith("00")),
                heard=heard,
                consult=consult,
                hotlines=hotlines if consult or form.urgent else (),
                decided=decided or (form.privacy if opening else ""),
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
                lines_of(form, self._regions),
                privacy=form.privacy,
                files=form.files,
                changed=changed,
            )
        )

    # -- out ----------------------------------------------------------------------------------------------

    async def hand_in(self, talk: Talk) -> None:
        """The ticket, with its number; the form is done."""
        form, turn = talk.form, talk.turn
        assert form is not None
        shown = str(Ask.CHECK) in form.asked
        draft = draft_of(form, str(turn.incoming.address.channel))
        ticket = await self._filing.open_ticket(turn.session, draft, conversation_id=turn.conversation_id, now=turn.now)
        view = await self._viewer.of(turn.session, ticket, now=turn.now)
        talk.form, talk.waits, talk.number = None, False, ticket.number
        talk.adding = not form.is_told  # what they say next is the matter
        talk.say(
            FiledReply(
                view,
                days=self._cabinet.clockwork.answer_days(ticket),
                contact_due=ticket.contact_due,
                lines=() if shown else lines_of(form, self._regions),
                urgent=draft.urgent,
            )
        )
        if talk.adding:
            talk.say(SayReply("more"))

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
            case "drop":
                self._drop(talk)
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


EMPTY = (Act.NEW, Act.CONFIRM, Act.RESUME, Act.JOINED)
"""Acts whose words tell nothing of the matter."""
REFUSES = re.compile("[我先]?[不别莫没]|留着")
"""Said to 真的不报了？"""
NOT_KEPT = re.compile("(?<![能要])不(用|要|需要)?保密(?!期|协议|费)")
"""Said to whether the name is to be kept."""
FORM_VERBS = frozenset(
    {
        "submit",
        "add_more",
        "drop",
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
