"""What each demo conversation became, for a person at a terminal."""

from datetime import datetime
from typing import Any

from rich.console import Console
from rich.text import Text

from api.demo.stories import Story
from api.rendering import shop_time
from api.wiring import Services
from copilot.schemas import StoredSuggestion, StoredSummary
from tickets.schemas import Evidence, ExternalRecord, PersonStatement, PictureRegion, TextSpan, Ticket

_QUOTE_CHARS = 40
_STEPS_SHOWN = 3


def print_story(console: Console, services: Services, story: Story, conversation_id: str) -> None:
    """Print one conversation's outcome, read from the store."""
    body = Text()
    with services.database.reading() as session:
        tickets = services.tickets.of_conversation(session, conversation_id)
        conversation = services.conversations.get(session, conversation_id)
        messages = {m.id: m for m in services.conversations.messages(session, conversation_id)}
        for ticket in tickets:
            _ticket(body, services, ticket, {mid: m.raw for mid, m in messages.items()})
            suggestion = services.suggestions.newest(session, ticket.summary.id)
            _suggestion(body, suggestion)
            _summary(body, services.summaries.newest(session, ticket.summary.id))
        if not tickets:
            how = "answered without a ticket" if conversation.ended_at else "no ticket yet"
            body.append(f"{how}, {len(messages)} messages\n")
        for stored in services.quality.of_conversation(session, conversation_id):
            finding = stored.finding
            turns = ", ".join(str(e.turn_index) for e in finding.evidence)
            body.append(f"QA      {finding.rule} ({finding.severity}), turns {turns}\n", style="yellow")
    console.rule(f"{story.id}  {story.title}", align="left")
    console.print(body)


def _ticket(body: Text, services: Services, ticket: Ticket, raws: dict[Any, str]) -> None:
    line = ticket.summary
    body.append(f"T-{line.number} {line.status} {line.priority}  {line.title}\n", style="bold")
    for f in ticket.fields:
        where = "; ".join(_evidence(e, raws) for e in f.evidence[:2])
        body.append(f"field   {f.name} = {f.normal} ({f.state}, {f.verdict}, {f.confidence:.2f}) <- {where}\n")
    prediction = ticket.prediction
    if prediction is not None:
        names = "/".join(services.shop.taxonomy.name(prediction.label, "zh")) or "-"
        body.append(f"class   {names} {prediction.probability:.2f} [{prediction.zone}] {prediction.reason}\n")
    body.append(f"route   {line.group_id or '-'} ({ticket.route_reason}), due {_due(line.first_response_due_at)}\n")


def _due(at: datetime | None) -> str:
    return shop_time(at) if at else "-"


def _suggestion(body: Text, stored: StoredSuggestion | None) -> None:
    if stored is None:
        return
    suggestion = stored.suggestion
    if suggestion.blocker is not None:
        body.append(f"hint    blocked: {suggestion.blocker.kind}, {suggestion.blocker.reason_zh}\n", style="magenta")
    cited = {c.passage_id: c for c in suggestion.citations}
    for step in suggestion.steps[:_STEPS_SHOWN]:
        source = cited[step.passage_id]
        mark = "->" if step.is_next else "  "
        body.append(f"hint {mark} {step.number}. {step.action} [{source.article_id} v{source.version}]\n")
    if suggestion.draft:
        body.append(f"draft   {suggestion.draft}\n", style="cyan")


def _summary(body: Text, stored: StoredSummary | None) -> None:
    if stored is None:
        return
    for name, value in stored.summary.fields.items():
        turns = ",".join(str(t) for t in value.turns) or value.source
        body.append(f"summary {name} = {value.value} (turns {turns})\n", style="green")
    for promise in stored.summary.promises:
        body.append(f"promise {promise.text} (due: {promise.due or '-'}, turn {promise.turn})\n", style="green")


def _evidence(evidence: Evidence, raws: dict[Any, str]) -> str:
    match evidence:
        case TextSpan(message_id, start, end):
            return f"「{raws.get(message_id, '')[start:end][:_QUOTE_CHARS]}」"
        case PictureRegion(_, box):
            return f"picture at {box.x},{box.y} {box.width}x{box.height}"
        case ExternalRecord(source, reference):
            return f"{source} {reference}"
        case PersonStatement(actor):
            return f"{actor} typed it"
