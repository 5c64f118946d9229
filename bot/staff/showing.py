"""An account and a line of the audit as plain values, for lists and scripts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bot.clock import LOCAL
from bot.staff.models import AuditEntry, Staff


def describe_account(account: Staff, now: datetime) -> dict[str, Any]:
    """No password, and no id of another service."""
    return {
        "id": account.id,
        "username": account.username,
        "display_name": account.display_name,
        "role": account.role,
        "region": account.region,
        "telegram": account.telegram_id is not None,
        "on_duty": account.on_duty,
        "locked": account.locked_until is not None and account.locked_until > now,
        "disabled": account.disabled_at is not None,
        "must_change_password": account.must_change_password,
        "last_seen_at": _local(account.last_seen_at) if account.last_seen_at else None,
    }


def describe_entry(entry: AuditEntry) -> dict[str, Any]:
    """As it stands, with the time at the bureau."""
    return {
        "seq": entry.seq,
        "at": _local(entry.at),
        "actor": entry.actor_kind + (f":{entry.actor_id}" if entry.actor_id is not None else ""),
        "action": entry.action,
        "subject": f"{entry.subject_kind}:{entry.subject_id}",
        "reason": entry.reason,
        "data": entry.data,
    }


def _local(at: datetime) -> str:
    return at.astimezone(LOCAL).isoformat(timespec="seconds")
