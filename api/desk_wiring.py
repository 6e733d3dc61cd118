"""The part of the composition root that builds what the business keeps rules for; ``api.wiring`` calls it once."""

from dataclasses import dataclass

from tickets.books.service import BookService
from tickets.lists.service import ListService
from tickets.lists.views import SavedViewService
from tickets.service import Ledger


@dataclass(frozen=True)
class DeskServices:
    """What tickets are worked with beside their own verbs."""

    books: BookService
    lists: ListService
    views: SavedViewService


def build_desk(ledger: Ledger) -> DeskServices:
    """Build the services that stand on the ledger.

    Args:
        ledger: What every verb on tickets stands on.
    """
    return DeskServices(
        books=ledger.books,
        lists=ListService(ledger.vault, ledger.clock),
        views=SavedViewService(ledger.clock),
    )
