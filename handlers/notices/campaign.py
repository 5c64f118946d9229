"""The rules about campaigns: kinds, states, the table of moves, who must approve, texts with variables. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.errors import UserFacingError


class Kind(StrEnum):
    FAIR = "fair"  # 招聘会
    VACANCY = "vacancy"  # 岗位
    TRAINING = "training"  # 培训班
    POLICY = "policy"  # 政策消息
    PENSION = "pension"  # 养老保险提醒：先缴后补
    CORRECTION = "correction"  # 更正：原来说的有变


class State(StrEnum):
    DRAFT = "draft"  # 在写
    APPROVED = "approved"  # 批准了
    SCHEDULED = "scheduled"  # 定了时间
    RUNNING = "running"  # 在发
    PAUSED = "paused"  # 停一停
    DONE = "done"  # 发完了
    STOPPED = "stopped"  # 不发了


class Move(StrEnum):
    EDIT = "edit"
    APPROVE = "approve"
    SCHEDULE = "schedule"
    START = "start"
    PAUSE = "pause"
    RESUME = "resume"
    FINISH = "finish"
    STOP = "stop"


@dataclass(frozen=True)
class Step:
    origins: frozenset[State]
    target: State


WRITTEN = frozenset({State.DRAFT, State.APPROVED, State.SCHEDULED})
"""Nobody has been told yet; whatever is changed must be approved again."""
ENDED = frozenset({State.DONE, State.STOPPED})
SENDING = frozenset({State.RUNNING, State.PAUSED})

MOVES: dict[Move, Step] = {
    Move.EDIT: Step(WRITTEN, State.DRAFT),
    Move.APPROVE: Step(frozenset({State.DRAFT}), State.APPROVED),
    Move.SCHEDULE: Step(frozenset({State.APPROVED, State.SCHEDULED}), State.SCHEDULED),
    Move.START: Step(frozenset({State.APPROVED, State.SCHEDULED}), State.RUNNING),
    Move.PAUSE: Step(frozenset({State.RUNNING}), State.PAUSED),
    Move.RESUME: Step(frozenset({State.PAUSED}), State.RUNNING),
    Move.FINISH: Step(frozenset({State.RUNNING}), State.DONE),
    Move.STOP: Step(WRITTEN | SENDING, State.STOPPED),
}
"""From where, to where. FINISH happens by itself, and so do START at its time and STOP when an offer is full."""


class Hold(StrEnum):
    """Why a running campaign sends nothing now; it goes on by itself."""

    QUIET = "quiet"  # 安静时段，到点再发
    CHANNEL_OFF = "channel_off"  # 渠道没开
    TOKEN_REFUSED = "token_refused"  # noqa: S105  # a code: the platform does not know the bot's token


class Reason(StrEnum):
    """Why a campaign is paused or stopped."""

    STAFF = "staff"
    OFFER_FULL = "offer_full"  # 名额满了
    OFFER_OVER = "offer_over"  # 活动取消、截止或过了
    UNFIT = "unfit"  # 现在的内容或条件发不了
    GROWN = "grown"  # 比批准时多了许多人，要再批


class Standing(StrEnum):
    """Where one recipient stands."""

    WAITING = "waiting"
    QUEUED = "queued"
    """In the outbox: on its way, or about to be."""
    SENT = "sent"
    FAILED = "failed"
    UNREACHABLE = "unreachable"
    """No channel reaches them: for the list of their village helper."""
    OPTED_OUT = "opted_out"
    REGISTERED = "registered"
    """They had registered for the offer before their turn came."""
    LEFT_OUT = "left_out"
    """Another campaign reached them first, or the week's notices are used up."""
    ERASED = "erased"
    STOPPED = "stopped"
    TOLD_IN_PERSON = "told_in_person"


class Exclusion(StrEnum):
    """Who fits the rule and is not sent to, in the order in which it is asked; the first that holds is counted."""

    NO_CONSENT = "no_consent"
    IN_CAMPAIGN = "in_campaign"
    REGISTERED = "registered"
    RECENT = "recent"
    WEEKLY_CAP = "weekly_cap"
    UNREACHABLE = "unreachable"
    """Their chats take nothing any more: blocked, left."""
    NO_CHANNEL = "no_channel"


IN_PERSON = frozenset({Exclusion.UNREACHABLE, Exclusion.NO_CHANNEL})
"""Whom their village helper can tell instead."""

MOST_TITLE, MOST_TEXT = 120, 3700
"""Characters, variables put in; title, source and farewell find room beside the text in Telegram's 4,096."""
MOST_CODE = 8
"""Characters of an offer's number."""
SMS_ALONE, SMS_PART = 70, 67
"""Characters of a short message, and of each part of a longer one (GSM 03.40, UCS-2)."""
VARIABLES = frozenset({"title", "place", "when", "where", "seats", "code", "old", "new", "clause"})
EVERY_CHANNEL = "all"
"""Key of the text for channels without one of their own."""

