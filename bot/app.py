"""Composition root: builds every part, starts in order, stops in reverse. Nothing else may know all parts.

How parts plug in
-----------------
*A service* (handlers/<service>/) gives a `Dialogue`, its reply kinds, its routes, commands and timer handlers as a
`Service`; it is listed in `wire_services` below and gets what it needs by constructor from `Parts`.
Its tables go into `bot/migrations/versions/v<number>_<service>.py`, its models on `bot.models.Base`.

*A command* (`菜单`, `0`) is a button that is always live: `Service.commands` maps words to an action
`<dialogue>:<verb>`, and the dialogue gets it as `turn.pressed`.

*A channel* exposes `make_channel(app: App) -> Channel` (see `bot.channels`). It uses
    `app.conversation.respond(incoming) -> list[Shown]`      the turn; raises only if nothing could be committed
    `app.conversation.answer(incoming) -> Answered`          the same with the person's own message as kept
    `app.conversation.history(address, after_seq, limit=)`   what was said, by all sides
    `app.conversation.follow(address, after_seq)`            async iterator of news, for SSE
    `app.conversation.mark_seen(address, seq)`               an asking channel has shown what was pushed
    `app.courier.register(channel, sender, bot=, rate=)`     a pushing channel: how one message is sent
    `app.book.card(shown) -> Markup | None`                  the web's card for a stored reply
    `app.settings`, `app.clock`, `app.keys.derive(purpose)`, `app.database`

*The web shell* exposes `bot.web.server.make_site(app: App) -> aiohttp.web.Application`; the channels' routes are
added to it here, and `serve` runs it with `bot.web.server.WebServer(site, settings)`: `start()`, `url`, `stop()`.
`/readyz` asks the database and `app.readiness()`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from jinja2 import BaseLoader

from bot import help as frame_help
from bot.background import TimerHandler, Timers
from bot.changes import Changes
from bot.channels import Channel
from bot.clock import Clock, FileClock, SystemClock
from bot.conversation import Conversation, NotePlace, Probe, Recognise, ignore_step
from bot.courier import Courier
from bot.database import Database
from bot.dialogue import Dialogue
from bot.errors import StartupError
from bot.files import Fetch, ReadFile
from bot.followers import Followers
from bot.keys import Keys, load_keys
from bot.messages import Address, ChannelName, Choice, Reply
from bot.metrics import Gauges, Meter, count_work
from bot.migrations import upgrade
from bot.moving import Follow, follow_nothing
from bot.outbox import Outbox
from bot.quiet import QuietHours
from bot.replies import ReplyBook
from bot.routing import Routes, Spoken, TakesUp
from bot.settings import Settings
from bot.staff.bureau import BureauSettings
from bot.tidying import Tidying

if TYPE_CHECKING:
    from bot.staff.ports import PlaceNames, StaffWork
    from bot.web.console import Section
    from handlers.policy.knowing import Knowing

PUSHING = frozenset({ChannelName.TELEGRAM})
"""Channels to which we send; the others ask us."""


@dataclass(frozen=True)
class Parts:
    """What services are built from."""

    settings: Settings
    clock: Clock
    keys: Keys
    database: Database
    book: ReplyBook
    followers: Followers
    courier: Courier
    outbox: Outbox
    timers: Timers
    meter: Meter
    bureau: BureauSettings
    changes: Changes = field(default_factory=Changes)
    """Told of what staff look at."""
    handles: dict[ChannelName, str] = field(default_factory=dict)
    """The names under which people find the bot, by channel, once a channel has learned its own."""


@dataclass(frozen=True)
class Service:
    """What one folder of `handlers/` gives to the conversation."""

    dialogues: tuple[Dialogue, ...] = ()
    replies: tuple[type[Reply], ...] = ()
    routes: Mapping[str, str] = field(default_factory=dict)
    """Recognised route -> dialogue name."""
    commands: Mapping[str, str] = field(default_factory=dict)
    """Words -> action `<dialogue>:<verb>`."""
    spoken: Spoken | None = None
    """Reads a command of its own out of other words."""
    hears_below: bool = False
    """Its dialogues hear what a dialogue above them lets pass, as in `Routes.heard_below`."""
    fills_forms: bool = False
    """Its dialogues take words as answers in a form: there only commands word by word count."""
    takes_up: Mapping[str, TakesUp] = field(default_factory=dict)
    """By dialogue of its own: as in `Routes.takes_up`."""
    menu: tuple[Choice, ...] = ()
    """Its lines in 菜单."""
    timers: Mapping[str, TimerHandler] = field(default_factory=dict)
    """Timer kind -> handler(session, moment)."""
    loops: Mapping[str, Callable[[], Awaitable[None]]] = field(default_factory=dict)
    """Background work of its own, run by `serve` for ever under a name."""
    warnings: Mapping[str, str] = field(default_factory=dict)
    """For `shangan doctor`: what is not set and can be done without, name -> words."""
    console: Section | None = None
    """Its pages for staff."""
    outcomes: Mapping[str, str] = field(default_factory=dict)
    """For `/metrics`: template key of a reply -> answer, clarify, no_answer or handoff."""
    gauges: Gauges | None = None
    """For `/metrics`: what it counts in the database."""
    office: object | None = None
    """What its commands work with, where they need the other services too."""


async def _no_groups() -> Collection[str]:
    return ()


@dataclass(frozen=True)
class Services:
    """All services and the recogniser they share."""

    recognise: Recognise
    services: tuple[Service, ...] = ()
    templates: BaseLoader | None = None
    """More templates than those of the package, for tests."""
    note_place: NotePlace | None = None
    """Keeps the place that came with a conversation's first line (a link, `chat --json`)."""
    place_of: Callable[[Address], Awaitable[str | None]] | None = None
    """The place a person asks about, as a page's header names it; None where it is not known."""
    office_of: Callable[[str | None], object | None] = lambda _place: None
    """The office of a place as a page's header names it, with name, phone, address, hours; None if nothing is known."""
    staff_groups: Callable[[], Awaitable[Collection[str]]] = _no_groups
    """Chats in which staff work together, beside the staff chat of the settings."""
    chat_moved: Follow = follow_nothing
    """A chat of theirs goes on under another id."""
    staff_room: str = ""
    """The dialogue that takes what is said in those chats; empty where there is none."""
    reception: str = ""
    """The dialogue of conversations that a member of staff has taken over; empty where there is none."""
    staff_commands: frozenset[str] = frozenset()
    """Its commands that take words along, such as `/note`."""
    fetch_through: Callable[[str, Fetch], None] | None = None
    """A channel says here how files of its people are fetched, where a service keeps them."""
    read_file: ReadFile | None = None
    """How a channel gets the file that goes along with a reply."""
    place_names: PlaceNames | None = None
    """Names of places for the pages of accounts; without them there are no such pages."""
    staff_work: StaffWork | None = None
    """The service that gives staff their work."""
    places: tuple[tuple[str, str], ...] = ()
    """Places that can be chosen at first contact: short name and what it lies in, such as ("洪湖", "湖北")."""


