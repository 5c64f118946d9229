"""The bureaus as the console has entered them, over those of `offices.yaml`; answers read them at each use."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace

from bot.errors import UserFacingError
from bot.staff.bureau import BureauSettings
from handlers.policy.knowing import Knowing
from knowledge.offices import Office

PREFIX = "office/"
ADVERTISEMENT = "4001076681"
"""Stands under one of the documents as given; it is nobody's bureau."""
_PHONES = (
    r"0\d{2,3}-?[2-9]\d{6,7}(?:(?:-|转)\d{1,6})?",  # with its area code, perhaps an extension
    r"1[3-9]\d{9}",
    r"[48]00-?\d{3}-?\d{4}",
    r"12\d{3}",  # 12333, 12345
)
_PHONE = re.compile("|".join(_PHONES), re.ASCII)


class PhoneUnfit(UserFacingError):
    code = "phone_unfit"


class PhoneAdvertised(UserFacingError):
    """The number of an advertisement, not of a bureau."""

    code = "phone_advertised"


class OfficeUnnamed(UserFacingError):
    code = "office_unnamed"


class EnteredOffices(Mapping[str, Office]):
    """By region; what is entered goes before what ships."""

    def __init__(self, shipped: Mapping[str, Office], settings: BureauSettings) -> None:
        self._shipped = shipped
        self._settings = settings

    def __getitem__(self, code: str) -> Office:
        entered = self._settings.get(PREFIX + code)
        if not entered:
            return self._shipped[code]
        return Office(entered["name"], *(entered.get(name) or None for name in ("phone", "address", "hours")))

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys([*self._shipped, *self._settings.under(PREFIX)]))

    def __len__(self) -> int:
        return sum(1 for _ in self)


def follow_offices(knowing: Knowing, settings: BureauSettings) -> Knowing:
    """The same knowledge, with the offices as they are entered now and at any time later."""
    by_region = EnteredOffices(knowing.offices.by_region, settings)
    return replace(knowing, offices=replace(knowing.offices, by_region=by_region))


@dataclass(frozen=True)
class OfficeForm:
    """As it was typed."""

    name: str = ""
    phone: str = ""
    address: str = ""
    hours: str = ""

    @classmethod
    def read(cls, form: Mapping[str, str]) -> OfficeForm:
        most = {"name": 60, "phone": 30, "address": 80, "hours": 60}
        return cls(**{name: " ".join(form.get(name, "").split())[:length] for name, length in most.items()})

    @classmethod
    def of(cls, office: Office | None) -> OfficeForm:
        return cls(**{name: value or "" for name, value in asdict(office).items()}) if office else cls()

    def check(self) -> tuple[OfficeForm, dict[str, UserFacingError]]:
        """-> (with its phone written as phones are; what is wrong, by field)"""
        faults: dict[str, UserFacingError] = {}
        phone = self.phone
        if not self.name:
            faults["name"] = OfficeUnnamed()
        try:
            phone = read_phone(self.phone)
        except UserFacingError as error:
            faults["phone"] = error
        return replace(self, phone=phone), faults


def read_phone(words: str) -> str:
    """Of one office, or empty. Raises PhoneUnfit, PhoneAdvertised."""
    text = re.sub(r"[\s()]", "", unicodedata.normalize("NFKC", words))
    text = re.sub(r"[‐‑‒–—―−]", "-", text)
    if re.sub(r"\D", "", text) == ADVERTISEMENT:
        raise PhoneAdvertised
    if text and not _PHONE.fullmatch(text):
        raise PhoneUnfit
    return text
