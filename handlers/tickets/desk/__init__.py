"""What staff do with a ticket, one method a thing they do at the counter. Telegram and the console both call these.

Every method is given the staff member and checks three things in this order: may they see it (`access_ticket`),
does the table hold the move (`Cabinet.move`), and what a table cannot say (a contact record before an answer, …).
"""

from handlers.tickets.desk.door import CLAIMABLE, actor_of
from handlers.tickets.desk.ending import Ending
from handlers.tickets.desk.giving import Giving
from handlers.tickets.desk.marking import Marking
from handlers.tickets.desk.refusals import (
    AlreadyTaken,
    AssigneeUnfit,
    ContactMissing,
    ExtensionRefused,
    NoSuchRequest,
    ReturnRefused,
    UnsealAskUnfit,
    UnsealRefused,
    WordsMissing,
)
from handlers.tickets.desk.unsealing import Unsealing
from handlers.tickets.desk.working import Working

__all__ = [
    "CLAIMABLE",
    "AlreadyTaken",
    "AssigneeUnfit",
    "ContactMissing",
    "Desk",
    "ExtensionRefused",
    "NoSuchRequest",
    "ReturnRefused",
    "UnsealAskUnfit",
    "UnsealRefused",
    "WordsMissing",
    "actor_of",
]


class Desk(Giving, Working, Ending, Marking, Unsealing):
    """All of it."""
