"""SQL of what routing knows of customers."""

from kit.db import Session
from tickets.models import CustomerRow
from tickets.routing.models import CustomerStandingRow
from tickets.routing.schemas import Standing


def standing(session: Session, customer_id: str) -> Standing:
    """Return what is known of a customer."""
    row = session.get(CustomerStandingRow, customer_id)
    if row is None:
        return Standing()
    return Standing(row.level, row.region, row.success_manager or "", row.renews_on, row.warranty_ends_on)


def save_standing(session: Session, customer_id: str, standing: Standing) -> None:
    """Write what is known of a customer."""
    session.merge(
        CustomerStandingRow(
            customer_id=customer_id,
            level=standing.level,
            region=standing.region,
            success_manager=standing.success_manager or None,
            renews_on=standing.renews_on,
            warranty_ends_on=standing.warranty_ends_on,
        )
    )
    session.flush()


def has_customer(session: Session, customer_id: str) -> bool:
    """Tell whether there is such a customer."""
    return session.get(CustomerRow, customer_id) is not None


def account_level(session: Session, customer_id: str) -> str:
    """Return the level that a customer's account has."""
    row = session.get(CustomerRow, customer_id)
    return row.level if row is not None else ""
