"""What a campaign says: one typed reply, worded by `templates/replies/notices/`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from bot.messages import Choice, Reply
from handlers.notices.campaign import Kind, fill, text_for, variables_in
from handlers.notices.labels import label

if TYPE_CHECKING:
    from handlers.notices.drafts import Draft
    from handlers.notices.models import Campaign


@dataclass(frozen=True)
class Clause:
    """The clause that a notice rests on."""

    title: str
    number: str
    """文号; empty where the document has none."""
    section: str
    period: str
    """in_force, ended or undated."""
    period_words: str

    @property
    def words(self) -> str:
        return f"{self.number or self.title} {self.section}".strip()


@dataclass(frozen=True)
class NoticeReply(Reply):
    """A notice of the bureau, as everybody of the campaign gets it."""

    template: ClassVar[str] = "notices/notice"
    kind: str
    title: str
    says: str
    """The text of its channel, filled. (A card calls the whole of its words `text`.)"""
    place: str
    clause: Clause | None
    code: str
    """Of the offer; empty without one."""

    @classmethod
    def sample(cls) -> NoticeReply:
        clause = Clause(
            "2023年退捕渔民就业安置和养老保险工作方案", "洪人社办〔2023〕7号", "二、（三）", "ended", "2023年"
        )
        text = "12月5日上午9点，新堤街道有招聘会，30家单位到场。"
        return cls("fair", "渔民专场招聘会", text, "洪湖市", clause, "1024", choices=buttons("1024"))


def notice_of(what: Draft | Campaign, channel: str, values: Mapping[str, str], clause: Clause | None) -> NoticeReply:
    """As a channel shows it; its text must have no faults. A correction says both, the old and the new."""
    text = text_for(what.texts, channel)
    adds = Kind(what.kind) is Kind.CORRECTION and not {"old", "new"} <= set(variables_in(text))
    return NoticeReply(
        str(what.kind),
        what.title,
        fill(text, values) + (label("both", "words").format(**values) if adds else ""),
        values["place"],
        clause,
        what.offer,
        choices=buttons(what.offer),
    )


def buttons(code: str) -> tuple[Choice, ...]:
    """报名 under what advertises an offer, and the way out."""
    register = (Choice(label("button", "register"), "offers:register", {"code": code}),) if code else ()
    return (*register, Choice(label("button", "stop"), quiet=True))


KINDS: tuple[type[Reply], ...] = (NoticeReply,)
