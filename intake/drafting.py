"""From what is known to the draft that the customer confirms: title, description, facts."""

from collections.abc import Sequence
from dataclasses import replace

from intake.schemas import Understanding
from kit.text import displayable
from tickets.schemas import Field, TicketDraft
from tickets.words import CaseId, FieldName, FieldState, Priority

NO_CASE = CaseId("")
_TITLE_CHARS = 40
_DESCRIPTION_CHARS = 4_000


def draft_of(understood: Understanding, *, priority: Priority | None = None) -> TicketDraft:
    """Draft the ticket of a turn's case.

    The title is put together from facts and the customer's first words; nothing in it is guessed (TC-20).

    Args:
        understood: What is known.
        priority: Set where safety wording asks for it; else the default holds until routing.
    """
    fields = tuple(understood.fields[name] for name in FieldName if name in understood.fields)
    case = understood.turn.case
    return TicketDraft(
        case_id=case.id if case else NO_CASE,
        conversation_id=understood.turn.conversation.id,
        title=_title(understood.problem, fields),
        description=displayable(understood.problem)[:_DESCRIPTION_CHARS],
        fields=fields,
        priority=priority,
    )


def confirmed(field: Field) -> Field:
    """Return a field as the customer has confirmed it; contradictory values stay contradictory."""
    return field if field.state is FieldState.CONFLICT else replace(field, state=FieldState.CONFIRMED)


def confirmed_draft(draft: TicketDraft) -> TicketDraft:
    """Return a draft whose every field the customer has confirmed."""
    return replace(draft, fields=tuple(confirmed(f) for f in draft.fields))


def _title(problem: str, fields: Sequence[Field]) -> str:
    shown = {FieldName.MODEL, FieldName.FAULT_CODE}
    facts = [f.normal for f in fields if f.name in shown and not f.candidates]
    first = next((line for line in displayable(problem).splitlines() if line.strip()), "")
    words = " ".join(first.split())
    return " · ".join([*facts, words[:_TITLE_CHARS] or "（图片）"])
