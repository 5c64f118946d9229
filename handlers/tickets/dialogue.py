"""The person's side of tickets in a chat: telling a matter, handing it in, asking how far it is, saying how it ended.

Read `_hear` top to bottom: danger passes on, then an open form, then an open ticket, else the words are not ours.
The policy dialogue hands over complaints, wishes for a person and questions for progress.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from bot.dialogue import Outcome, Pressed, Turn
from handlers.people.register import Register
from handlers.tickets.acts import RATINGS as SPOKEN_RATINGS
from handlers.tickets.acts import acts_in, read_act
from handlers.tickets.attachments import Attachments
from handlers.tickets.cabinet import Cabinet, NoSuchTicket, Person, newest
from handlers.tickets.filing import Filing
from handlers.tickets.form import Ask
from handlers.tickets.form_replies import LeaveAskReply, RateReply, SayReply, StatusReply, WithdrawAskReply
from handlers.tickets.form_talk import FormTalk
from handlers.tickets.keeping import FormKeeper
from handlers.tickets.models import Ticket
from handlers.tickets.number import NumberMisread, read_number
from handlers.tickets.phone import find_phone
from handlers.tickets.reopening import Objection
from handlers.tickets.replies import NewsReply
from handlers.tickets.taking_up import asks, is_mass_arrears, rests_on_likeness, taking_up
from handlers.tickets.talk import Talk
from handlers.tickets.ticket import OPEN, Satisfaction, State
from handlers.tickets.views import Viewer
from handlers.tickets.words import Act

CODE = re.compile(r"(?<![\d-])\d{6}(?![\d-])")
"""What staff gave for another device."""
DIGITS = re.compile(r"[\d-]{6,}")
"""Number and phone, which make a message long and say nothing of what it wants."""
OTHERS = re.compile("老板|公司|厂|经理|工头|负责人|他的|她的|他们")
"""Whose number it may be, where theirs is known already."""
ENDED = frozenset({State.WITHDRAWN, State.MERGED, State.ARCHIVED, State.REJECTED})
WITHDRAWS = (Act.WITHDRAW, Act.YES, Act.CONFIRM)
"""Said to 真的撤回？"""
KEEPS = (Act.NO, Act.NOT_NOW)
RATINGS = {
    "satisfied": Satisfaction.SATISFIED,
    "mostly": Satisfaction.MOSTLY,
    "dissatisfied": Satisfaction.DISSATISFIED,
}


class TicketsDialogue:
    name = "tickets"

    def __init__(
        self,
        filing: Filing,
        cabinet: Cabinet,
        viewer: Viewer,
        forms: FormTalk,
        attachments: Attachments,
        keeper: FormKeeper,
        register: Register,
    ) -> None:
        self._filing = filing
        self._cabinet = cabinet
        self._viewer = viewer
        self._forms = forms
        self._attachments = attachments
        self._keeper = keeper
        self._register = register

    async def step(self, turn: Turn) -> Outcome:
        state = turn.state
        form = self._keeper.from_state(state["form"]) if "form" in state else None
        talk = Talk(
            turn,
            form,
            state.get("number", ""),
            waits=bool(state.get("waits")),
            adding=bool(state.get("adding")),
            withdrawing=bool(state.get("withdrawing")),
            dropping=bool(state.get("dropping")),
        )
        if turn.slots:
            await self._take_over(talk)
        elif turn.pressed is not None:
            await self._press(talk, turn.pressed)
        elif not await self._hear(talk):
            # A question whether to clear it all stands for one turn only.
            return Outcome(passed=True, state=talk.state(self._keeper) if talk.dropping else None)
        stays = (talk.form is not None and talk.waits) or bool(talk.number)
        return Outcome(tuple(talk.replies), talk.state(self._keeper), stays=stays, hand_over=talk.hand_over)

    # -- words --------------------------------------------------------------------------------------------

    async def _hear(self, talk: Talk) -> bool:
        """-> False for what is not about a matter of theirs"""
        if self._is_danger(talk):
            return False  # danger first: it is written down and staff are told; the form stays as it is
        if talk.turn.incoming.attachments and await self._take_files(talk):
            return True
        act = taking_up(talk.words, talk.turn.state) or read_act(talk.words)
        if talk.form is not None and talk.waits:
            if self._asks_status_in_form(talk, act):
                await self._status(talk, await self._own(talk))
                if talk.hand_over is None:
                    await self._forms.ask_again(talk)
                return True
            return await self._forms.hear(talk, act)
        if talk.form is not None and act in (Act.RESUME, Act.CONFIRM, Act.MORE):
            talk.waits = True
            return await self._forms.hear(talk, act)
        return await self._about_a_ticket(talk, act)

    def _is_danger(self, talk: Talk) -> bool:
        """Signs of it always are; a mere likeness is not where the words plainly answer what the form asked."""
        understood, form = talk.turn.understood, talk.form
        crisis = str(understood.route) == "crisis"
        if not (crisis or understood.urgent):
            return False
        likeness = rests_on_likeness(understood)
        if likeness and form is not None and talk.waits and not talk.turn.below and self._forms.is_answered(talk):
            return False
        if form is not None and form.urgent and not crisis:
            return not is_mass_arrears(understood)  # the matter itself told again is nothing new
        return True

    def _asks_status_in_form(self, talk: Talk, act: Act | None) -> bool:
        """我的事办得怎么样 is asked of what was handed in; while nothing is told yet it may be the matter."""
        form = talk.form
        assert form is not None
        if str(talk.turn.understood.route) != "status" or not form.is_told or form.asked[-1:] == (Ask.ABOUT,):
            return False
        no_answer = form.asked[-1:] in ((Ask.PHONE,), (Ask.PRIVACY,), (Ask.CHECK,)) and not find_phone(talk.words)
        return act is Act.ASK_STATUS or (act is None and no_answer)

    async def _about_a_ticket(self, talk: Talk, act: Act | None) -> bool:
        tickets = await self._own(talk)
        if number := self._named(talk):
            await self._show(talk, number)
            return True
        current = next((ticket for ticket in tickets if ticket.number == talk.number), None) or newest(tickets)
        if talk.adding and current is not None and act is None and talk.words and not asks(talk.words):
            talk.adding = False
            await self._add(talk, current)
            return True
        if act is Act.ASK_STATUS or (act is None and str(talk.turn.understood.route) == "status"):
            await self._status(talk, tickets)
            return True
        if current is None or act is None:
            return await self._supplements(talk, current)
        return await self._act(talk, act, current)

    async def _act(self, talk: Talk, act: Act, ticket: Ticket) -> bool:
        """Something plainly done to the ticket last spoken of."""
        state = State(ticket.state)
        if talk.withdrawing and act in WITHDRAWS and state in OPEN:
            await self._take_back(talk, ticket.number)
        elif talk.withdrawing and act in KEEPS and state in OPEN:
            talk.say(SayReply("kept_open", ticket.number))
        elif act is Act.LEAVE and state in OPEN and await self._has_joined(talk, ticket):
            await self._leave(talk, ticket.number)
        elif act is Act.URGE and state in OPEN:
            await self._urge(talk, ticket.number)
        elif state in OPEN and (act in (Act.WITHDRAW, Act.LEAVE) or (act is Act.CANCEL and talk.withdrawing)):
            await self._ask_to_take_back(talk, ticket)
        elif act in (Act.SOLVED, Act.CONFIRM, Act.YES) and state is State.ANSWERED:
            await self._solved(talk, ticket.number)
        elif act in (Act.NOT_SOLVED, Act.OBJECT, Act.NO) and state in (State.ANSWERED, State.HEARD):
            await self._not_solved(talk, ticket.number)
        elif act in SPOKEN_RATINGS and state in (State.ANSWERED, State.HEARD) and not ticket.satisfaction:
            await self._rate(talk, ticket.number, SPOKEN_RATINGS[act])
        elif act is Act.MORE and state in OPEN:
            talk.adding = True
            talk.say(SayReply("more"))
        else:
            return False
        talk.number = ticket.number
        return True

    async def _supplements(self, talk: Talk, ticket: Ticket | None) -> bool:
        """While a clerk waits for what is missing, plain words are that."""
        asks = str(talk.turn.understood.route) == "policy"
        if ticket is None or ticket.state != str(State.SUPPLEMENT) or asks or not talk.words:
            return False
        await self._add(talk, ticket)
        return True

    def _named(self, talk: Talk) -> str:
        try:
            return read_number(talk.words) or ""
        except NumberMisread as error:
            raise NoSuchTicket(number=str(error.data.get("number", ""))) from None

    # -- buttons ------------------------------------------------------------------------------------------

    async def _press(self, talk: Talk, pressed: Pressed) -> None:
        verb, data = pressed.action.partition(":")[2], pressed.data
        number = str(data.get("number", ""))
        if await self._forms.press(talk, verb, data):
            return
        match verb:
            case "my_cases":
                await self._status(talk, await self._own(talk))
            case "urge":
                await self._urge(talk, number)
            case "add" | "same_add":
                talk.number, talk.adding = number, True
                if verb == "same_add" and talk.form is not None and talk.form.words:
                    ticket = await self._access(talk, number)
                    await self._filing.add_words(
                        talk.turn.session,
                        ticket,
                        "\n".join(talk.form.words),
                        now=talk.turn.now,
                        phone=talk.form.facts.phone,
                    )
                    talk.form, talk.waits, talk.adding = None, False, False
                    talk.say(SayReply("added", number))
                else:
                    talk.say(SayReply("more"))
            case "withdraw":
                await self._ask_to_take_back(talk, await self._access(talk, number))
            case "withdraw_yes":
                await self._withdraw(talk, number)
            case "leave":
                await self._leave(talk, number)
            case "keep":
                talk.say(SayReply("kept_open", number))
            case "solved":
                await self._solved(talk, number)
            case "not_solved":
                await self._not_solved(talk, number)
            case "later":
                talk.say(SayReply("later"))
            case "satisfied" | "mostly" | "dissatisfied":
                await self._rate(talk, number, RATINGS[verb])
        talk.number = number or talk.number

    async def _take_over(self, talk: Talk) -> None:
        """From the policy dialogue, with what it knows already."""
        intent = str(talk.turn.slots.get("intent", ""))
        if talk.form is None and (number := self._named(talk)):
            await self._show(talk, number)
            return
        if talk.form is None and intent == "status":
            await self._status(talk, await self._own(talk))
            return
        await self._forms.begin(talk, talk.turn.slots)

    # -- what is done -------------------------------------------------------------------------------------

    async def _own(self, talk: Talk) -> list[Ticket]:
        return await self._cabinet.of_conversation(talk.turn.session, talk.turn.conversation_id)

    async def _access(self, talk: Talk, number: str) -> Ticket:
        return await self._cabinet.access_own(talk.turn.session, talk.turn.conversation_id, number)

    async def _show(self, talk: Talk, number: str) -> None:
        try:
            ticket = await self._access(talk, number)
        except NoSuchTicket:
            # Not raised further: a wrong code must be counted, and what is not theirs looks like what is not there.
            await self._show_foreign(talk, number)
            return
        talk.number = number
        await self._say_status(talk, [ticket])

    async def _show_foreign(self, talk: Talk, number: str) -> None:
        """A number that was not handed in here: joined (算我一个), opened with the code that staff gave, or nothing."""
        turn, phone = talk.turn, find_phone(talk.words)
        if Act.JOINED in acts_in(DIGITS.sub("", talk.words)):
            person = Person(phone=phone)
            if await self._filing.join_group(turn.session, number, person, turn.conversation_id, now=turn.now):
                talk.number = number
                talk.say(SayReply("joined", number))
                return
        code = CODE.search(talk.words)
        if phone and code is not None:
            opened = await self._filing.use_code(
                turn.session, turn.conversation_id, number, phone, code[0], now=turn.now
            )
            if opened is None:
                talk.say(SayReply("wrong_code"))
                return
            talk.number = number
            await self._say_status(talk, [opened])
            return
        talk.say(SayReply("not_here"))

    async def _status(self, talk: Talk, tickets: list[Ticket]) -> None:
        """Open ones first; ended ones only where nothing is open."""
        asks_after, turn = self._register.asks_after, talk.turn
        if not tickets and turn.pressed is None and asks_after is not None:
            talk.hand_over = await asks_after(turn.session, turn.conversation_id, talk.words)
            if talk.hand_over is not None:
                return
        shown = [ticket for ticket in tickets if State(ticket.state) not in ENDED] or tickets[:1]
        await self._say_status(talk, shown)
        if shown:
            talk.number = shown[0].number

    async def _say_status(self, talk: Talk, tickets: Sequence[Ticket]) -> None:
        views = [await self._viewer.of(talk.turn.session, ticket, now=talk.turn.now) for ticket in tickets]
        if tickets and await self._has_joined(talk, tickets[0]):
            talk.say(StatusReply.for_joined(tuple(views)))
        else:
            talk.say(StatusReply.of(tuple(views)))

    async def _urge(self, talk: Talk, number: str) -> None:
        times = await self._filing.urge(talk.turn.session, await self._access(talk, number), now=talk.turn.now)
        talk.say(SayReply("urged", number, times))

    async def _has_joined(self, talk: Talk, ticket: Ticket) -> bool:
        return await self._cabinet.has_joined(talk.turn.session, ticket, talk.turn.conversation_id)

    async def _ask_to_take_back(self, talk: Talk, ticket: Ticket) -> None:
        """Who joined a matter of several cannot end it for the others, but can leave it."""
        view = await self._viewer.of(talk.turn.session, ticket, now=talk.turn.now)
        talk.say(LeaveAskReply.of(view) if await self._has_joined(talk, ticket) else WithdrawAskReply.of(view))

    async def _take_back(self, talk: Talk, number: str) -> None:
        if await self._has_joined(talk, await self._access(talk, number)):
            await self._leave(talk, number)
        else:
            await self._withdraw(talk, number)

    async def _withdraw(self, talk: Talk, number: str) -> None:
        ticket = await self._access(talk, number)
        if await self._has_joined(talk, ticket):
            await self._ask_to_take_back(talk, ticket)
            return
        await self._filing.withdraw(talk.turn.session, ticket, now=talk.turn.now)
        talk.say(SayReply("withdrawn", number))

    async def _leave(self, talk: Talk, number: str) -> None:
        ticket = await self._access(talk, number)
        await self._filing.leave(talk.turn.session, ticket, talk.turn.conversation_id, now=talk.turn.now)
        talk.say(SayReply("left", number))

    async def _add(self, talk: Talk, ticket: Ticket) -> None:
        locked = await self._cabinet.lock(talk.turn.session, ticket.id)
        turn = talk.turn
        own = ticket.conversation_id == turn.conversation_id and not (ticket.phone and OTHERS.search(talk.words))
        phone = find_phone(talk.words) if own else ""
        await self._filing.add_words(turn.session, locked, talk.words, now=turn.now, phone=phone)
        talk.number = ticket.number
        talk.say(SayReply("added", ticket.number))

    async def _solved(self, talk: Talk, number: str) -> None:
        ticket = await self._access(talk, number)
        await self._filing.confirm_solved(talk.turn.session, ticket, now=talk.turn.now)
        talk.say(SayReply("solved"), RateReply.of(number))

    async def _not_solved(self, talk: Talk, number: str) -> None:
        ticket = await self._access(talk, number)
        turn = talk.turn
        came_of_it = await self._filing.object(
            turn.session, ticket, talk.words, now=turn.now, chat=turn.conversation_id
        )
        if came_of_it is Objection.REOPENED:
            talk.say(NewsReply("reopened", await self._viewer.of(turn.session, ticket, now=turn.now), "", ""))
        else:
            talk.say(SayReply(str(came_of_it), number))

    async def _rate(self, talk: Talk, number: str, satisfaction: Satisfaction) -> None:
        ticket = await self._access(talk, number)
        await self._filing.rate(talk.turn.session, ticket, satisfaction, now=talk.turn.now)
        talk.say(SayReply("sorry" if satisfaction is Satisfaction.DISSATISFIED else "rated"))

    async def _take_files(self, talk: Talk) -> bool:
        """Photos, voice and files go to the open form, or to an open ticket; else they wait for a matter."""
        turn = talk.turn
        kept = await self._attachments.keep(turn.session, turn.incoming, turn.conversation_id, now=turn.now)
        if not kept:
            return False
        if talk.form is not None and talk.waits:
            talk.form = replace(talk.form, files=talk.form.files + len(kept))
            if not talk.words:
                talk.say(SayReply("file_kept"))
                return True
            return False
        ticket = newest([ticket for ticket in await self._own(talk) if State(ticket.state) in OPEN])
        if ticket is None:
            talk.say(SayReply("file_noted"))
            return True
        locked = await self._cabinet.lock(turn.session, ticket.id)
        for attachment in kept:
            attachment.ticket_id = locked.id
            await self._filing.attach(turn.session, locked, attachment.id, now=turn.now)
        if talk.words:
            await self._add(talk, ticket)
        else:
            talk.say(SayReply("file_kept", ticket.number))
        talk.number = ticket.number
        return True
