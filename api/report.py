"""The small report: counts from the stores, no estimates."""

from dataclasses import asdict
from typing import Any

from api.wiring import Services
from kit.db import Session


def report(services: Services, session: Session) -> dict[str, Any]:
    """Return the figures that ``/reports`` shows.

    Returns:
        ``tickets`` by status, group, priority, type and zone; ``repeats``: who came again; ``suggestions`` by outcome;
        ``findings`` by rule with the share that reviewers agreed with; ``forms`` as they comply (FM-09);
        ``jobs`` by state; ``classifier`` with its own honest figures.
    """
    training = services.classification.report()
    tickets = services.tickets.figures(session)
    return {
        "tickets": tickets,
        "repeats": services.desk.follow_ups.figures(session, tickets["all"]["total"]),
        "suggestions": asdict(services.suggestions.rates(session)),
        "findings": [
            {
                "rule": c.rule,
                "rule_version": c.rule_version,
                "by_status": {str(status): n for status, n in c.by_status.items()},
                "precision": c.precision,
            }
            for c in services.quality.counts(session)
        ],
        "forms": asdict(services.desk.form_overview.compliance(session)),
        "jobs": {str(state): n for state, n in services.queue.counts(session).items()},
        "classifier": training,
    }
