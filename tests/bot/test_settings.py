"""Settings: all faults at once, the environment wins, secrets are never shown."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from bot.errors import StartupError
from bot.keys import KEY_FILE, load_keys
from bot.settings import Settings, load_settings

TOKEN = "123456:AAbbCCddEEff"
SECRET = "s" * 40


def faults_of(environment: dict[str, str]) -> str:
    with pytest.raises(StartupError) as caught:
        load_settings(environment)
    assert caught.value.exit_code == 2
    return str(caught.value)


def test_all_faults_are_named_at_once(tmp_path: Path) -> None:
    (tmp_path / "shangan.toml").write_text('http_prot = 1\nquiet_hours = "late"\n', encoding="utf-8")
    words = faults_of(
        {
            "SHANGAN_DATA_DIR": str(tmp_path),
            "SHANGAN_TELEGRAM_TOKN": TOKEN,
            "SHANGAN_HTTP_PORT": "99999",
            "SHANGAN_SECRET_KEY": "short",
            "SHANGAN_TELEGRAM_BASE_URL": "http://telegram.example",
            "SHANGAN_TELEGRAM_WEBHOOK_URL": "https://bureau.example/hook",
            "SHANGAN_DATABASE_URL": "mysql://x",
            "SHANGAN_CLOCK_FILE": str(tmp_path / "none"),
        }
    )
    names = (
        "SHANGAN_TELEGRAM_TOKN",
        "SHANGAN_HTTP_PORT",
        "SHANGAN_SECRET_KEY",
        "SHANGAN_TELEGRAM_BASE_URL",
        "SHANGAN_TELEGRAM_WEBHOOK_SECRET",
        "SHANGAN_DATABASE_URL",
        "SHANGAN_CLOCK_FILE",
        "http_prot",
        "quiet_hours",
    )
    assert [name for name in names if name not in words] == []


def test_faults_do_not_show_secrets(tmp_path: Path) -> None:
    words = faults_of(
        {
            "SHANGAN_DATA_DIR": str(tmp_path),
            "SHANGAN_SECRET_KEY": "hush-hush",
            "SHANGAN_TELEGRAM_TOKEN": "hush-hush",
            "SHANGAN_TELEGRAM_WEBHOOK_SECRET": "hush hush",
            "SHANGAN_DATABASE_URL": "hush://hush-hush@host",
        }
    )
    assert "hush" not in words


def test_settings_do_not_show_secrets(tmp_path: Path) -> None:
    settings = load_settings(
        {
            "SHANGAN_DATA_DIR": str(tmp_path),
            "SHANGAN_SECRET_KEY": SECRET,
            "SHANGAN_TELEGRAM_TOKEN": TOKEN,
            "SHANGAN_DATABASE_URL": "postgresql://user:hush@host/name",
        }
    )
    shown = repr(settings) + str(settings) + settings.model_dump_json()
    assert not any(secret in shown for secret in (SECRET, TOKEN, "hush"))
    assert settings.async_database_url == "postgresql+asyncpg://user:hush@host/name"


def test_environment_wins_over_file(tmp_path: Path) -> None:
    (tmp_path / "shangan.toml").write_text("http_port = 1\ntelegram_staff_chat = -100\n", encoding="utf-8")
    settings = load_settings({"SHANGAN_DATA_DIR": str(tmp_path), "SHANGAN_HTTP_PORT": "2"})
    assert (settings.http_port, settings.telegram_staff_chat) == (2, "-100")


def test_named_file_must_be_there(tmp_path: Path) -> None:
    assert "SHANGAN_CONFIG" in faults_of({"SHANGAN_CONFIG": str(tmp_path / "none.toml")})


def test_broken_file_is_named_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "shangan.toml").write_text("http_port =\n", encoding="utf-8")
    assert "line 1" in faults_of({"SHANGAN_DATA_DIR": str(tmp_path)})


def test_a_clock_file_is_refused_with_the_real_telegram(tmp_path: Path) -> None:
    clock_file = tmp_path / "clock"
    clock_file.write_text("2026-03-02T09:00:00+08:00", encoding="utf-8")
    given = {"SHANGAN_CLOCK_FILE": str(clock_file), "SHANGAN_DATA_DIR": str(tmp_path)}
    assert "CLOCK_FILE" in faults_of(given | {"SHANGAN_TELEGRAM_TOKEN": TOKEN})
    load_settings(given)
    load_settings(given | {"SHANGAN_TELEGRAM_TOKEN": TOKEN, "SHANGAN_TELEGRAM_BASE_URL": "http://127.0.0.1:9000"})


@pytest.mark.parametrize("value", ["25:00-08:00", "21:00", "21:00-08:60", "spät"])
def test_strange_quiet_hours_are_refused(value: str) -> None:
    assert "QUIET_HOURS" in faults_of({"SHANGAN_QUIET_HOURS": value})


def test_quiet_hours_can_be_switched_off() -> None:
    assert load_settings({"SHANGAN_QUIET_HOURS": ""}).quiet is None


def test_key_is_made_once_for_our_eyes_only(settings: Settings) -> None:
    first = load_keys(settings).derive("test")
    path = settings.data_dir / KEY_FILE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_keys(settings).derive("test") == first
    assert load_keys(settings).derive("other") != first
