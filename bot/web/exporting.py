"""What every export of the console asks before names and numbers go out in full, and while another is being written."""

from __future__ import annotations

from bot.errors import UserFacingError
from bot.staff.roles import Permission, check_may
from bot.web.console import Visit

LONGEST_REASON = 500
"""Characters."""


class ExportBusy(UserFacingError):
    """One at a time."""

    code = "export_busy"


class ReasonNeeded(UserFacingError):
    """Names and phones are given out with a reason only."""

    code = "export_reason"


def read_unmasking(visit: Visit) -> tuple[bool, str]:
    """(whether in full, why) as the form asks for it; masked there is no reason. Raises NotPermitted, ReasonNeeded."""
    if visit.form.get("unmasked") != "yes":
        return False, ""
    check_may(visit.staff.as_role, Permission.EXPORT_UNMASKED)
    reason = visit.form.get("text", "").strip()[:LONGEST_REASON]
    if not reason:
        raise ReasonNeeded
    return True, reason
