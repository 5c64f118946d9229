"""Alembic loads this by its own rules; all work is in `bot.migrations.upgrade`."""

from __future__ import annotations

from alembic import context

context.run_migrations()
