"""What offers refuse, by code; the words are in `templates/replies/errors` and `templates/console/errors`."""

from __future__ import annotations

from bot.errors import UserFacingError


class NoSuchOffer(UserFacingError):
    """Not there, or not theirs. Data: number."""

    code = "no_such_offer"


class NoSuchRegistration(UserFacingError):
    """Nobody is registered by that number. Data: number."""

    code = "no_such_registration"


class OfferShut(UserFacingError):
    """Nobody can register any more. Data: title, state."""

    code = "offer_shut"


class TooManyTogether(UserFacingError):
    """More than one registration may take. Data: people, most."""

    code = "too_many_together"


class SeatsTaken(UserFacingError):
    """Fewer seats than are taken. Data: seats, taken."""

    code = "seats_taken"


class CheckInRefused(UserFacingError):
    """Data: number, why: waiting, cancelled."""

    code = "check_in_refused"


class OfferMoved(UserFacingError):
    """Somebody changed it since it was read. Data: number."""

    code = "offer_moved"


class SheetUnfit(UserFacingError):
    """A file that is no table of offers. Data: why: unreadable, no_columns, empty, too_many."""

    code = "offer_sheet_unfit"
