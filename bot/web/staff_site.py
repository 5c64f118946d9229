"""Puts the console together and adds it to the site; `bot.serving` calls it once all services are wired."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from bot.staff.console import Accounts
from bot.staff.duties import Duties
from bot.web.console import Console
from bot.web.console_pages import ConsolePages
from bot.web.errors import CONSOLE_PAGES
from bot.web.key_pages import KeyPages
from bot.web.live import Live
from bot.web.login import Login
from bot.web.pages import PAGES
from bot.web.server import ASSETS
from bot.web.watching import Watcher

if TYPE_CHECKING:
    from bot.app import App


def add_console(site: web.Application, app: App) -> None:
    """Pages under /staff: getting in, and what every service adds."""
    sections = [service.console for service in app.services.services if service.console is not None]
    names, work = app.services.place_names, app.services.staff_work
    if names is not None and work is not None:
        sections.append(Accounts(app.database, names, work).section())
    sections.append(Duties(app.database).section())
    pages = ConsolePages(app.database, app.clock, app.keys, site[ASSETS], site[PAGES], sections)
    site[CONSOLE_PAGES] = pages
    console = Console(app.database, app.clock, app.keys, app.settings, pages)
    login = Login(app.database, app.clock, console, pages, trust_proxy=app.settings.trust_proxy)
    live = Live(Watcher(app.database, app.clock, app.changes, pages.look, pages.mark), pages, app.clock)
    site.on_shutdown.append(live.end)
    login.add_routes(site)
    console.add_routes(site, [login.section(), live.section(), KeyPages(console.cookies).section(), *sections])
