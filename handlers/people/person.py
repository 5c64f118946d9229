"""The rules about a person's record: its closed sets, what may be agreed to, and how old somebody is. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any


class Purpose(StrEnum):
    """What a person can agree to, each for itself."""

    NOTICES = "notices"
    """Notices of the bureau that concern them."""
    JOB_NOTICES = "job_notices"
    """Those about work and fairs: a no stands beside a yes to NOTICES."""
    COURSE_NOTICES = "course_notices"
    """Those about courses, likewise."""
    GAP_NEWS = "gap_news"
    """To be told when a question that had no answer has one."""
    REMINDERS = "reminders"
    """Of what they registered for: agreed to by registering, ended by TD."""
    PROFILE = "profile"
    """To keep what they said of themselves, for better answers."""
    CHECK_INS = "check_ins"
    """To be asked now and then how work goes."""
    DISABILITY = "disability"
    """To keep that they have a disability: sensitive, asked for by itself (PIPL 28-30)."""


MESSAGES = (
    Purpose.NOTICES,
    Purpose.JOB_NOTICES,
    Purpose.COURSE_NOTICES,
    Purpose.GAP_NEWS,
    Purpose.CHECK_INS,
    Purpose.REMINDERS,
)
"""All purposes for which we write to somebody who asked nothing: TD ends them."""


class Group(StrEnum):
    """人员类别. Names are those of `knowledge/asker.yaml` where the interview asks for the same thing."""

    RETIRED_FISHER = "retired_fisher"  # 退捕渔民
    POVERTY_LIFTED = "poverty_lifted"  # 脱贫人口
    MONITORED = "monitored"  # 防返贫监测对象
    LOW_INCOME = "low_income"  # 低收入人口
    DIBAO = "dibao"  # 低保
    TEKUN = "tekun"  # 特困
    HARD_TO_EMPLOY = "hard_to_employ"  # 就业困难人员
    RETURNED_HOME = "returned_home"  # 返乡农民工
    RURAL_LABOUR = "rural_labour"  # 农村劳动力
    GRADUATE = "graduate"  # 高校毕业生
    VETERAN = "veteran"  # 退役军人
    DISABILITY_CERTIFICATE = "disability_certificate"  # 残疾人: only after a yes to DISABILITY, or from the ledger
    EMPLOYER = "employer"  # 企业
    CADRE = "cadre"  # 村干部


SENSITIVE = frozenset({Group.DISABILITY_CERTIFICATE})
"""Kept from a chat only after a separate yes."""


class Source(StrEnum):
    """Who says so."""

    SAID = "said"
    STAFF = "staff"
    LEDGER = "ledger"


class Employment(StrEnum):
    """就业状态 (T2)."""

    EMPLOYED = "employed"  # 已就业
    UNEMPLOYED = "unemployed"  # 未就业
    NOT_LOOKING = "not_looking"  # 无意愿
    UNABLE = "unable"  # 无劳动能力


class WorkForm(StrEnum):
    """就业形式 (T2)."""

    COMPANY = "company"  # 企业
    FLEXIBLE = "flexible"  # 灵活
    BUSINESS = "business"  # 创业
    PUBLIC_POST = "public_post"  # 公益岗
    FARMING = "farming"  # 务农养殖


class WishKind(StrEnum):
    WORK = "work"
    TRAINING = "training"


class AgeBand(StrEnum):
    """年龄段."""

    UNDER_16 = "0-15"
    YOUNG = "16-29"
    MIDDLE = "30-44"
    OLDER = "45-59"
    SIXTY = "60-"

    @classmethod
    def of(cls, age: int) -> AgeBand:
        for least, band in ((60, cls.SIXTY), (45, cls.OLDER), (30, cls.MIDDLE), (16, cls.YOUNG)):
            if age >= least:
                return band
        return cls.UNDER_16


def age_band_of(birth_year: int | None, said: str, *, today: date) -> AgeBand | None:
    """The year of birth where it is known, else what was said."""
    if birth_year is not None:
        return AgeBand.of(today.year - birth_year)
    return AgeBand(said) if said else None


@dataclass(frozen=True)
class Profile:
    """What we know of a person. Nothing is guessed: a place is there because they said it."""

    region: str | None = None
    """Division code of their place."""
    agreed: frozenset[Purpose] = frozenset()
    refused: frozenset[Purpose] = frozenset()
    """What they said no to; it is not asked again."""

    told: Mapping[str, Any] = field(default_factory=dict)
    """Answers of the eligibility interview, where they agreed that they are kept."""

    def may(self, purpose: Purpose) -> bool:
        """Only a yes is a yes: who never answered has not agreed. Of a kind of notices a no to it is enough."""
        if purpose in (Purpose.JOB_NOTICES, Purpose.COURSE_NOTICES):
            return Purpose.NOTICES in self.agreed and purpose not in self.refused
        return purpose in self.agreed

    def was_asked(self, purpose: Purpose) -> bool:
        return purpose in self.agreed or purpose in self.refused


NOBODY = Profile()