Wire = Callable[[Parts], Services]


def wire_services(parts: Parts) -> Services:
    """The services of this bureau. (They are imported here, so that importing this module does nothing.)"""
    from handlers.policy.knowing import load_knowing
    from knowledge.faults import KnowledgeError

    try:
        return wire_with(parts, load_knowing())
    except KnowledgeError as error:
        raise StartupError(f"faults in the policies:\n{error}", exit_code=2) from None


def wire_with(parts: Parts, knowing: Knowing) -> Services:
    """The same over knowledge that is loaded already."""

    from handlers.notices.answers import note_told
    from handlers.notices.office import make_office as make_notice_office
    from handlers.notices.service import make_service as make_notices
    from handlers.offers.advertising import Advertising
    from handlers.offers.dialogue import OffersDialogue
    from handlers.offers.office import make_office as make_offers_office
    from handlers.offers.recording import Recording
    from handlers.offers.service import make_service as make_offers
    from handlers.people.ledger.desk import make_ledgers
    from handlers.people.places import PlaceBook
    from handlers.people.register import Register
    from handlers.people.service import make_service as make_people
    from handlers.policy.dialogue import PolicyDialogue
    from handlers.policy.offices import follow_offices
    from handlers.policy.service import Places
    from handlers.policy.service import make_service as make_policy
    from handlers.tickets.desk_queues import move_group, staff_groups
    from handlers.tickets.dialogue import TicketsDialogue
    from handlers.tickets.office import make_office
    from handlers.tickets.reception import Reception
    from handlers.tickets.service import make_service as make_tickets
    from handlers.tickets.staff_reading import COMMANDS as STAFF_COMMANDS
    from handlers.tickets.staff_work import DeskWork
    from handlers.tickets.staffroom import Staffroom

    knowing = follow_offices(knowing, parts.bureau)
    register, places = Register(), Places(parts.database, knowing.book, knowing.offices)
    regions = knowing.book.regions
    office = make_office(parts, regions)
    ledgers = make_ledgers(parts, regions)
    offers = make_offers_office(parts, knowing.book, register, on_came=Recording(ledgers.services).came)
    notices = make_notice_office(parts, knowing.book, register, Advertising(parts.book.environment))

    async def groups() -> Collection[str]:
        async with parts.database.reading() as session:
            return await staff_groups(session)

    return Services(
        lambda incoming: knowing.recogniser.recognise(incoming.text),
        (
            make_policy(
                parts,
                knowing,
                register,
                talks=office.talks,
                desk=TicketsDialogue.name,
                offers=OffersDialogue.name,
                note_told=note_told,
            ),
            make_tickets(parts, office, knowing.book, register),
            make_offers(
                parts,
                offers,
                register,
                knowing.offices,
                knowing.book,
                policy=PolicyDialogue.name,
                certain=office.calendars.table.is_certain,
            ),
            make_people(parts, register, regions, ledgers, office.calendars),
            make_notices(parts, notices, knowing.book, knowing.offices),
        ),
        staff_groups=groups,
        chat_moved=move_group,
        fetch_through=office.attachments.fetch_through,
        read_file=office.attachments.read_file,
        staff_room=Staffroom.name,
        reception=Reception.name,
        staff_commands=STAFF_COMMANDS,
        note_place=places.noting(register),
        place_of=places.asked_about(register),
        office_of=places.office_of,
        places=places.offered(),
        place_names=PlaceBook(regions),
        staff_work=DeskWork(office.desk, office.queues),
    )


