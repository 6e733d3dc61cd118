"""Suggestions and summaries to JSON columns and back; one place, so that stored shapes change in one place."""

import json
from dataclasses import asdict
from typing import Any

from copilot.models import SuggestionRow
from copilot.schemas import (
    Blocker,
    BlockerKind,
    Citation,
    DraftSentence,
    DraftSource,
    Narrative,
    Outcome,
    Retrieved,
    SourceKind,
    StoredSuggestion,
    SuggestedStep,
    Suggestion,
    SuggestionId,
    Summary,
    SummaryField,
    SummaryPromise,
    Supported,
    Withheld,
    WithheldReason,
)
from tickets.words import TicketId

_SPOKEN = "done_words"


def suggestion_columns(suggestion: Suggestion) -> dict[str, Any]:
    """Return a suggestion as columns of its row; the customer's own words stay out (their message's number is kept)."""
    blocker = suggestion.blocker
    return {
        "ticket_id": suggestion.ticket_id,
        "conversation_seq": suggestion.conversation_seq,
        "lang": suggestion.lang,
        "draft": suggestion.draft,
        "sentences": [{"text": s.text, "citations": list(s.citations)} for s in suggestion.sentences],
        "steps": [{k: v for k, v in asdict(step).items() if k != _SPOKEN} for step in suggestion.steps],
        "citations": [asdict(citation) for citation in suggestion.citations],
        "retrieved": [asdict(found) for found in suggestion.retrieved],
        "blocker": asdict(blocker) if blocker else None,
        "blocker_kind": blocker.kind.value if blocker else "",
        "withheld": [asdict(item) for item in suggestion.withheld],
        "source": suggestion.source.value,
        "degraded": suggestion.degraded,
        "model": suggestion.model,
    }


def stored_suggestion(row: SuggestionRow) -> StoredSuggestion:
    """Return the suggestion that a row holds."""
    return StoredSuggestion(
        id=SuggestionId(row.id),
        suggestion=_suggestion(row),
        created_at=row.created_at,
        outcome=Outcome(row.outcome),
        reason=row.reason,
        edit_distance=row.edit_distance,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
    )


def summary_text(summary: Summary) -> str:
    """Return a summary as JSON text, to be sealed."""
    data = {
        "conversation_seq": summary.conversation_seq,
        "fields": {name.value: asdict(found) for name, found in summary.fields.items()},
        "promises": [asdict(promise) for promise in summary.promises],
        "narrative": asdict(summary.narrative),
    }
    return json.dumps(data, ensure_ascii=False)


def summary_from(ticket_id: str, customer_id: str, text: str) -> Summary:
    """Return the summary that ``summary_text`` wrote."""
    data = json.loads(text)
    fields = {
        SummaryField(name): Supported(found["value"], tuple(found["turns"]), found["source"])
        for name, found in data["fields"].items()
    }
    promises = tuple(SummaryPromise(p["text"], p["turn"], p["due"]) for p in data["promises"])
    return Summary(ticket_id, customer_id, data["conversation_seq"], fields, promises, Narrative(**data["narrative"]))


def _suggestion(row: SuggestionRow) -> Suggestion:
    def each(items: list[dict[str, object]]) -> list[dict[str, Any]]:
        return [dict(item) for item in items]

    blocker: dict[str, Any] | None = row.blocker
    return Suggestion(
        ticket_id=TicketId(row.ticket_id),
        conversation_seq=row.conversation_seq,
        lang=row.lang,
        draft=row.draft,
        sentences=tuple(DraftSentence(s["text"], tuple(s["citations"])) for s in each(row.sentences)),
        steps=tuple(SuggestedStep(**step) for step in each(row.steps)),
        citations=tuple(Citation(**{**c, "kind": SourceKind(c["kind"])}) for c in each(row.citations)),
        retrieved=tuple(Retrieved(**found) for found in each(row.retrieved)),
        blocker=Blocker(**{**blocker, "kind": BlockerKind(blocker["kind"])}) if blocker else None,
        withheld=tuple(Withheld(**{**w, "reason": WithheldReason(w["reason"])}) for w in each(row.withheld)),
        source=DraftSource(row.source),
        degraded=row.degraded,
        model=row.model,
    )
