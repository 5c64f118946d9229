"""Who of the staff may do what, and where. Pure; every door to something of a region asks here.

Whoever is served ("person") and the program itself ("system") act too, but are no staff and have no role here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from bot.errors import UserFacingError

EVERYWHERE = "000000"
"""The region of whoever serves all places."""


class Role(StrEnum):
    """角色. The services' tables of moves use the same words."""

    CLERK = "clerk"  # 经办员
    SUPERVISOR = "supervisor"  # 科长、督办
    HEAD = "head"  # 局领导
    AUDITOR = "auditor"  # 审计员
    ADMINISTRATOR = "administrator"  # 系统管理员
    HELPER = "helper"  # 村级协办员


class Permission(StrEnum):
    """权限."""

    READ_TICKETS = "read_tickets"  # 看工单（脱敏）
    FILE_TICKETS = "file_tickets"  # 替群众登记
    WORK_TICKETS = "work_tickets"  # 办理
    RECORD_CONTACT = "record_contact"  # 登记联系记录
    ASSIGN = "assign"  # 派给别人
    APPROVE = "approve"  # 审核、批准
    SUPERVISE = "supervise"  # 督办
    READ_BOARD = "read_board"  # 看看板
    UNMASK = "unmask"  # 写明理由后看电话、姓名
    UNSEAL = "unseal"  # 写明理由后看保密件的反映人
    EXPORT = "export"  # 导出（脱敏）
    EXPORT_UNMASKED = "export_unmasked"  # 导出原文
    READ_AUDIT = "read_audit"  # 看审计记录
    MANAGE_ACCOUNTS = "manage_accounts"  # 管账号
    MANAGE_QUEUES = "manage_queues"  # 管队列
    ASSIGN_STAFF = "assign_staff"  # 排班、进出队列、交接
    MANAGE_SETTINGS = "manage_settings"  # 管时限、办公地点
    MANAGE_CANNED = "manage_canned"  # 管常用答复
    READ_CANNED = "read_canned"  # 看常用答复
    READ_PEOPLE = "read_people"  # 看人员档案（脱敏）
    RECORD_SERVICE = "record_service"  # 登记服务、改档案
    IMPORT_LEDGERS = "import_ledgers"  # 导入台账
    READ_OFFERS = "read_offers"  # 看招聘会、岗位、培训班
    MANAGE_OFFERS = "manage_offers"  # 发布和改招聘会、岗位、培训班
    CHECK_IN = "check_in"  # 活动签到
    MANAGE_NOTICES = "manage_notices"  # 起草通知
    APPROVE_NOTICES = "approve_notices"  # 批准群发


_CLERK = frozenset(
    {
        Permission.READ_TICKETS,
        Permission.FILE_TICKETS,
        Permission.WORK_TICKETS,
        Permission.RECORD_CONTACT,
        Permission.UNMASK,
        Permission.READ_CANNED,
        Permission.READ_PEOPLE,
        Permission.RECORD_SERVICE,
        Permission.READ_OFFERS,
        Permission.MANAGE_OFFERS,
        Permission.CHECK_IN,
        Permission.MANAGE_NOTICES,
    }
)
_SUPERVISOR = _CLERK | {
    Permission.ASSIGN,
    Permission.APPROVE,
    Permission.SUPERVISE,
    Permission.READ_BOARD,
    Permission.EXPORT,
    Permission.MANAGE_CANNED,
    Permission.ASSIGN_STAFF,
    Permission.IMPORT_LEDGERS,
    Permission.APPROVE_NOTICES,
}

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.CLERK: _CLERK,
    Role.SUPERVISOR: _SUPERVISOR,
    Role.HEAD: _SUPERVISOR | {Permission.UNSEAL, Permission.EXPORT_UNMASKED},
    # Whoever works, whoever gives the keys and whoever looks on are three, as the security level asks.
    Role.AUDITOR: frozenset({Permission.READ_TICKETS, Permission.READ_BOARD, Permission.READ_AUDIT, Permission.UNSEAL}),
    Role.ADMINISTRATOR: frozenset(
        {
            Permission.MANAGE_ACCOUNTS,
            Permission.MANAGE_QUEUES,
            Permission.ASSIGN_STAFF,
            Permission.MANAGE_SETTINGS,
            Permission.MANAGE_CANNED,
            Permission.READ_CANNED,
        }
    ),
    Role.HELPER: frozenset(
        {
            Permission.FILE_TICKETS,
            Permission.RECORD_CONTACT,
            Permission.READ_PEOPLE,
            Permission.RECORD_SERVICE,
            Permission.READ_OFFERS,
            Permission.CHECK_IN,
        }
    ),
}
"""The table: what is not in it is not allowed."""


class NotPermitted(UserFacingError):
    """The role does not hold the permission. Data: role, permission."""

    code = "not_permitted"


def may(role: Role, permission: Permission) -> bool:
    return permission in PERMISSIONS[role]


Needed: TypeAlias = Permission | tuple[Permission, ...]
"""What a page asks for: one permission, or any of several."""


def has(role: Role, needed: Needed) -> bool:
    return any(may(role, one) for one in ((needed,) if isinstance(needed, Permission) else needed))


def check_may(role: Role, needed: Needed) -> None:
    """Raises NotPermitted."""
    if not has(role, needed):
        first = needed if isinstance(needed, Permission) else needed[0]
        raise NotPermitted(role=str(role), permission=str(first))


_REGION = re.compile(r"[0-9]{6}(?:[0-9]{3}(?:[0-9]{3})?)?(?:-[0-9A-Za-z]{1,12})?")
_LEVELS = (2, 4, 6, 9)


def is_region_id(text: str) -> bool:
    """A division code of 6, 9 or 12 digits, or a zone without a code of its own as `420100-east`."""
    return _REGION.fullmatch(text) is not None


@dataclass(frozen=True)
class Scope:
    """A region and all below it. A zone without an official code is named under the division it lies in."""

    region: str

    @property
    def prefix(self) -> str | None:
        """What all ids within begin with: 420000 -> 42, 421000 -> 4210. None: nothing but the region itself."""
        if not is_region_id(self.region) or "-" in self.region:
            return None
        for length in _LEVELS:
            if not self.region[length:].strip("0"):
                return "" if self.region == EVERYWHERE else self.region[:length]
        return self.region

    def covers(self, region: str | None) -> bool:
        """Whether it lies within. No place lies in no scope; an id of a shape that we do not know, only in its own."""
        if region is None:
            return False
        if region == self.region:
            return True
        return self.prefix is not None and is_region_id(region) and region.startswith(self.prefix)


ANYWHERE = Scope(EVERYWHERE)
"""For whoever works at the machine itself."""
