"""The commands behind Telegram's menu button, from `templates/telegram/commands.yaml`."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files

import yaml


@dataclass(frozen=True)
class Command:
    command: str
    says: str
    """What the person is taken to have said."""
    description: str


def read_commands() -> tuple[Command, ...]:
    text = files("templates").joinpath("telegram", "commands.yaml").read_text(encoding="utf-8")
    return tuple(Command(**line) for line in yaml.load(text, Loader=yaml.CSafeLoader))


def what_they_say(commands: tuple[Command, ...]) -> dict[str, str]:
    """`/menu` -> 菜单"""
    return {f"/{command.command}": command.says for command in commands}
