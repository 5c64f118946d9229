"""A conversation in memory, in the shape of `bot.conversation.Conversation`: enough to test what the web does."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from jinja2 import DictLoader

from bot.conversation import Answered
from bot.messages import Address, Choice, ChoiceKind, Incoming, Shown, Speaker
from bot.replies import ReplyBook

MORNING = datetime.fromisoformat("2026-11-24T10:02:00+08:00")

SOURCE = {
    "title": "2023年退捕渔民就业安置和养老保险工作方案",
    "number": "洪人社办〔2023〕7号",
    "section": "二、（四）",
    "quotes": ["对企业吸纳退捕渔民就业的，给予 1000 元/人一次性吸纳就业补贴。"],
}
KINDS = {"有用": ChoiceKind.USEFUL, "没用": ChoiceKind.USELESS}
HIRING: dict[str, Any] = {
    "name": "一次性吸纳就业补贴",
    "figures": [["1000", "元 / 人", "这笔钱给企业，不是给个人。"]],
    "conditions": ["招退捕渔民就业", "签 1 年以上劳动合同", "缴社会保险费"],
    "unsaid": [],
    "source": SOURCE,
}
STARTING: dict[str, Any] = {
    "name": "一次性创业补贴（给个人）",
    "figures": [["5000", "元", "返乡首次创业"], ["2000", "元", "就业困难人员开小微企业、干个体"]],
    "conditions": [],
    "unsaid": ["两样能不能都拿", "交什么材料、到哪里办"],
    "source": SOURCE,
}
CARD = """{% import "replies/macros.html" as card %}
{% if figures | length == 1 %}
{{ card.fig(name, "洪湖市", figures[0][0], figures[0][1], figures[0][2], period="ended") }}
{% else %}
{{ card.figs(name, "洪湖市", figures, period="ended") }}
{% endif %}
{{ card.ticks("企业要同时做到", conditions) }}
{{ card.unsaid(unsaid) }}
{{ card.period_note("ended", "它管的是 2023 年，现在还有没有，以当地人社部门最新文件为准。") }}
{{ card.source("《" ~ source.title ~ "》", source.number, source.section) }}
{{ card.original([{"quotes": source.quotes, "cite": source.number ~ " " ~ source.section}]) }}"""


CALM = "您先别急，也别一个人扛着。请现在就打 12356，有人听您说；身边有危险，打 120 或 110。"
CALM_CARD = f"""{{% import "replies/macros.html" as card %}}{{{{ card.calm("{CALM}") }}}}
{{{{ card.calls([("12356", "心理援助热线"), ("120", "急救"), ("110", "报警")]) }}}}
<p>身边有家人、邻居，请叫一个人来陪您。</p>"""


def make_book() -> ReplyBook:
    """The wording of the product, with a card of this talk."""
    book = ReplyBook()
    book.add_templates(DictLoader({"replies/fake/answer.html": CARD, "replies/fake/calm.html": CALM_CARD}))
    return book


@dataclass
class FakeTalk:
    """Answers by what it reads in the words; keeps every event once."""

    at: datetime = MORNING
    messages: dict[Address, list[Shown]] = field(default_factory=lambda: defaultdict(list))
    seen: dict[tuple[Address, str], Answered] = field(default_factory=dict)
    marked: dict[Address, int] = field(default_factory=dict)
    incoming: list[Incoming] = field(default_factory=list)
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def answer(self, incoming: Incoming) -> Answered:
        address = incoming.address
        if found := self.seen.get((address, incoming.event_id)):
            return found
        self.incoming.append(incoming)
        said = self._label(address, incoming.value) if incoming.value is not None else incoming.text
        if "坏" in said:
            raise RuntimeError(said)
        own = self._add(address, Speaker.YOU, said)
        answered = Answered(own, (self._reply(address, said, incoming),))
        self.seen[address, incoming.event_id] = answered
        await self._wake()
        return answered

    async def push(self, address: Address, text: str, speaker: Speaker = Speaker.STAFF) -> Shown:
        """News that nobody asked for."""
        shown = self._add(address, speaker, text, pushed=True)
        await self._wake()
        return shown

    async def history(
        self, address: Address, after_seq: int = 0, *, before_seq: int | None = None, limit: int = 200
    ) -> list[Shown]:
        found = [m for m in self.messages[address] if m.seq > after_seq and (before_seq is None or m.seq < before_seq)]
        return found[-limit:]

    async def follow(self, address: Address, after_seq: int = 0) -> AsyncIterator[list[Shown]]:
        while True:
            if news := await self.history(address, after_seq):
                after_seq = news[-1].seq
                yield news
            else:
                async with self.changed:
                    await self.changed.wait()

    async def mark_seen(self, address: Address, seq: int) -> None:
        self.marked[address] = seq

    def fill(self, address: Address, pairs: int) -> None:
        """A long conversation."""
        for number in range(1, pairs + 1):
            self._add(address, Speaker.YOU, f"问题 {number}")
            self._add(address, Speaker.BOT, f"回答 {number}")

    async def _wake(self) -> None:
        async with self.changed:
            self.changed.notify_all()

    def _label(self, address: Address, value: str | None) -> str:
        offered = [choice for message in self.messages[address] for choice in message.choices]
        return next((choice.label for choice in offered if choice.value == value), f"（没有这个按钮）{value}")

    def _reply(self, address: Address, said: str, incoming: Incoming) -> Shown:
        labels: tuple[tuple[str, bool], ...]
        if incoming.attachments:
            return self._add(address, Speaker.BOT, "照片我看不了，请打字告诉我。")
        if "多少" in said and "洪湖" not in said:
            labels = (("洪湖", False), ("武汉", False), ("罗庄", False), ("别处", True))
            return self._add(address, Speaker.BOT, "各地不一样。您问哪里的？", labels=labels)
        if "不想活" in said:
            return self._add(address, Speaker.BOT, CALM, "fake/calm", {})
        rating = (("有用", False), ("没用", False))
        if "店" in said:
            labels = (("我算不算就业困难人员", False), ("贷款最多多少", False), ("问工作人员", True), *rating)
            return self._add(address, Speaker.BOT, "返乡首次创业 5000 元。", "fake/answer", STARTING, labels)
        if "补贴" in said or said == "洪湖":
            labels = (("怎么申请", False), ("请工作人员核实现在还有没有", False), *rating)
            return self._add(address, Speaker.BOT, "1000 元/人，给企业。", "fake/answer", HIRING, labels)
        return self._add(address, Speaker.BOT, f"您说的是：{said}\n\n可以这样：\n· 打字问\n· 点一下")

    def _add(
        self,
        address: Address,
        speaker: Speaker,
        text: str,
        template: str | None = None,
        data: Mapping[str, Any] | None = None,
        labels: tuple[tuple[str, bool], ...] = (),
        *,
        pushed: bool = False,
    ) -> Shown:
        log = self.messages[address]
        seq = len(log) + 1
        choices = tuple(
            Choice(label, "policy:choose", {}, f"{seq}-{number}", quiet, KINDS.get(label, ChoiceKind.STEP))
            for number, (label, quiet) in enumerate(labels)
        )
        shown = Shown(seq, speaker, text, self.at + timedelta(minutes=seq), template, data or {}, choices, pushed)
        log.append(shown)
        return shown
