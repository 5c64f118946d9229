"""What a ticket is: kinds, categories, states, and THE table of moves. Pure; everything else asks here.

Stages after domain practice of the 12345 lines (受理 → 办理 → 审核 → 办结 → 回访 → 归档). A move that is not in
`MOVES` is refused with `MoveRefused`, wherever it was asked for.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from bot.errors import UserFacingError


class Kind(StrEnum):
    """诉求类型."""

    COMPLAINT = "complaint"  # 投诉
    REPORT = "report"  # 举报
    REQUEST = "request"  # 求助
    CONSULT = "consult"  # 咨询


class Category(StrEnum):
    """事项类别; a queue holds one of these for a region and all below it."""

    EMPLOYMENT = "employment"  # 就业
    STARTUP = "startup"  # 创业
    TRAINING = "training"  # 培训
    PUBLIC_POST = "public_post"  # 公益性岗位
    INSURANCE = "insurance"  # 社保补贴
    LABOUR = "labour"  # 劳动监察
    PETITION = "petition"  # 信访
    GENERAL = "general"  # 综合


class State(StrEnum):
    """状态."""

    WAITING = "waiting"  # 待受理
    ACCEPTED = "accepted"  # 已受理
    WORKING = "working"  # 办理中
    SUPPLEMENT = "supplement"  # 待补充: the only state in which the clock rests
    RETURNED = "returned"  # 退回改派
    EXTENDING = "extending"  # 延期审批
    REVIEW = "review"  # 待审核
    ANSWERED = "answered"  # 已办结
    HEARD = "heard"  # 已回访
    ARCHIVED = "archived"  # 已归档
    REJECTED = "rejected"  # 不予受理, with the right door
    MERGED = "merged"  # 已并单
    WITHDRAWN = "withdrawn"  # 已撤回


OPEN = frozenset(
    {
        State.WAITING,
        State.ACCEPTED,
        State.WORKING,
        State.SUPPLEMENT,
        State.RETURNED,
        State.EXTENDING,
        State.REVIEW,
    }
)
"""States in which the office owes the person something."""


class Move(StrEnum):
    """What can be done to a ticket."""

    ACCEPT = "accept"  # 受理
    START = "start"  # 开始办理
    ASK_SUPPLEMENT = "ask_supplement"  # 请群众补充
    SUPPLEMENTED = "supplemented"  # 群众已补充
    RETURN = "return"  # 退单
    REASSIGN = "reassign"  # 改派
    TRANSFER = "transfer"  # 转办
    ASK_EXTENSION = "ask_extension"  # 申请延期
    GRANT_EXTENSION = "grant_extension"  # 批准延期
    DENY_EXTENSION = "deny_extension"  # 不批准延期
    SUBMIT = "submit"  # 提交审核
    SEND_BACK = "send_back"  # 退回重办
    ANSWER = "answer"  # 办结
    HEAR = "hear"  # 回访
    REOPEN = "reopen"  # 重办
    ARCHIVE = "archive"  # 归档
    REJECT = "reject"  # 不予受理
    MERGE = "merge"  # 并单
    WITHDRAW = "withdraw"  # 撤回


class Role(StrEnum):
    """Who acts. The person and the system are roles of their own, so that one table says it all."""

    PERSON = "person"
    SYSTEM = "system"
    CLERK = "clerk"
    SUPERVISOR = "supervisor"
    HEAD = "head"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"
    HELPER = "helper"


HANDLERS = frozenset({Role.CLERK, Role.SUPERVISOR, Role.HEAD})
LEADERS = frozenset({Role.SUPERVISOR, Role.HEAD})


@dataclass(frozen=True)
class Step:
    """One row of the table."""

    origins: frozenset[State]
    target: State | None
    """None: the state stays as it is."""
    roles: frozenset[Role]
    with_reason: bool = False


MOVES: dict[Move, Step] = {
    Move.ACCEPT: Step(frozenset({State.WAITING}), State.ACCEPTED, HANDLERS),
    Move.START: Step(frozenset({State.ACCEPTED}), State.WORKING, HANDLERS),
    Move.ASK_SUPPLEMENT: Step(frozenset({State.ACCEPTED, State.WORKING}), State.SUPPLEMENT, HANDLERS, with_reason=True),
    Move.SUPPLEMENTED: Step(frozenset({State.SUPPLEMENT}), State.WORKING, HANDLERS | {Role.PERSON, Role.SYSTEM}),
    Move.RETURN: Step(
        frozenset({State.WAITING, State.ACCEPTED, State.WORKING}), State.RETURNED, HANDLERS, with_reason=True
    ),
    Move.REASSIGN: Step(frozenset({State.RETURNED}), State.WAITING, LEADERS, with_reason=True),
    Move.TRANSFER: Step(
        frozenset({State.WAITING, State.ACCEPTED, State.WORKING}), State.WAITING, HANDLERS, with_reason=True
    ),
    Move.ASK_EXTENSION: Step(frozenset({State.ACCEPTED, State.WORKING}), State.EXTENDING, HANDLERS, with_reason=True),
    Move.GRANT_EXTENSION: Step(frozenset({State.EXTENDING}), State.WORKING, LEADERS),
    Move.DENY_EXTENSION: Step(frozenset({State.EXTENDING}), State.WORKING, LEADERS, with_reason=True),
    Move.SUBMIT: Step(frozenset({State.WORKING}), State.REVIEW, HANDLERS),
    Move.SEND_BACK: Step(frozenset({State.REVIEW}), State.WORKING, LEADERS, with_reason=True),
    Move.ANSWER: Step(frozenset({State.WORKING, State.REVIEW}), State.ANSWERED, HANDLERS),
    Move.HEAR: Step(frozenset({State.ANSWERED}), State.HEARD, HANDLERS | {Role.PERSON, Role.SYSTEM}),
    Move.REOPEN: Step(
        frozenset({State.ANSWERED, State.HEARD}), State.WORKING, HANDLERS | {Role.PERSON, Role.SYSTEM}, with_reason=True
    ),
    Move.ARCHIVE: Step(frozenset({State.HEARD, State.REJECTED}), State.ARCHIVED, HANDLERS | {Role.SYSTEM}),
    Move.REJECT: Step(frozenset({State.WAITING, State.ACCEPTED}), State.REJECTED, HANDLERS, with_reason=True),
    Move.MERGE: Step(
        frozenset({State.WAITING, State.ACCEPTED, State.WORKING}), State.MERGED, HANDLERS, with_reason=True
    ),
    Move.WITHDRAW: Step(OPEN, State.WITHDRAWN, frozenset({Role.PERSON, Role.SYSTEM})),
}
"""From where, to where, by whom. `desk` adds what a table cannot say (a contact record before an answer, …)."""


class Priority(StrEnum):
    ORDINARY = "ordinary"
    URGENT = "urgent"  # 加急


class Supervision(IntEnum):
    """督办级别."""

    NONE = 0
    ORDINARY = 1  # 普通督办
    YELLOW = 2  # 黄牌
    RED = 3  # 红牌


class Closing(StrEnum):
    """办结类型."""

    SOLVED = "solved"  # 实质性办结
    EXPLAINED = "explained"  # 依法解释
    PROCEDURAL = "procedural"  # 程序性办结


class Satisfaction(StrEnum):
    SATISFIED = "satisfied"  # 满意
    MOSTLY = "mostly"  # 基本满意
    DISSATISFIED = "dissatisfied"  # 不满意


class MoveRefused(UserFacingError):
    """The table does not hold this move for this state and role. Data: move, state, role."""

    code = "move_refused"


class ReasonMissing(UserFacingError):
    """This move needs a reason. Data: move."""

    code = "reason_missing"


def check_move(move: Move, state: State, role: Role, *, reason: str = "") -> Step:
    """The row of the table, if this role may do this in this state. Raises MoveRefused, ReasonMissing."""
    step = MOVES[move]
    if state not in step.origins or role not in step.roles:
        raise MoveRefused(move=str(move), state=str(state), role=str(role))
    if step.with_reason and not reason.strip():
        raise ReasonMissing(move=str(move))
    return step


def allowed_moves(state: State, roles: Collection[Role]) -> tuple[Move, ...]:
    """What these roles may do in this state, in the order of the table."""
    return tuple(move for move, step in MOVES.items() if state in step.origins and step.roles & set(roles))
