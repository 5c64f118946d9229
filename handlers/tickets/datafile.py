"""Tables a bureau may change: ours ship in the package, one of the same name in the data folder goes before it."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
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
        whole = re.compile(rf"(?<![\w-]){re.escape(words)}(?![\w-])")
        line = next((n for n, text in enumerate(self.lines, start=1) if whole.search(text) and text[:1] != "#"), 0)
        self.found.append(f"  - {self.name}{f', line {line}' if line else ''}: {words}: {wanted}")

    def stop_if_any(self) -> None:
        if self.found:
            raise StartupError("\n".join([f"faults in {self.name}:", *self.found]), exit_code=2)

    def table(self, data: Mapping[Any, Any], name: str) -> dict[Any, Any]:
        """What stands under a name, which must be a table, or nothing."""
        return self.as_table(data.get(name), name)

    def as_table(self, found: Any, name: str) -> dict[Any, Any]:
        if found is None:
            return {}
        if not isinstance(found, dict):
            self.add(name, "a table")
            return {}
        return found

    def as_list(self, found: Any, name: str) -> list[Any]:
        if found is None:
            return []
        if not isinstance(found, list):
            self.add(name, "a list")
            return []
        return found

    def allow(self, data: Mapping[Any, Any], names: Collection[str]) -> None:
        """Other names are faults, for nobody would notice that they do nothing."""
        for strange in sorted(str(name) for name in data if name not in names):
            self.add(strange, f"one of {', '.join(sorted(names))}")


def read_data(name: str, data_dir: Path | None) -> tuple[dict[str, Any], Faults]:
    """The table as it stands, and where to put its faults. Raises StartupError for what is no YAML table."""
    own = data_dir / name if data_dir else None
    if own is not None and own.is_file():
        shown, text = str(own), _read(own)
    else:
        shown, text = name, (files("handlers.tickets") / name).read_text("utf-8")
    try:
        data = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        raise StartupError(f"{shown}{where}: {getattr(error, 'problem', error)}", exit_code=2) from None
    if data is None:
        data = {}  # nothing but comments
    if not isinstance(data, dict):
        raise StartupError(f"{shown}: not a table", exit_code=2)
    return data, Faults(shown, text.splitlines())


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")  # editors on Windows put a mark before the first letter
    except (OSError, UnicodeDecodeError) as error:
        raise StartupError(f"{path}: cannot be read ({type(error).__name__})", exit_code=2) from None
