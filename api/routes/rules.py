"""Automation rules as JSON; the page ``/admin/rules`` shows the same."""

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from api.policies import RuleKeeper, ServicesOf
from kit.ids import ID_PATTERN
from tickets.automation.schemas import NAME_CHARS
from tickets.automation.service import raw_of

router = APIRouter(prefix="/api/admin/rules", tags=["rules"])
_MOST_FIRINGS = 100


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SaveRules(_Body):
    """A whole book of rules."""

    book: dict[str, Any]
    base_version: int = Field(description="The version it began from; another one in force is a conflict.")
    note: str = Field(default="", max_length=300)


class TryRules(_Body):
    """A draft to try."""

    book: dict[str, Any]
    tickets: int = Field(default=500, ge=1, le=5000, description="How many of the newest tickets.")


@router.get("")
def rules(services: ServicesOf, _: RuleKeeper) -> dict[str, Any]:
    """Return the rules in force, and what rules can look at and do here."""
    keeper = services.automation.keeper
    with services.database.reading() as session:
        edition = keeper.current(session)
    words = {"moments": keeper.moments, "fields": keeper.fields, "actions": keeper.actions}
    return {"version": edition.version, "book": raw_of(edition.body), **words}


@router.put("")
def save(body: SaveRules, services: ServicesOf, member: RuleKeeper) -> dict[str, Any]:
    """Write a new edition; what is wrong is named place by place, and nothing is written."""
    with services.database.transaction() as session:
        edition = services.automation.keeper.save(
            session, body.book, base_version=body.base_version, actor=member.username, note=body.note
        )
    return {"version": edition.version, "book": raw_of(edition.body)}


@router.post("/try")
def try_out(body: TryRules, services: ServicesOf, _: RuleKeeper) -> dict[str, Any]:
    """Judge a draft over past tickets as they stand now, beside the rules in force; nothing is written."""
    keeper = services.automation.keeper
    with services.database.reading() as session:
        draft = keeper.check(session, body.book)
    result = list(keeper.try_out(services.database, draft, body.tickets))[-1]
    return {"looked_at": result.looked_at, "rules": [asdict(rule) for rule in result.rules]}


@router.get("/firings")
def firings(
    services: ServicesOf,
    _: RuleKeeper,
    rule: Annotated[str, Query(max_length=NAME_CHARS)] = "",
    before: Annotated[str, Query(pattern=f"^$|{ID_PATTERN}")] = "",
) -> dict[str, Any]:
    """Return what fired, newest first; ``before`` goes on from an earlier answer's last id."""
    with services.database.reading() as session:
        found = services.automation.keeper.trace(session, _MOST_FIRINGS, rule=rule, before=before)
    return {"firings": [asdict(firing) for firing in found]}
