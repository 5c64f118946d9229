"""The table of moves: what it holds, that every state can be reached and left, and that the rest is refused."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.staff import roles
from handlers.tickets.ticket import (
    HANDLERS,
    LEADERS,
    MOVES,
    OPEN,
    Move,
    MoveRefused,
    ReasonMissing,
    Role,
    State,
    allowed_moves,
    check_move,
)

ENDS = {State.ARCHIVED, State.MERGED, State.WITHDRAWN}


def reached_from(origin: State) -> set[State]:
    """All states that some row of moves leads to."""
    found, waiting = {origin}, [origin]
    while waiting:
        state = waiting.pop()
        for step in MOVES.values():
            if state in step.origins and step.target is not None and step.target not in found:
                found.add(step.target)
                waiting.append(step.target)
    return found


def test_every_move_is_in_the_table() -> None:
    assert set(MOVES) == set(Move)


def test_every_state_is_reached_from_a_new_ticket() -> None:
    assert reached_from(State.WAITING) == set(State)


@pytest.mark.parametrize("state", State)
def test_every_state_leads_to_an_end(state: State) -> None:
    assert reached_from(state) & ENDS


@pytest.mark.parametrize("state", sorted(ENDS))
def test_an_end_is_an_end(state: State) -> None:
    assert reached_from(state) == {state}


@pytest.mark.parametrize("state", sorted(OPEN))
def test_whatever_is_open_the_person_can_take_back(state: State) -> None:
    assert Move.WITHDRAW in allowed_moves(state, {Role.PERSON})


@pytest.mark.parametrize("move", Move)
def test_what_the_table_does_not_hold_is_refused(move: Move) -> None:
    step = MOVES[move]
    for state, role in product(State, Role):
        if state in step.origins and role in step.roles:
            assert check_move(move, state, role, reason="因为") is step
            assert move in allowed_moves(state, {role})
            continue
        assert move not in allowed_moves(state, {role})
        with pytest.raises(MoveRefused) as refused:
            check_move(move, state, role, reason="因为")
        assert refused.value.data == {"move": str(move), "state": str(state), "role": str(role)}


@pytest.mark.parametrize("move", [move for move, step in MOVES.items() if step.with_reason])
@pytest.mark.parametrize("reason", ["", " ", "\n\t"])
def test_a_move_that_needs_a_reason_is_refused_without(move: Move, reason: str) -> None:
    step = MOVES[move]
    with pytest.raises(ReasonMissing):
        check_move(move, next(iter(step.origins)), next(iter(step.roles)), reason=reason)


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ADMINISTRATOR, Role.HELPER])
@pytest.mark.parametrize("state", State)
def test_whoever_looks_on_moves_nothing(state: State, role: Role) -> None:
    assert allowed_moves(state, {role}) == ()


@pytest.mark.parametrize("move", [Move.REASSIGN, Move.GRANT_EXTENSION, Move.DENY_EXTENSION, Move.SEND_BACK])
def test_decisions_are_for_leaders(move: Move) -> None:
    assert MOVES[move].roles == LEADERS


@given(st.sets(st.sampled_from(Role)), st.sampled_from(State))
def test_several_roles_may_what_each_may(some: set[Role], state: State) -> None:
    each = {move for role in some for move in allowed_moves(state, {role})}
    assert set(allowed_moves(state, some)) == each


def test_staff_have_the_same_roles_here_and_in_their_accounts() -> None:
    assert {str(role) for role in Role} - {"person", "system"} == {str(role) for role in roles.Role}
    assert {str(role) for role in HANDLERS} == {
        str(role) for role in roles.Role if roles.may(role, roles.Permission.WORK_TICKETS)
    }
