"""What every export of the console asks before names and numbers go out in full, and while another is written."""

from __future__ import annotations

from collections.abc import Mapping

from bot.errors import UserFacingError
from bot.staff.roles import Permission, Role, check_may

LONGEST_REASON = 500


class ExportBusy(UserFacingError):
    """One at a time."""

    code = "export_busy"


class ReasonNeeded(UserFacingError):
    """Names and phones are given out with a reason only."""

    code = "export_reason"
