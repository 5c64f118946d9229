"""What the desk says no to."""

from __future__ import annotations

from bot.errors import UserFacingError


class AlreadyTaken(UserFacingError):
    """Somebody was first. Data: by, at."""

    code = "already_taken"


class AssigneeUnfit(UserFacingError):
    """Cannot be given work. Data: name, why (gone, away, elsewhere)."""

    code = "assignee_unfit"


class ContactMissing(UserFacingError):
    """A ticket is closed only after the person was heard."""

    code = "contact_missing"


class WordsMissing(UserFacingError):
    code = "words_missing"


class ReturnRefused(UserFacingError):
    """退单: once, within one working day."""

    code = "return_refused"


class ExtensionRefused(UserFacingError):
    """Once, before the deadline, and at most as long as the first time. Data: why."""

    code = "extension_refused"


class UnsealRefused(UserFacingError):
    code = "unseal_refused"


class UnsealAskUnfit(UserFacingError):
    """Nothing to ask for, or asked already. Data: why (open, needless, nobody)."""

    code = "unseal_ask_unfit"


class NoSuchRequest(UserFacingError):
    """Not there, decided already, or not theirs to decide: the same error, so that nobody finds out who asked."""

    code = "no_such_request"
