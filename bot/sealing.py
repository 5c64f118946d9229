"""Short personal texts (name, phone, ID number, address) in the database: sealed, found again, shown half hidden.

A service makes one `Sealer` of its own purpose: `Sealer(parts.keys, "tickets")`. In a table the sealed bytes stand
beside the digest by which they are found; on screens and in exports stands what `mask_…` leaves.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import unicodedata

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bot.keys import Keys

_VERSION = b"\x01"
_NONCE = 12

_SPOKEN = str.maketrans("〇零一幺二两三四五六七八九", "0011223456789")
_PHONE = re.compile(
    # In the groups in which mobile numbers are written, so that no part of a card or identity number is taken for one.
    r"(?<![0-9])(?:(?:\+|00)?86[ -]{0,3})?"
    r"(1[3-9][0-9](?:[ -]{0,3}[0-9]{4}[ -]{0,3}[0-9]{4}|[0-9][ -]{0,3}[0-9]{3}[ -]{0,3}[0-9]{4}))(?![0-9xX])"
)
_NUMBER = re.compile(r"[0-9+()*# -]*[0-9][0-9+()*# -]*[xX]?")


class SealBroken(Exception):
    """Sealed with another key, for another context, or changed since."""


class Sealer:
    """Seals with AES-256-GCM; digests with HMAC-SHA256. Both keys come from the installation's one secret."""

    def __init__(self, keys: Keys, purpose: str) -> None:
        self._cipher = AESGCM(keys.derive(f"{purpose}.seal"))
        self._digest_key = keys.derive(f"{purpose}.digest")

    def seal(self, text: str, context: str) -> bytes:
        """`context` names the place, such as `ticket.phone`: bytes moved elsewhere do not open."""
        nonce = secrets.token_bytes(_NONCE)
        return _VERSION + nonce + self._cipher.encrypt(nonce, text.encode(), _VERSION + context.encode())

    def open(self, sealed: bytes, context: str) -> str:
        """Raises SealBroken."""
        version, nonce, body = sealed[:1], sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :]
        if version != _VERSION or len(nonce) != _NONCE:
            raise SealBroken
        try:
            return self._cipher.decrypt(nonce, body, version + context.encode()).decode()
        except InvalidTag:
            raise SealBroken from None

    def digest(self, text: str) -> str:
        """The same for the same name or number however it was written; for exact search. 64 hexadecimal digits."""
        return hmac.new(self._digest_key, normalise(text).encode(), hashlib.sha256).hexdigest()


def normalise(text: str) -> str:
    """What counts of a name or number: +86 138-1234 5678, １３８…, 电话138… -> 13812345678; names without spaces."""
    if phone := find_phone(text):
        return phone
    plain = unicodedata.normalize("NFKC", text).strip()
    if _NUMBER.fullmatch(plain):
        return re.sub(r"[^0-9X]", "", plain.upper())
    return re.sub(r"[\s·•.・]", "", plain).casefold()


def find_phone(text: str) -> str | None:
    """The first mobile number in what somebody wrote or said, as eleven digits; None without one."""
    plain = re.sub(r"[\s\u2010-\u2015]", " ", unicodedata.normalize("NFKC", text))
    for words in (plain, plain.translate(_SPOKEN)):
        if found := _PHONE.search(words):
            return re.sub(r"[ -]", "", found[1])
    return None


def mask_phone(phone: str) -> str:
    """13812345678 -> 138****5678; of other numbers the last four."""
    digits = find_phone(phone)
    if digits is not None:
        return f"{digits[:3]}****{digits[-4:]}"
    digits = re.sub(r"[^0-9]", "", unicodedata.normalize("NFKC", phone))
    return "****" + digits[-4:] if len(digits) >= 7 else "****"


def mask_name(name: str) -> str:
    """张三 -> 张*, 张小三 -> 张*三, 欧阳小三 -> 欧**三; 示例·李某 -> 示例·李*, 阿卜杜拉·买买提 -> 阿***·买**.

    Of a name in parts each part says for itself how little of it is shown.
    """
    name = name.strip()
    first, dot, rest = name.partition("·")
    if dot and first and rest:
        shown = first if len(first) <= 2 else f"{first[0]}{'*' * (len(first) - 1)}"
        return "·".join([shown, *(part[:1] + "*" * max(1, len(part) - 1) for part in rest.split("·"))])
    if len(name) <= 2:
        return f"{name[:1]}*" if name else ""
    return f"{name[0]}{'*' * (len(name) - 2)}{name[-1]}"


def mask_id(number: str) -> str:
    """421083199001011234 -> 421083********1234."""
    number = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", number)).upper()
    if len(number) < 15:
        return "*" * len(number)
    return f"{number[:6]}{'*' * (len(number) - 10)}{number[-4:]}"
