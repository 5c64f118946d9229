"""The words of the people service, on buttons and in sentences: `templates/replies/people/labels.yaml`."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml

from bot.messages import Choice
from handlers.people.person import Employment, Group, WishKind, WorkForm
from handlers.people.profiling import Kept, WishKept
from handlers.people.said import Said, WishSaid
from handlers.people.trades import load_trades
from knowledge.regions import Regions


@lru_cache(maxsize=1)
def _labels() -> dict[str, Any]:
    text = (files("templates") / "replies" / "people" / "labels.yaml").read_text("utf-8")
    data: dict[str, Any] = yaml.safe_load(text)
    return data


def label(group: str, name: str) -> str:
    """`label("group", "retired_fisher")` -> 退捕渔民."""
    return str(_labels()[group][name])


def button(name: str, *, quiet: bool = False, **data: Any) -> Choice:
    """A button whose action is its name: `button("add")`."""
    return Choice(label("button", name), f"people:{name}", data, quiet=quiet)


def say_group(group: Group | str) -> str:
    """是退捕渔民, 吃低保: what stands behind 您."""
    form = "group_bare" if str(group) in _labels()["groups_bare"] else "group"
    return label("said", form).format(words=label("group", str(group)))


def say_wish(wish: WishSaid | WishKept, regions: Regions) -> str:
    """想找保安的活，去武汉市，每月 4000 元起; 想学月嫂."""
    name = load_trades().name(wish.trade) or wish.words
    if wish.kind == WishKind.TRAINING:
        return label("said", "training").format(words=name) if name else label("said", "any_training")
    words = label("said", "work").format(words=name) if name else label("said", "any_work")
    if wish.region:
        words += label("said", "work_place").format(words=regions.full_name(wish.region))
    if wish.pay_from:
        words += label("said", "pay").format(yuan=wish.pay_from)
    return words


def say_place(region: str | None, village: str, regions: Regions) -> str:
    """洪湖市新堤街道界牌村; empty if nothing is known."""
    return (regions.whole_name(region) if region else "") + village


def say_all(said: Said, regions: Regions, *, year: int) -> tuple[str, ...]:
    """All that was read of somebody, each as it stands behind 您."""
    words = [say_group(group) for group in said.groups]
    if place := say_place(said.region, said.village, regions):
        words.append(label("said", "place").format(words=place))
    if said.birth_year:
        words.append(label("said", "age").format(years=year - said.birth_year))
    elif said.age_band:
        words.append(label("said", "age_band").format(words=label("age_band", str(said.age_band))))
    words += _work_of(said.employment, said.work_form)
    if said.skills:
        words.append(label("said", "skills").format(words="、".join(said.skills)))
    return (*words, *(say_wish(wish, regions) for wish in said.wishes))


def _work_of(employment: Employment | str | None, form: WorkForm | str | None) -> list[str]:
    words = []
    if employment:
        words.append(label("said", "employment").format(words=label("employment", str(employment))))
    if form:
        words.append(label("said", "work_form").format(words=label("work_form", str(form))))
    return words


def say_item(kept: Kept, item: str, regions: Regions) -> str:
    """One item of what is kept, in words; empty if nothing is."""
    match item:
        case "place":
            return say_place(kept.profile.region, kept.village, regions)
        case "groups":
            return "、".join(label("group", group) for group in kept.groups)
        case "age" if kept.age:
            return label("said", "age").format(years=kept.age)
        case "age" if kept.age_band:
            return label("age_band", kept.age_band)
        case "employment":
            return "，".join(_work_of(kept.employment, kept.work_form))
        case "skills":
            return "、".join(kept.skills)
        case "work" | "training":
            return "；".join(say_wish(wish, regions) for wish in kept.wishes if wish.kind == item)
    return ""
