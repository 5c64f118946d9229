"""The documents say what is there: settings, commands, targets, dependencies, files and pictures."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import typer.main

from bot.cli import app
from bot.settings import PREFIX, Settings

ROOT = Path(__file__).parent.parent
READMES = ("README.md", "README.zh-CN.md")
DETAILS = ("docs/console.md", "docs/campaigns.md", "docs/ledgers.md")
PAGES = (*READMES, "docs/deployment.md", "docs/adding-a-document.md", *DETAILS)
MOST_BYTES = 120 * 1024


def read(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def code_of(text: str) -> Iterator[str]:
    """Lines of code blocks, and code spans of the rest."""
    for number, part in enumerate(re.split(r"^```.*$", text, flags=re.MULTILINE)):
        yield from part.splitlines() if number % 2 else re.findall(r"`([^`\n]+)`", part)


def commands_in(text: str) -> set[tuple[str, ...]]:
    """`shangan knowledge check` -> (knowledge, check); words that are no command follow a known one."""
    found = set()
    for line in code_of(text):
        for match in re.finditer(r"(?:^|[\s/])shangan ([a-z]+)(?: ([a-z]+(?:-[a-z]+)*)\b)?", line.partition("#")[0]):
            found.add(tuple(filter(None, match.groups())))
    return found


def known_commands() -> dict[str, click.Command]:
    group = typer.main.get_command(app)
    context = click.Context(group)
    return {name: group.get_command(context, name) for name in group.list_commands(context)}  # type: ignore[attr-defined]


def subcommands(command: click.Command) -> set[str]:
    return set(command.list_commands(click.Context(command))) if hasattr(command, "list_commands") else set()


@pytest.mark.parametrize("page", READMES)
def test_every_setting_is_in_the_readme(page: str) -> None:
    table = {name for line in read(page).splitlines() for name in re.findall(r"^\| `(SHANGAN_[A-Z_]+)` \|", line)}
    assert table == {PREFIX + name.upper() for name in Settings.model_fields}


@pytest.mark.parametrize("page", [*PAGES, "docs/shangan.service"])
def test_every_setting_that_is_named_exists(page: str) -> None:
    named = set(re.findall(r"SHANGAN_[A-Z_]*[A-Z]", read(page)))
    assert named <= {PREFIX + name.upper() for name in Settings.model_fields}


@pytest.mark.parametrize("page", PAGES)
def test_every_command_that_is_named_exists(page: str) -> None:
    known = known_commands()
    for first, *rest in commands_in(read(page)):
        assert first in known, f"shangan {first}"
        inner = subcommands(known[first])
        if rest and inner:
            assert rest[0] in inner, f"shangan {first} {rest[0]}"


@pytest.mark.parametrize("page", READMES)
def test_every_command_is_in_the_readme(page: str) -> None:
    named = commands_in(read(page))
    for first, command in known_commands().items():
        assert first in {words[0] for words in named}, f"shangan {first}"
        for inner in subcommands(command) - {"list"}:
            assert (first, inner) in named, f"shangan {first} {inner}"


@pytest.mark.parametrize("page", READMES)
def test_every_target_of_make_is_in_the_readme(page: str) -> None:
    targets = re.search(r"^\.PHONY: (.+)$", read("Makefile"), re.MULTILINE)
    assert targets is not None
    named = {word for line in code_of(read(page)) for word in re.findall(r"\bmake ([a-z]+)$", line)}
    assert named == set(targets[1].split())


@pytest.mark.parametrize("page", READMES)
def test_every_dependency_is_in_the_readme_with_its_purpose(page: str) -> None:
    project = tomllib.loads(read("pyproject.toml"))["project"]
    wanted = [*project["dependencies"], *(one for group in project["optional-dependencies"].values() for one in group)]
    names = {re.split(r"[\[<>=~! ]", one)[0] for one in wanted}
    text = read(page)
    assert not {name for name in names if f"`{name}`" not in text}
    chapter = next(part for part in re.split(r"^## ", text, flags=re.MULTILINE) if "`import-linter`" in part)
    listed = set(re.findall(r"^\| `([a-z0-9-]+)` \| [^|]+ \|$", chapter, re.MULTILINE))
    assert listed <= names, "a dependency that is none"


@pytest.mark.parametrize("page", PAGES)
def test_every_link_and_picture_leads_somewhere(page: str) -> None:
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", read(page)):
        if "://" not in target:
            assert (ROOT / page).parent.joinpath(target).is_file(), target


@pytest.mark.parametrize("page", PAGES)
def test_every_file_of_ours_that_is_named_exists(page: str) -> None:
    shape = r"\b((?:bot|knowledge|handlers|templates|tests|bench|docs)/[\w./-]*)"
    for code in code_of(read(page)):
        for name in re.findall(shape, code):
            if "…" not in code and "<" not in code and not code.startswith("/"):
                assert (ROOT / name).exists() or "*" in code, name


def test_every_action_of_a_page_is_in_the_list_of_actions() -> None:
    """Names that a template puts together (`open-{{ name }}`) cannot be read off it."""
    pages = (path.read_text("utf-8") for path in (ROOT / "templates").rglob("*.html"))
    used = {name for page in pages for name in re.findall(r'data-action="([A-Za-z0-9-]+)"', page)}
    rows = (line.split("|")[2] for line in read("docs/console.md").splitlines() if line.startswith("| "))
    listed = {name for cell in rows for name in re.findall(r"`([^`]+)`", cell)}
    families = tuple(name.removesuffix("…") for name in listed if name.endswith("…"))
    assert used
    assert not {name for name in used - listed if not name.startswith(families)}


def test_the_functions_on_the_way_of_a_message_exist() -> None:
    text = read("README.md")
    way = text[text.index("## The way of a message") :].split("```")[1]
    modules = (path for folder in ("bot", "knowledge", "handlers") for path in (ROOT / folder).rglob("*.py"))
    sources = "".join(path.read_text("utf-8") for path in modules)
    called = re.findall(r"\b([a-z_]+[a-z])\(", way) + re.findall(r"\b_[a-z_]+\b", way)
    assert called
    for name in called:
        assert re.search(rf"def {name}\b|\b_{name}\b", sources), name


def test_both_readmes_have_the_same_chapters() -> None:
    chapters = [re.findall(r"^(#+) ", read(page), re.MULTILINE) for page in READMES]
    assert chapters[0] == chapters[1]


def test_pictures_are_small_enough_to_load() -> None:
    pictures = sorted((ROOT / "docs" / "pictures").glob("*.png"))
    assert pictures
    assert not [path.name for path in pictures if path.stat().st_size > MOST_BYTES]
