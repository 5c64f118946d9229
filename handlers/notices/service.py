"""Wires the notices service: what it says, and the loop that sends."""

from __future__ import annotations

from bot.app import Service
from handlers.notices import replies
from handlers.notices.office import NoticeOffice


def make_service(office: NoticeOffice) -> Service:
    return Service(replies=replies.KINDS, loops={"notices": office.feeding.run})