@dataclass
class App:
    """All parts of a running program."""

    settings: Settings
    clock: Clock
    keys: Keys
    database: Database
    book: ReplyBook
    outbox: Outbox
    courier: Courier
    timers: Timers
    tidying: Tidying
    services: Services
    conversation: Conversation
    meter: Meter
    changes: Changes
    bureau: BureauSettings
    channels: list[Channel] = field(default_factory=list)
    handles: dict[ChannelName, str] = field(default_factory=dict)
    """As in `Parts`."""

    def readiness(self) -> dict[str, str]:
        """What is not well, by part; empty when ready."""
        found = {str(channel.name): channel.readiness() for channel in self.channels}
        return {name: code for name, code in found.items() if code is not None}

    async def count(self) -> dict[str, float]:
        """What lies in the database, for `/metrics`."""
        now = self.clock.now()
        async with self.database.reading() as session:
            found = await count_work(session, now)
            for service in self.services.services:
                if service.gauges is not None:
                    found |= await service.gauges(session, now)
        return found


def make_clock(settings: Settings) -> Clock:
    return FileClock(settings.clock_file) if settings.clock_file else SystemClock()


@asynccontextmanager
async def build(
    settings: Settings,
    *,
    clock: Clock | None = None,
    wire: Wire = wire_services,
    probe: Probe = ignore_step,
) -> AsyncIterator[App]:
    """Every part but the servers: what a command, a test and `serve` have in common. Migrates the database."""
    async with AsyncExitStack() as stack:
        keys = load_keys(settings)
        database = Database(settings.async_database_url)
        stack.push_async_callback(database.close)
        await upgrade(database)
        parts = build_parts(settings, database, keys=keys, clock=clock, probe=probe)
        await parts.bureau.read()
        services = wire(parts)
        routes = join_services(services, parts)
        parts.courier.settler.follow = services.chat_moved
        parts.book.check()
        conversation = Conversation(
            database,
            parts.clock,
            book=parts.book,
            routes=routes,
            recognise=services.recognise,
            frame=frame_help.make_frame(parts.book),
            outgoing=parts.outbox,
            followers=parts.followers,
            note_place=services.note_place,
            pushing=PUSHING,
            meter=parts.meter,
            probe=probe,
        )
        yield App(
            settings,
            parts.clock,
            keys,
            database,
            parts.book,
            parts.outbox,
            parts.courier,
            parts.timers,
            Tidying(parts.timers, parts.clock),
            services,
            conversation,
            parts.meter,
            parts.changes,
            parts.bureau,
            handles=parts.handles,
        )


def build_parts(
    settings: Settings,
    database: Database,
    *,
    keys: Keys,
    clock: Clock | None = None,
    probe: Probe = ignore_step,
) -> Parts:
    """What lies under the services; nothing is read, written or sent yet."""
    clock = clock or make_clock(settings)
    book, followers = ReplyBook(frame_help.KINDS), Followers()
    courier = Courier(database, clock, quiet=QuietHours.read(settings.quiet_hours), probe=probe)
    outbox = Outbox(database, clock, book=book, followers=followers, courier=courier, pushing=PUSHING)
    timers, bureau = Timers(database, clock), BureauSettings(database)
    return Parts(settings, clock, keys, database, book, followers, courier, outbox, timers, Meter(), bureau)


def join_services(services: Services, parts: Parts) -> Routes:
    """Make the tables of all services one, with the frame's own."""
    if services.templates is not None:
        parts.book.add_templates(services.templates)
    menu = [choice for service in services.services for choice in service.menu]
    dialogues: list[Dialogue] = [frame_help.HelpDialogue(menu)]
    commands: dict[str, str] = dict(frame_help.COMMANDS)
    routes: dict[str, str] = {}
    forms: set[str] = set()
    below: set[str] = set()
    for service in services.services:
        dialogues += service.dialogues
        commands |= service.commands
        routes |= service.routes
        names = {dialogue.name for dialogue in service.dialogues}
        forms |= names if service.fills_forms else set()
        below |= names if service.hears_below else set()
        parts.book.add(service.replies)
        parts.meter.know(service.outcomes)
        for kind, handler in service.timers.items():
            parts.timers.register(kind, handler)
    by_name = {dialogue.name: dialogue for dialogue in dialogues}
    return Routes(
        by_name,
        commands,
        routes,
        fallback=frame_help.HelpDialogue.name,
        staff_room=services.staff_room,
        staff_commands=services.staff_commands,
        reception=services.reception,
        spoken=tuple(service.spoken for service in services.services if service.spoken is not None),
        forms=frozenset(forms),
        heard_below=frozenset(below),
        takes_up={name: meant for service in services.services for name, meant in service.takes_up.items()},
    )
