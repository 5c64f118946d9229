"""Tables a bureau may change: ours ship in the package, one of the same name in the data folder goes before it."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from bot.errors import StartupError


@dataclass
class Faults:
    """All that is wrong with one file; said together, each with its line."""

    name: str
    lines: list[str]
    found: list[str] = field(default_factory=list)

    def add(self, words: str, wanted: str) -> None:
        """`words` as it stands in the file; its first line is named."""
        line = next((n for n, text in enumerate(self.lines, start=1) if words in text and text[:1] != "#"), 0)
        self.found.append(f"  - {self.name}{f', line {line}' if line else ''}: {words}: {wanted}")

    def stop_if_any(self) -> None:
        if self.found:
            raise StartupError("\n".join([f"faults in {self.name}:", *self.found]), exit_code=2)


def read_data(name: str, data_dir: Path | None) -> tuple[dict[str, Any], Faults]:
    """The table as it stands, and where to put its faults. Raises StartupError for what is no YAML table."""
    own = data_dir / name if data_dir else None
    if own is not None and own.is_file():
        shown, text = str(own), own.read_text("utf-8")
    else:
        shown, text = name, (files("handlers.tickets") / name).read_text("utf-8")
    try:
        data = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        raise StartupError(f"{shown}{where}: {getattr(error, 'problem', error)}", exit_code=2) from None
    if not isinstance(data, dict):
        raise StartupError(f"{shown}: not a table", exit_code=2)
    return data, Faults(shown, text.splitlines())