BRACED = re.compile(r"\{([^{}\n]{0,40})\}")


class CampaignMoveRefused(UserFacingError):
    """The table does not hold this move for this state. Data: move, state."""

    code = "campaign_move_refused"


class CampaignUnfit(UserFacingError):
    """Cannot be kept or sent as it is. Data: faults, field -> missing, long, unknown, past, no_audience, variable."""

    code = "campaign_unfit"


class ApprovalRefused(UserFacingError):
    """Above the set size somebody else than the author must approve. Data: size, above, why (own, not_permitted)."""

    code = "approval_refused"


class SchedulePast(UserFacingError):
    """The time has passed already. Data: at."""

    code = "schedule_past"


class NoSuchCampaign(UserFacingError):
    """Data: id."""

    code = "no_such_campaign"


class CampaignStale(UserFacingError):
    """Somebody changed it since the page was drawn. Data: id."""

    code = "campaign_stale"


class NoOwnChat(UserFacingError):
    """A test goes to one's own chat with the bot, and there is none."""

    code = "no_own_chat"


def check_move(move: Move, state: State) -> State:
    """The state after it. Raises CampaignMoveRefused."""
    step = MOVES[move]
    if state not in step.origins:
        raise CampaignMoveRefused(move=str(move), state=str(state))
    return step.target


def allowed_moves(state: State) -> tuple[Move, ...]:
    """What staff may do now."""
    return tuple(move for move, step in MOVES.items() if state in step.origins and move is not Move.FINISH)


def check_approval(*, size: int, above: int, by_author: bool) -> None:
    """A second person approves what goes to more than `above`. Raises ApprovalRefused."""
    if size > above and by_author:
        raise ApprovalRefused(size=size, above=above, why="own")


def most_for(size: int, above: int) -> int:
    """How many may be found after so many were approved: a small approval is none for many."""
    return above if size <= above else 2 * size


def check_time(at: datetime, now: datetime) -> None:
    """Raises SchedulePast."""
    if at <= now:
        raise SchedulePast(at=at.isoformat())


# -- texts --------------------------------------------------------------------------------------------------


def variables_in(text: str) -> tuple[str, ...]:
    """Names between braces, each once, in the order of the text."""
    return tuple(dict.fromkeys(found.strip() for found in BRACED.findall(text)))


def missing_in(text: str, values: Mapping[str, str]) -> tuple[str, ...]:
    """Variables that nothing is known for; such a text is not sent."""
    return tuple(name for name in variables_in(text) if not values.get(name))


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with its variables put in; all must be known. Values are put in as they are, braces too."""
    return BRACED.sub(lambda found: values[found[1].strip()], text)


def telegram_length(text: str) -> int:
    """As Telegram counts: UTF-16 code units."""
    return len(text.encode("utf-16-le")) // 2


def sms_parts(text: str) -> int:
    """Short messages that a text takes; an empty one takes none."""
    length = telegram_length(text)
    return 0 if not length else 1 if length <= SMS_ALONE else -(-length // SMS_PART)


def text_for(texts: Mapping[str, str], channel: str) -> str:
    """The channel's own text, else the one for all, else the one there is: nobody gets an empty notice."""
    return texts.get(channel) or texts.get(EVERY_CHANNEL) or next(filter(None, texts.values()), "")


def faults_of_fields(title: str, texts: Mapping[str, str], offer: str) -> dict[str, str]:
    """What keeps it even from being kept, field -> code: what is too long for its column."""
    faults: dict[str, str] = {}
    if not title.strip():
        faults["title"] = "missing"
    elif len(title.strip()) > MOST_TITLE:
        faults["title"] = "long"
    if any(telegram_length(text) > MOST_TEXT for text in texts.values()):
        faults["text"] = "long"
    if len(offer) > MOST_CODE:
        faults["offer"] = "unknown"
    return faults


def faults_of(title: str, texts: Mapping[str, str], values: Mapping[str, str]) -> dict[str, str]:
    """What keeps it from being sent, field -> code (`missing`, `long`, `unknown:NAME`, `variable:NAME`)."""
    faults: dict[str, str] = {}
    if not title.strip():
        faults["title"] = "missing"
    elif len(title) > MOST_TITLE:
        faults["title"] = "long"
    if not any(text.strip() for text in texts.values()):
        faults["text"] = "missing"
    for channel, text in texts.items():
        field = "text" if channel == EVERY_CHANNEL else f"text.{channel}"
        if strange := [name for name in variables_in(text) if name not in VARIABLES]:
            faults[field] = f"unknown:{strange[0]}"
        elif missing := missing_in(text, values):
            faults[field] = f"variable:{missing[0]}"
        elif telegram_length(fill(text, values)) > MOST_TEXT:
            faults[field] = "long"
    return faults
