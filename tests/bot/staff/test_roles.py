"""Each role may do what the table says and no more; a region covers itself and what lies below."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.staff.roles import ANYWHERE, PERMISSIONS, NotPermitted, Permission, Role, Scope, check_may, is_region_id, may
from handlers.tickets.ticket import Role as TicketRole


def test_the_tickets_know_the_same_roles_and_two_that_are_no_staff() -> None:
    assert {str(role) for role in TicketRole} == {str(role) for role in Role} | {"person", "system"}


def test_every_role_has_its_line_and_every_permission_its_holder() -> None:
    assert set(PERMISSIONS) == set(Role)
    assert frozenset().union(*PERMISSIONS.values()) == set(Permission)


def test_who_works_who_gives_keys_and_who_looks_on_are_three() -> None:
    for role in Role:
        kept = {Permission.WORK_TICKETS, Permission.MANAGE_ACCOUNTS, Permission.READ_AUDIT} & PERMISSIONS[role]
        assert len(kept) <= 1, role


@pytest.mark.parametrize(
    ("role", "permission", "allowed"),
    [
        (Role.CLERK, Permission.WORK_TICKETS, True),
        (Role.CLERK, Permission.APPROVE, False),
        (Role.CLERK, Permission.UNSEAL, False),
        (Role.SUPERVISOR, Permission.APPROVE, True),
        (Role.SUPERVISOR, Permission.EXPORT_UNMASKED, False),
        (Role.HEAD, Permission.EXPORT_UNMASKED, True),
        (Role.AUDITOR, Permission.READ_AUDIT, True),
        (Role.AUDITOR, Permission.UNMASK, False),
        (Role.ADMINISTRATOR, Permission.MANAGE_ACCOUNTS, True),
        (Role.ADMINISTRATOR, Permission.READ_TICKETS, False),
        (Role.HELPER, Permission.RECORD_CONTACT, True),
        (Role.HELPER, Permission.WORK_TICKETS, False),
    ],
)
def test_roles_may_do_what_the_table_says(role: Role, permission: Permission, allowed: bool) -> None:
    assert may(role, permission) is allowed
    if not allowed:
        with pytest.raises(NotPermitted) as caught:
            check_may(role, permission)
        assert caught.value.data == {"role": str(role), "permission": str(permission)}


@pytest.mark.parametrize(
    ("own", "other", "covered"),
    [
        ("420000", "420000", True),
        ("420000", "421083", True),
        ("420000", "421083001002", True),
        ("420000", "320000", False),
        ("421000", "421083", True),
        ("421000", "421000", True),
        ("421000", "421100", False),
        ("421000", "420000", False),
        ("420100", "420102", True),
        ("421083", "421083001", True),
        ("421083", "421083000", True),
        ("421083", "421081", False),
        ("421083", "421000", False),
        ("421083000", "421083100", True),
        ("421083100", "421083100001", True),
        ("421083100000", "421083100", True),
        ("421083100", "421083101", False),
        ("421083100", "421083", False),
        ("429004", "429005", False),
        ("441900", "441900003", True),
        ("460400", "460400100", True),
        ("420000", "420100-east", True),
        ("420100", "420100-east", True),
        ("420100-east", "420100-east", True),
        ("420100-east", "420100", False),
        ("420100-east", "420100-eastern", False),
        ("421083", "420100-east", False),
        ("eastlake", "eastlake", True),
        ("eastlake", "eastlake2", False),
        ("421083", "42108", False),
        ("421083", "421083x", False),
        ("421083", "", False),
        ("421083", None, False),
        ("000000", "421083", True),
        ("000000", None, False),
        ("", "421083", False),
    ],
)
def test_a_region_covers_itself_and_what_lies_below(own: str, other: str | None, covered: bool) -> None:
    assert Scope(own).covers(other) is covered


codes = st.from_regex(r"[1-6][0-9]{5}([0-9]{3}([0-9]{3})?)?", fullmatch=True)


@given(codes)
def test_every_code_lies_within_itself_and_everywhere(code: str) -> None:
    assert is_region_id(code)
    assert Scope(code).covers(code)
    assert ANYWHERE.covers(code)
    assert Scope(f"{code[:2]}0000").covers(code)


@given(codes, codes, codes)
def test_what_lies_below_what_lies_below_lies_below(first: str, second: str, third: str) -> None:
    if Scope(first).covers(second) and Scope(second).covers(third):
        assert Scope(first).covers(third)
