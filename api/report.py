"""The small report: counts from the stores, no estimates."""

from dataclasses import asdict
from typing import Any

from api.wiring import Services
from kit.db import Session
from tickets.csat.schemas import Figures, Satisfaction


def report(services: Services, session: Session) -> dict[str, Any]:
    """Return the figures that ``/reports`` shows.

    Returns:
        ``tickets`` by status, group, priority, type and zone; ``repeats``: who came again; ``suggestions`` by outcome;
        ``findings`` by rule with the share that reviewers agreed with; ``forms`` as they comply (FM-09);
        ``jobs`` by state; ``classifier`` with its own honest figures; ``satisfaction``
        of customers, of all and by group and agent, each share with its interval.
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
        "satisfaction": _satisfaction(services.desk.surveys.satisfaction(session)),
    }


def _satisfaction(found: Satisfaction) -> dict[str, Any]:
    return {
        "all": _figures(found.all),
        "by_group": {name: _figures(figures) for name, figures in found.by_group.items()},
        "by_agent": {name: _figures(figures) for name, figures in found.by_agent.items()},
    }


def _figures(figures: Figures) -> dict[str, Any]:
    return {
        "asked": figures.asked,
        "answered": figures.answered,
        "mean": figures.mean,
        "satisfaction": figures.satisfaction,
        "response": figures.response,
    }
