"""A campaign as a script writes it: JSON with names of places and groups. What is left out follows from the rest."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.clock import LOCAL
from bot.messages import ChannelName
from bot.staff.roles import EVERYWHERE
from handlers.notices.audience import All, Region, Rule
from handlers.notices.campaign import EVERY_CHANNEL, CampaignUnfit, Kind
from handlers.notices.drafts import Draft, Reading
from handlers.notices.labels import label, names_of

KEYS = frozenset(
    {
        *("text", "texts", "audience", "approved_by", "kind", "title", "region", "offer", "starts", "recent_days"),
        *("policy", "provision", "old", "new", "when", "where"),
    }
)
GIVEN = ("old", "new", "when", "where")
KIND_OF = {"fair": Kind.FAIR, "vacancy": Kind.VACANCY, "course": Kind.TRAINING}
"""What advertises an offer of this kind."""


def read_written(
    written: Mapping[str, Any], reading: Reading, *, offered: str = ""
) -> tuple[Draft, str, datetime | None]:
    """-> (the draft, who approved it, when it is to start). Raises CampaignUnfit, AudienceUnfit.

    `offered`: the kind of the offer that it names, for who gives no kind of notice.
    """
    faults = {key: "unknown" for key in written if key not in KEYS}
    kind = _kind(str(written.get("kind") or KIND_OF.get(offered, Kind.POLICY)), faults)
    starts = _moment(written.get("starts"), faults)
    if "audience" not in written:
        faults["audience"] = "missing"
    days = written.get("recent_days", 0)
    if not isinstance(days, int) or isinstance(days, bool) or not 0 <= days <= 365:
        faults["recent_days"] = "number"
    texts = written.get("texts") or {}
    if not isinstance(texts, dict):
        faults["texts"] = "shape"
    else:
        faults |= {f"texts.{key}": "unknown" for key in texts if key not in set(ChannelName)}
    region = str(written.get("region") or "")
    code = reading.names.region(region) if region else None
    if region and code is None:
        faults["region"] = "unknown"
    if faults:
        raise CampaignUnfit(faults=faults)
    rule = reading.rule_of(written["audience"])
    draft = Draft(
        kind,
        str(written.get("title") or label("title", str(kind))),
        code or _region_of(rule) or EVERYWHERE,
        {**{str(key): str(text) for key, text in texts.items()}, EVERY_CHANNEL: str(written.get("text") or "")},
        written["audience"],
        days,
        {name: str(written[name]) for name in GIVEN if written.get(name)},
        str(written.get("offer") or ""),
        str(written.get("policy") or ""),
        str(written.get("provision") or ""),
    )
    return draft, str(written.get("approved_by") or "").strip(), starts


def _kind(name: str, faults: dict[str, str]) -> Kind:
    found = [kind for kind in Kind if name in (str(kind), names_of("kind")[str(kind)])]
    if not found:
        faults["kind"] = "unknown"
    return found[0] if found else Kind.POLICY


def _moment(value: Any, faults: dict[str, str]) -> datetime | None:
    """An ISO time; without a zone it is local."""
    if not value:
        return None
    try:
        at = datetime.fromisoformat(str(value))
    except ValueError:
        faults["starts"] = "shape"
        return None
    return at if at.tzinfo else at.replace(tzinfo=LOCAL)


def _region_of(rule: Rule) -> str | None:
    """The one place in which all of them live, if the rule names it."""
    if isinstance(rule, Region):
        return rule.codes[0] if len(rule.codes) == 1 else None
    if isinstance(rule, All):
        return next((code for part in rule.parts if (code := _region_of(part))), None)
    return None
