"""The part of the composition root that builds automation: its hands, and who tells it what the ticket store cannot."""

from collections.abc import Mapping
from dataclasses import dataclass

from api.desk_wiring import DeskServices
from api.shop import Shop, ShopOrderBook
from copilot.service import SuggestionService
from kit.db import Session
from tickets.automation.conditions import Facts
from tickets.automation.facts import FactReader
from tickets.automation.firing import RuleRunner
from tickets.automation.hands import house_hands
from tickets.automation.neighbours import MergeRepeated, NotifyStaff, RunTimer
from tickets.automation.ports import Witness
from tickets.automation.service import AutomationService
from tickets.automation.words import Do, When
from tickets.merging.book import FollowUpKind
from tickets.merging.follow_ups import FollowUps
from tickets.ports import OrderBook
from tickets.service import ConversationService, Ledger, WorkService
from tickets.webhooks.service import WebhookService

MOMENTS = frozenset(
    {
        When.FILED,
        When.CLASSIFIED,
        When.ROUTED,
        When.UPDATED,
        When.CUSTOMER_MESSAGE,
        When.SUGGESTION_MADE,
        When.SUGGESTION_DECIDED,
        When.SLA_WARNED,
        When.SLA_BREACHED,
        When.REPEATED,
    }
)
"""What ``api.pipeline`` states to the rules."""


_NOTHING: Facts = {"suggestion": "", "suggestionVerdict": ""}


class CopilotWitness:
    """Tells what the copilot has for a ticket, and what an agent made of it (AR-11)."""

    names = frozenset({"suggestion", "suggestionVerdict"})

    def __init__(self, suggestions: SuggestionService) -> None:
        self._suggestions = suggestions

    def tell(self, session: Session, known: Mapping[str, Facts]) -> Mapping[str, Facts]:
        """Return kind and verdict of each ticket's newest suggestion; empty where it has none."""
        told: dict[str, Facts] = dict.fromkeys(known, _NOTHING)
        for stored in self._suggestions.newest_of(session, list(known)):
            made = stored.suggestion
            kind = str(made.blocker.kind) if made.blocker else "draft" if made.draft else ""
            told[made.ticket_id] = {"suggestion": kind, "suggestionVerdict": str(stored.outcome) or "open"}
        return told


class OrderWitness:
    """Tells the level of the customer that the order book has for a ticket's order."""

    names = frozenset({"customerTier"})

    def __init__(self, orders: OrderBook) -> None:
        self._orders = orders

    def tell(self, session: Session, known: Mapping[str, Facts]) -> Mapping[str, Facts]:  # noqa: ARG002 - the port's
        """Return the level, where the order is known; elsewhere the ticket store's own stays."""
        found = {ticket_id: self._orders.find(str(facts.get("orderNo", ""))) for ticket_id, facts in known.items()}
        return {ticket_id: {"customerTier": order.customer_level} for ticket_id, order in found.items() if order}


class FollowUpWitness:
    """Tells how often the customer came again (DM-07)."""

    names = frozenset({"followUps", "urges"})

    def __init__(self, follow_ups: FollowUps) -> None:
        self._follow_ups = follow_ups

    def tell(self, session: Session, known: Mapping[str, Facts]) -> Mapping[str, Facts]:
        """Return how often it was said again, and how often it was urged."""
        counts = self._follow_ups.counts(session, list(known))
        return {
            ticket_id: {
                "followUps": counts.get(ticket_id, {}).get(FollowUpKind.REPEAT, 0),
                "urges": counts.get(ticket_id, {}).get(FollowUpKind.URGE, 0),
            }
            for ticket_id in known
        }


@dataclass(frozen=True)
class Automation:
    """The keeper of the rules and who asks them."""

    keeper: AutomationService
    rules: RuleRunner


def build_automation(
    ledger: Ledger,
    conversations: ConversationService,
    webhooks: WebhookService,
    *,
    desk: DeskServices,
    suggestions: SuggestionService,
    shop: Shop,
) -> Automation:
    """Build automation.

    Args:
        ledger: What every verb on tickets stands on.
        conversations: Where replies are said.
        webhooks: Who else is told.
        desk: What else tickets are worked with.
        suggestions: What the copilot has for a ticket.
        shop: Its order book, where the level of a customer is known, and its product lines.
    """
    told_by: list[Witness] = [
        OrderWitness(ShopOrderBook(shop.orders)),
        CopilotWitness(suggestions),
        FollowUpWitness(desk.follow_ups),
    ]
    reader = FactReader(ledger.vault, told_by)
    hands = {
        **house_hands(ledger, WorkService(ledger), conversations, webhooks),
        Do.MERGE: MergeRepeated(desk.merging, desk.duplicates, desk.follow_ups),
        Do.NOTIFY: NotifyStaff(desk.notices.told),
        Do.START_TIMER: RunTimer(desk.sla),
    }
    keeper = AutomationService(ledger, reader, hands, moments=MOMENTS, lines=list(shop.line_names))
    return Automation(keeper, RuleRunner(ledger, reader, hands))
