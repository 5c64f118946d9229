"""Frozen settings from `SHANGAN_…` in the environment and `shangan.toml` in the data folder; all faults at once."""

from __future__ import annotations

import difflib
import ipaddress
import os
import re
import tomllib
from collections.abc import Mapping
from datetime import datetime, time
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from bot.errors import StartupError

PREFIX = "SHANGAN_"
FILE_NAME = "shangan.toml"


class Settings(BaseSettings):
    """Every name is an environment variable with the prefix `SHANGAN_`, and a lower-case key of `shangan.toml`."""

    model_config = SettingsConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, validate_default=True)

    config: Path | None = None
    """The settings file; default `shangan.toml` in the data folder."""
    data_dir: Path = Path("data")
    """Where the database, the key and the lock file live."""
    database_url: SecretStr = SecretStr("")
    """`sqlite:///path` or `postgresql://user:password@host/name`; default SQLite in the data folder."""
    secret_key: SecretStr | None = None
    """Encrypts names and phones; at least 32 characters. Default: made once as `secret.key`, mode 0600."""
    http_host: str = "127.0.0.1"
    """Address to listen on."""
    http_port: int = Field(default=8080, ge=0, le=65535)
    """Port to listen on; 0 takes a free one."""
    public_url: str = ""
    """How people reach the site, such as `https://chat.example.gov.cn`; makes cookies secure."""
    trust_proxy: bool = False
    """Believe the last entry of X-Forwarded-For; only behind a proxy of our own."""
    telegram_token: SecretStr | None = None
    """The bot's token; without it there is no Telegram."""
    telegram_base_url: str = "https://api.telegram.org"
    """Root of the Bot API; `/bot<token>/METHOD` follows. Plain http only to loopback."""
    telegram_webhook_url: str = ""
    """Where Telegram sends updates; polling without it."""
    telegram_webhook_secret: SecretStr | None = None
    """Secret token of the webhook; 1 to 256 of A-Z a-z 0-9 _ -."""
    telegram_staff_chat: str = ""
    """Chat id that is alerted of urgent messages."""
    telegram_rate: float = Field(default=28.0, ge=0, le=1000)
    """Messages a second over all chats; 0 = no limit."""
    quiet_hours: str = "21:00-08:00"
    """When campaigns and reminders wait; empty = never."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    """How much is logged (never what people wrote)."""
    clock_file: Path | None = None
    """A file with one ISO time and zone, read at every ask for the time; for trials only."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003  # the library's signature
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        # `load_settings` reads environment and file itself, because it must name unknown names of both at once.
        return (init_settings,)

    @field_validator("log_level", mode="before")
    @classmethod
    def _upper(cls, value: Any) -> Any:
        return value.upper() if isinstance(value, str) else value

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: SecretStr) -> SecretStr:
        scheme = value.get_secret_value().partition(":")[0].partition("+")[0]
        if value.get_secret_value() and scheme not in {"sqlite", "postgresql", "postgres"}:
            raise ValueError("must start with sqlite:/// or postgresql://")
        return value

    @field_validator("secret_key")
    @classmethod
    def _long_key(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value()) < 32:
            raise ValueError("must have at least 32 characters")
        return value

    @field_validator("telegram_token")
    @classmethod
    def _token_shape(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None or not value.get_secret_value():
            return None
        if not re.fullmatch(r"\d+:[A-Za-z0-9_-]+", value.get_secret_value()):
            raise ValueError("must look like 123456:letters, as BotFather gave it")
        return value

    @field_validator("telegram_webhook_secret")
    @classmethod
    def _secret_shape(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None or not value.get_secret_value():
            return None
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", value.get_secret_value()):
            raise ValueError("must be 1 to 256 of A-Z a-z 0-9 _ -")
        return value

    @field_validator("telegram_staff_chat")
    @classmethod
    def _chat_id(cls, value: str) -> str:
        if value and not re.fullmatch(r"-?\d{1,20}", value):
            raise ValueError("must be a chat id, a whole number")
        return value

    @field_validator("telegram_base_url", "telegram_webhook_url", "public_url")
    @classmethod
    def _web_address(cls, value: str) -> str:
        if value:
            parts = urlsplit(value)
            if parts.scheme not in {"http", "https"} or not parts.hostname:
                raise ValueError("must be an http or https address")
        return value.rstrip("/")

    @field_validator("telegram_base_url", "telegram_webhook_url")
    @classmethod
    def _safe_address(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme == "http" and not is_loopback(parts.hostname or ""):
            raise ValueError("must be https; plain http only to this machine itself (loopback)")
        return value

    @field_validator("quiet_hours")
    @classmethod
    def _hours(cls, value: str) -> str:
        parse_quiet_hours(value)
        return value

    @field_validator("clock_file")
    @classmethod
    def _readable_clock(cls, value: Path | None) -> Path | None:
        if value is None:
            return None
        try:
            at = datetime.fromisoformat(value.read_text(encoding="utf-8").strip())
        except (OSError, ValueError):
            raise ValueError("must be a readable file with one ISO time and zone") from None
        if at.tzinfo is None:
            raise ValueError("the time in it needs a zone, such as 2026-03-02T09:00:00+08:00")
        return value

    @property
    def async_database_url(self) -> str:
        """The address with the driver that we use."""
        url = self.database_url.get_secret_value()
        if not url:
            return f"sqlite+aiosqlite:///{(self.data_dir / 'shangan.sqlite3').resolve()}"
        scheme, _, rest = url.partition("://")
        driver = "sqlite+aiosqlite" if scheme.startswith("sqlite") else "postgresql+asyncpg"
        return f"{driver}://{rest}"

    @property
    def quiet(self) -> tuple[time, time] | None:
        """From when to when campaigns wait, in local time."""
        return parse_quiet_hours(self.quiet_hours)


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def parse_quiet_hours(value: str) -> tuple[time, time] | None:
    """`21:00-08:00` as two times; None when empty."""
    if not value.strip():
        return None
    found = re.fullmatch(r"\s*(\d{1,2}:\d{2})\s*[-–—~至]\s*(\d{1,2}:\d{2})\s*", value)
    if found is None:
        raise ValueError("must look like 21:00-08:00, or be empty")
    try:
        begin, end = (time.fromisoformat(part.rjust(5, "0")) for part in found.groups())
    except ValueError:
        raise ValueError("must be two times of day, such as 21:00-08:00") from None
    return begin, end


def load_settings(environment: Mapping[str, str] | None = None, **overrides: Any) -> Settings:
    """Read environment and file (the environment wins); raise StartupError(2) that names every fault."""
    environment = os.environ if environment is None else environment
    faults: list[str] = []
    given, sources = _from_environment(environment, faults)
    for name, value in _from_file(given, faults).items():
        if name not in given:
            given[name], sources[name] = value, f"{name} in {FILE_NAME}"
    given.update(overrides)
    faults += _misfits(given)
    try:
        settings = Settings(**given)
    except ValidationError as error:
        for fault in error.errors(include_url=False, include_input=False, include_context=False):
            name = str(fault["loc"][0]) if fault["loc"] else ""
            words = str(fault["msg"]).removeprefix("Value error, ")
            faults.append(f"{sources.get(name, PREFIX + name.upper())}: {words}" if name else PREFIX + words)
        settings = None
    if faults or settings is None:
        lines = "\n".join(f"  - {fault}" for fault in faults)
        raise StartupError(f"{len(faults)} fault(s) in the settings:\n{lines}", exit_code=2)
    return settings


def _from_environment(environment: Mapping[str, str], faults: list[str]) -> tuple[dict[str, Any], dict[str, str]]:
    given: dict[str, Any] = {}
    sources: dict[str, str] = {}
    for variable, value in sorted(environment.items()):
        if not variable.startswith(PREFIX):
            continue
        name = variable.removeprefix(PREFIX).lower()
        if name not in Settings.model_fields or variable != variable.upper():
            faults.append(f"{variable}: unknown setting{_suggest(name)}")
        elif value.strip() or name == "quiet_hours":
            given[name], sources[name] = value.strip(), variable
    return given, sources


def _from_file(given: Mapping[str, Any], faults: list[str]) -> dict[str, Any]:
    explicit = given.get("config")
    path = Path(explicit) if explicit else Path(given.get("data_dir", "data")) / FILE_NAME
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        if explicit:
            faults.append(f"{PREFIX}CONFIG: there is no such file")
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        place = str(error) if isinstance(error, tomllib.TOMLDecodeError) else "it cannot be read"
        faults.append(f"{path.name}: {place}")
        return {}
    known: dict[str, Any] = {}
    for name, value in table.items():
        if name == "config" or name.lower() not in Settings.model_fields or isinstance(value, dict):
            faults.append(f"{name} in {path.name}: unknown setting{_suggest(name)}")
        else:
            # A number in the file is as good as its text: a chat id, say.
            known[name.lower()] = str(value) if type(value) in {int, float} else value
    return known


def _misfits(given: Mapping[str, Any]) -> list[str]:
    """Settings that are good alone and wrong together; named with all other faults."""
    faults: list[str] = []
    if bool(given.get("telegram_webhook_url")) != bool(given.get("telegram_webhook_secret")):
        names = f"{PREFIX}TELEGRAM_WEBHOOK_URL and {PREFIX}TELEGRAM_WEBHOOK_SECRET"
        faults.append(f"{names}: set both (webhook) or neither (polling)")
    base = given.get("telegram_base_url") or ("https://api.telegram.org" if given.get("telegram_token") else "")
    if given.get("clock_file") and base and not is_loopback(urlsplit(str(base)).hostname or ""):
        faults.append(f"{PREFIX}CLOCK_FILE: refused with a {PREFIX}TELEGRAM_BASE_URL that is not loopback")
    return faults


def _suggest(name: str) -> str:
    near = difflib.get_close_matches(name.lower(), Settings.model_fields, n=1)
    return f" (did you mean {PREFIX}{near[0].upper()}?)" if near else ""
