"""Systems of record that the ticket store asks but does not own."""

from typing import Protocol

from tickets.schemas import OrderFacts


class OrderBook(Protocol):
    """The shop's order system (OMS), read only."""

    def find(self, order_no: str) -> OrderFacts | None:
        """Return an order's facts, or ``None`` for an order it does not know.

        Args:
            order_no: Canonical order number.

        Raises:
            OrderBookUnavailable: The system cannot say; not the same as "unknown".
        """
        ...
