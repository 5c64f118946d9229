"""Words that name a matter people ask about."""

from __future__ import annotations

import re

TOPICS = tuple(
    re.compile(shape)
    for shape in (
        r"培训|学手艺|学技术|学门|技能|上课",
        r"贷款|贴息|抵押|担保",
        r"养老",
        r"社保|社会保险|五险|保险",
        r"医保|大病|看病|报销|医疗",
        r"公益(性)?岗|保洁|护湖|护河",
        r"创业|开店|做生意|个体",
        r"招(人|工|渔民|脱贫)|吸纳|用工",
        r"路费|车费|交通|来回的钱",
        r"房租|租金|店租|场地",
        r"车间|工坊",
        r"以工代赈",
        r"雨露|职校|技校|中专|上学|学费",
        r"仲裁|打官司",
        r"欠薪|工资|工钱",
        r"零工|灵活就业|摆摊|外卖",
        r"招聘会|找(活|工作|事)|岗位推荐",
        r"劳务(协作|品牌)|外出(打工|务工)",
        r"中介|职业介绍|介绍工作",
        r"监测|返贫",
        r"毕业生|大学生",
        r"基地|示范",
    )
)
"""Words that name a matter. One that was not spoken of before begins a new one."""


def names_matter(text: str) -> bool:
    return any(topic.search(text) for topic in TOPICS)


def names_other_matter(text: str, spoken_of: str) -> bool:
    """A matter is named that was not spoken of before: 那培训有补贴没, after public posts."""
    return any(topic.search(text) and not topic.search(spoken_of) for topic in TOPICS)
