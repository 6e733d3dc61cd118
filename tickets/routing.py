"""Routing by table: a label and a product line to a group. Deterministic; the most specific row wins."""

from collections.abc import Sequence
from dataclasses import dataclass

from tickets.words import LabelPath, Zone

TRIAGE = "triage"


@dataclass(frozen=True, slots=True)
class RoutingRow:
    """One rule: tickets under ``label`` (and of ``line``, where given) go to ``group_id``."""

    label: LabelPath
    group_id: str
    line: str | None = None


@dataclass(frozen=True, slots=True)
class RouteDecision:
    """Where a ticket goes and which rule said so."""

    group_id: str
    reason: str


def route(rows: Sequence[RoutingRow], label: LabelPath, line: str | None, zone: Zone) -> RouteDecision:
    """Choose a group.

    Only a sure label moves a ticket by itself; a suggested or unknown one waits in triage for a person (RT-15).

    Args:
        rows: The table.
        label: The ticket's label; may be empty.
        line: Product line, where known.
        zone: What the prediction may do.

    Returns:
        The decision; triage where the label is unsure or no row fits.
    """
    if zone is not Zone.AUTO:
        return RouteDecision(TRIAGE, f"zone {zone}: a person decides")
    fitting = [r for r in rows if label[: len(r.label)] == r.label and r.line in {None, line}]
    if not fitting:
        return RouteDecision(TRIAGE, "no rule fits")
    best = max(fitting, key=lambda r: (len(r.label), r.line is not None))
    rule = "/".join(best.label) + (f" + {best.line}" if best.line else "")
    return RouteDecision(best.group_id, f"rule {rule}")
