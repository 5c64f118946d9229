"""The form of an account as it was posted, and what is wrong with it, field by field."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from bot.errors import UserFacingError
from bot.staff.accounts import NoSuchAccount, TelegramUnfit, UsernameUnfit, is_telegram_id, login_of
from bot.staff.managing import NoSuchPlace, Turns, find_place
from bot.staff.models import Staff
from bot.staff.ports import PlaceNames
from bot.staff.roles import EVERYWHERE, Role, Scope
from bot.web.console import Visit

FIELDS = {
    "username_unfit": "username",
    "username_taken": "username",
    "telegram_unfit": "telegram",
    "telegram_taken": "telegram",
    "no_such_place": "place",
    "no_such_queue": "queue",
    "member_unfit": "queue",
    "role_unknown": "role",
    "not_yourself": "role",
    "last_administrator": "role",
    "work_in_hand": "role",
}
"""Code of a refusal -> the field it belongs to."""


class RoleUnknown(UserFacingError):
    code = "role_unknown"


@dataclass(frozen=True)
class AccountRead:
    """What a sound form says."""

    role: Role
    region: str


@dataclass(frozen=True)
class AccountForm:
    """As it was typed."""

    username: str = ""
    display_name: str = ""
    role: str = ""
    place: str = ""
    telegram: str = ""
    queue_ids: tuple[int, ...] = ()

    @classmethod
    def read(cls, visit: Visit) -> AccountForm:
        given = {name: visit.form.get(name, "").strip()[:80] for name in ("username", "display_name", "role", "place")}
        ids = tuple(dict.fromkeys(int(one) for one in visit.all("queue") if _is_id(one)))
        return cls(**given, telegram=visit.form.get("telegram", "").strip()[:32], queue_ids=ids)

    @classmethod
    def of(cls, staff: Staff, place: str) -> AccountForm:
        return cls(staff.username, staff.display_name, staff.role, place, staff.telegram_id or "")

    def check(self, places: PlaceNames, scope: Scope) -> tuple[AccountRead | None, dict[str, UserFacingError]]:
        """-> (what it says, None where it cannot be told; what is wrong, by field)"""
        faults: dict[str, UserFacingError] = {}
        region = EVERYWHERE
        if self.role not in set(Role):
            faults["role"] = RoleUnknown()
        try:
            region = find_place(places, self.place, scope=scope)
        except NoSuchPlace as error:
            faults["place"] = error
        if self.telegram and not is_telegram_id(self.telegram):
            faults["telegram"] = TelegramUnfit()
        return (None if faults else AccountRead(Role(self.role), region)), faults

    def check_new(self, places: PlaceNames, scope: Scope) -> tuple[AccountRead | None, dict[str, UserFacingError]]:
        """The same for one that has no name yet."""
        read, faults = self.check(places, scope)
        if login_of(self.username) is None:
            return None, {"username": UsernameUnfit(username=self.username), **faults}
        return read, faults

    @staticmethod
    def field_of(error: UserFacingError) -> str:
        return FIELDS.get(error.code, "username")


def read_id(request: web.Request) -> int:
    """Whose account an address means. Raises NoSuchAccount for what is no id."""
    words = request.match_info["id"]
    if not _is_id(words):
        raise NoSuchAccount(username=words[:40])
    return int(words)


def turns_of(words: str) -> Turns | None:
    """`turns`, or the id of a colleague; None where nothing was chosen."""
    if words == "turns":
        return Turns()
    return Turns(int(words)) if _is_id(words) else None


def _is_id(words: str) -> bool:
    return words.isascii() and words.isdecimal() and 0 < len(words) < 16
