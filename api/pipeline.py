"""The way through the house as data: event → job → service call → next event. Read this file and you know the program.

| event               | job                | service call                              | next event          |
|---------------------|--------------------|-------------------------------------------|---------------------|
| MessageReceived     | intake.understand  | intake.understand → decide → respond      | TicketFiled, or none |
|                     | copilot.suggest_on | suggestions for the talk's open tickets   |                     |
|                     | tickets.index_talk | lists.index of the talk's tickets         |                     |
| TicketFiled         | intake.classify    | classification.predict → record           | TicketClassified    |
|                     | tickets.index      | lists.index                               |                     |
| TicketReworded      | tickets.index      | lists.index                               |                     |
| TicketClassified    | tickets.route      | tickets.route                             | TicketRouted        |
|                     | forms.assess       | forms.assess                              |                     |
| TicketRouted        | copilot.suggest    | suggestions.suggest → store               |                     |
|                     | tickets.merge_sure | duplicates.merge_sure                     | TicketsMerged, or none |
| TicketsMerged, …    | tickets.index      | lists.index                               |                     |
| AgentReplied        | copilot.suggest_on | suggestions for the talk's open tickets   |                     |
| TicketResolved      | copilot.summarise  | summaries.summarise → store               |                     |
|                     | tickets.invite     | aftercare.invite                          |                     |
|                     | tickets.survey     | surveys.ask                               |                     |
| any of these        | rules.…            | rules.fire, where a rule waits for it     | TicketUpdated, …    |
| each half minute    | tickets.aftercare  | aftercare.due → tickets.attend for each   | TicketUpdated, …    |
|                     | tickets.sla        | sla.due → tickets.sla_attend for each     | SlaWarned, …        |
| BookSaved           | tickets.sla_anew   | sla.recompute, a batch a job              |                     |
|                     | tickets.unaccepted | waiting.due → tickets.send_on for each    | TicketAssigned, …   |
| ConversationEnded   | quality.scan       | quality.scan → store                      |                     |
| BookSaved           | forms.reassess     | forms.assess for each open ticket         |                     |
| ArticlesChanged     | knowledge.sync     | knowledge.plan_index → apply_index        |                     |
| TicketUpdated, …    | webhooks.tell_…    | webhooks.tell → webhooks.deliver          |                     |
|                     | notices.tell       | notices.tell → notices.send               |                     |
| every five minutes  | audit.seal         | sealer.seal                               |                     |
| a file is brought   | tickets.import_check | importing.check → imports.save_check    |                     |
| somebody says go    | tickets.import_run | importing.file_next, again and again      | TicketFiled, …      |
| each day            | tickets.erase_old  | erasing.erase_old                         |                     |
| every hour          | api.forget_answers | answers.forget                            |                     |
"""

import re
from collections.abc import Callable, Mapping
from datetime import timedelta

from api import form_actions, import_jobs, telling
from api.automating import asks, rule_handlers
from api.import_jobs import CHECK_IMPORT, RUN_IMPORT
from api.indexing import index_talk, index_ticket, sync_index
from api.transcripts import transcript_of
from api.wiring import Services
from copilot.events import SuggestionDecided, SuggestionMade, SummaryConfirmed
from copilot.schemas import Suggestion
from intake.classification.urgency import is_urgent
from intake.schemas import GroundedAnswer, Understanding
from kit.audit.schemas import SEAL, SEAL_EVERY
from kit.audit.sealing import BATCH
from kit.db import Session
from kit.events import Event, Listener, Listeners
from kit.ids import ID_PATTERN
from kit.jobs.schemas import Delivery, Effect, Handlers, JobHandler, JobKind, JobRequest, Lease, QueueName, Routine
from knowledge.events import ArticlesChanged
from knowledge.schemas import Audience, Scope
from quality.events import FindingsMade
from tickets.automation.words import When
from tickets.books.events import BookSaved
from tickets.events import (
    AgentReplied,
    ConversationEnded,
    MessageReceived,
    TicketClassified,
    TicketFiled,
    TicketResolved,
    TicketReworded,
    TicketRouted,
    TicketUpdated,
)
from tickets.merging.events import TicketRepeated, TicketsMerged, TicketsParted
from tickets.notices.schemas import SEND
from tickets.schemas import Ticket
from tickets.service import DONE, PERSON
from tickets.sla.events import SlaBreached, SlaWarned
from tickets.sla.recomputing import BOOKS
from tickets.webhooks.schemas import DELIVER
from tickets.webhooks.service import WebhookService
from tickets.words import FieldName

UNDERSTAND = JobKind("intake.understand", priority=5)  # a customer waits for it; what serves the desk comes after
CLASSIFY = JobKind("intake.classify", priority=3)
ROUTE = JobKind("tickets.route", priority=3)
INDEX = JobKind("tickets.index", priority=1)
INDEX_TALK = JobKind("tickets.index_talk")
ERASE_OLD = JobKind("tickets.erase_old", QueueName.BULK)
MERGE_SURE = JobKind("tickets.merge_sure", priority=1)
SUGGEST = JobKind("copilot.suggest", QueueName.MODEL, priority=2)
SUGGEST_ON = JobKind("copilot.suggest_on", QueueName.MODEL, priority=2)
SUMMARISE = JobKind("copilot.summarise", QueueName.MODEL, priority=1)
SCAN = JobKind("quality.scan")
SYNC = JobKind("knowledge.sync", QueueName.BULK)
INVITE = JobKind("tickets.invite")
ASSESS = JobKind("forms.assess")
REASSESS = JobKind("forms.reassess", QueueName.BULK)
SURVEY = JobKind("tickets.survey")
LOOK_AFTER = JobKind("tickets.aftercare")
ATTEND = JobKind("tickets.attend")
SLA_SWEEP = JobKind("tickets.sla")
SLA_ATTEND = JobKind("tickets.sla_attend", priority=2)
SLA_ANEW = JobKind("tickets.sla_anew", QueueName.BULK)
UNACCEPTED = JobKind("tickets.unaccepted")
SEND_ON = JobKind("tickets.send_on")
TELL_TICKET = JobKind("webhooks.tell_ticket")
TELL_SUGGESTION = JobKind("webhooks.tell_suggestion")
TELL_SUMMARY = JobKind("webhooks.tell_summary")
TELL_FINDINGS = JobKind("webhooks.tell_findings")
FORGET_ANSWERS = JobKind("api.forget_answers")
TELL_PEOPLE = JobKind("notices.tell")
FORGET_IMPORTS = JobKind("tickets.import_forget")

ROUTINES = (
    Routine(LOOK_AFTER, timedelta(seconds=30)),
    Routine(SLA_SWEEP, timedelta(seconds=30)),
    Routine(UNACCEPTED, timedelta(seconds=30)),
    Routine(SEAL, SEAL_EVERY),
    Routine(ERASE_OLD, timedelta(days=1)),
    Routine(FORGET_ANSWERS, timedelta(hours=1)),
    Routine(FORGET_IMPORTS, timedelta(hours=24)),
)
"""What is done regularly, whatever happens."""


def listeners(quiet_window: timedelta) -> Listeners:
    """Return who listens to what.

    Args:
        quiet_window: Silence that ends a burst of messages.
    """
    table: Mapping[type[Event], tuple[Listener, ...]] = {
        MessageReceived: (
            Listener(UNDERSTAND, quiet_window, _understood_in),
            Listener(SUGGEST_ON, 2 * quiet_window),
            Listener(INDEX_TALK, 2 * quiet_window),
            asks(When.CUSTOMER_MESSAGE, 2 * quiet_window),
        ),
        TicketFiled: (Listener(CLASSIFY), Listener(INDEX), asks(When.FILED)),
        TicketReworded: (Listener(INDEX),),
        TicketClassified: (Listener(ROUTE), Listener(ASSESS), asks(When.CLASSIFIED)),
        BookSaved: (Listener(REASSESS), Listener(SLA_ANEW)),
        TicketRouted: (Listener(SUGGEST), Listener(MERGE_SURE), asks(When.ROUTED)),
        TicketsMerged: (Listener(INDEX),),
        TicketsParted: (Listener(INDEX),),
        TicketRepeated: (asks(When.REPEATED),),
        SlaWarned: (asks(When.SLA_WARNED),),
        SlaBreached: (asks(When.SLA_BREACHED),),
        AgentReplied: (Listener(SUGGEST_ON, quiet_window),),
        TicketResolved: (Listener(SUMMARISE), Listener(INVITE), Listener(SURVEY)),
        ConversationEnded: (Listener(SCAN),),
        ArticlesChanged: (Listener(SYNC),),
        TicketUpdated: (
            Listener(TELL_TICKET, wanted=WebhookService.anybody_listens),
            Listener(TELL_PEOPLE),
            asks(When.UPDATED),
        ),
        SuggestionMade: (asks(When.SUGGESTION_MADE),),
        SuggestionDecided: (
            Listener(TELL_SUGGESTION, wanted=WebhookService.anybody_listens),
            asks(When.SUGGESTION_DECIDED),
        ),
        SummaryConfirmed: (Listener(TELL_SUMMARY, wanted=WebhookService.anybody_listens),),
        FindingsMade: (Listener(TELL_FINDINGS, wanted=WebhookService.anybody_listens),),
    }
    return table


def _understood_in(event: MessageReceived) -> QueueName:
    return QueueName.PICTURE if event.has_files else QueueName.FAST


def handlers(services: Services) -> Handlers:
    """Return the handler of each job."""
    return {
        UNDERSTAND: lambda lease: _understand(services, lease),
        CLASSIFY: lambda lease: _classify(services, lease),
        ROUTE: lambda lease: _route(services, lease),
        INDEX: lambda lease: lambda session: index_ticket(services, session, lease.subject_id),
        INDEX_TALK: lambda lease: lambda session: index_talk(services, session, lease.subject_id),
        ERASE_OLD: lambda _: lambda session: _erase_old(services, session),
        MERGE_SURE: lambda lease: lambda session: services.desk.duplicates.merge_sure(session, lease.subject_id),
        ASSESS: lambda lease: lambda session: form_actions.assess(services, session, lease.subject_id),
        REASSESS: lambda lease: lambda session: form_actions.reassess(services, session, lease, REASSESS),
        SUGGEST: lambda lease: _suggest(services, lease),
        SUGGEST_ON: lambda lease: _suggest_on(services, lease),
        SUMMARISE: lambda lease: _summarise(services, lease),
        SCAN: lambda lease: _scan(services, lease),
        SYNC: lambda _: _sync(services),
        INVITE: lambda lease: lambda session: services.aftercare.invite(session, lease.subject_id),
        LOOK_AFTER: lambda _: _look_after(services, ATTEND, services.aftercare.due),
        SURVEY: lambda lease: lambda session: services.desk.surveys.ask(session, lease.subject_id),
        ATTEND: lambda lease: lambda session: services.aftercare.attend(session, lease.subject_id),
        SLA_SWEEP: lambda _: _look_after(services, SLA_ATTEND, services.desk.sla.due),
        SLA_ATTEND: lambda lease: lambda session: services.desk.sla.attend(session, lease.subject_id),
        SLA_ANEW: lambda lease: lambda session: _judge_anew(services, session, lease.subject_id),
        UNACCEPTED: lambda _: _look_after(services, SEND_ON, services.desk.waiting.due),
        SEND_ON: lambda lease: lambda session: services.desk.waiting.attend(session, lease.subject_id),
        TELL_TICKET: _telling(services, telling.tell_of_ticket),
        TELL_SUGGESTION: _telling(services, telling.tell_of_suggestion),
        TELL_SUMMARY: _telling(services, telling.tell_of_summary),
        TELL_FINDINGS: _telling(services, telling.tell_of_findings),
        SEAL: lambda _: lambda session: _seal(services, session),
        FORGET_ANSWERS: lambda _: services.desk.answers.forget,
        TELL_PEOPLE: lambda lease: lambda session: _tell_people(services, session, lease.subject_id),
        SEND: Delivery(lambda lease: _prepare_notice(services, lease), deduplicates=False),
        **rule_handlers(services),
        CHECK_IMPORT: lambda lease: import_jobs.check(services, lease),
        RUN_IMPORT: lambda lease: import_jobs.run(services, lease),
        FORGET_IMPORTS: lambda _: services.desk.imports.forget,
        DELIVER: Delivery(lambda lease: _prepare_webhook(services, lease), deduplicates=True),
    }


def _understand(services: Services, lease: Lease) -> Effect:
    with services.database.reading() as session:
        turn = services.intake.load(session, lease.subject_id)
    if not turn.fresh:
        return _nothing
    understood = services.intake.understand(turn)
    with services.database.reading() as session:
        answer = _consult(services, session, understood)
    acts = services.intake.decide(understood, answer)
    return lambda session: services.intake.respond(session, understood, acts)


def _consult(services: Services, session: Session, understood: Understanding) -> GroundedAnswer | None:
    """Ask the knowledge base what may be said to the customer; only what is in force and meant for them."""
    if not understood.problem or understood.turn.conversation.handler == "agent":
        return None
    model = understood.fields.get(FieldName.MODEL)
    code = understood.fields.get(FieldName.FAULT_CODE)
    scope = Scope(
        product=services.shop.lines.get(model.normal) if model else None,
        model=model.normal if model else None,
        at=services.clock.now(),
        audience=Audience.CUSTOMER,
    )
    answer = services.knowledge.answer(session, understood.problem, scope, code=code.normal if code else None)
    if answer is None or not _same_language(answer.hits[0].passage.lang, understood.lang):
        return None
    return GroundedAnswer(answer.text, tuple(c.as_json() for c in answer.citations))


def _same_language(passage: str, spoken: str) -> bool:
    """A passage is quoted word for word, so one in another language is no answer; a person can put it into words."""
    return passage.startswith("zh") == spoken.startswith("zh")


def _classify(services: Services, lease: Lease) -> Effect:
    with services.database.reading() as session:
        ticket = services.tickets.get(session, lease.subject_id)
    if ticket.label_source == PERSON:  # it came with its category (TC-18), or somebody was quicker
        return _nothing
    prediction = services.classification.predict(ticket.description, {f.name: f.normal for f in ticket.fields})
    return lambda session: services.tickets.record_prediction(session, ticket.summary.id, prediction)


def _route(services: Services, lease: Lease) -> Effect:
    def effect(session: Session) -> None:
        ticket = services.tickets.get(session, lease.subject_id)
        urgent = is_urgent(ticket.description)
        line, level = line_of(services, ticket), level_of(services, ticket)
        services.tickets.route(session, ticket.summary.id, line=line, urgent=urgent, customer_level=level)

    return effect


def _suggest(services: Services, lease: Lease) -> Effect:
    with services.database.reading() as session:
        ticket = services.tickets.get(session, lease.subject_id)
        messages = services.conversations.messages(session, ticket.summary.conversation_id)
        suggestion = services.suggestions.suggest(session, ticket, messages, line=line_of(services, ticket))
    return lambda session: _store(services, session, ticket, suggestion)


def _suggest_on(services: Services, lease: Lease) -> Effect:
    with services.database.reading() as session:
        found = services.tickets.of_conversation(session, lease.subject_id)
        # Not the ticket in which a merged talk goes on: what the copilot cites counts in the turns of one talk.
        own = [t for t in found if t.summary.conversation_id == lease.subject_id]
        tickets = [t for t in own if t.summary.status not in DONE]
        messages = services.conversations.messages(session, lease.subject_id) if tickets else []
        made = [(t, services.suggestions.suggest(session, t, messages, line=line_of(services, t))) for t in tickets]

    def effect(session: Session) -> None:
        for ticket, suggestion in made:
            _store(services, session, ticket, suggestion)

    return effect


def _store(services: Services, session: Session, ticket: Ticket, suggestion: Suggestion) -> None:
    """Keep a suggestion, and state that there is a new one where it says something new."""
    before = services.suggestions.newest(session, ticket.summary.id)
    stored = services.suggestions.store(session, suggestion)
    if before is None or before.id != stored.id:
        services.bus.publish(session, SuggestionMade(ticket.summary.id, serial_key=ticket.summary.conversation_id))


def _summarise(services: Services, lease: Lease) -> Effect:
    with services.database.reading() as session:
        ticket = services.tickets.get(session, lease.subject_id)
        messages = services.conversations.messages(session, ticket.summary.conversation_id)
    summary = services.summaries.summarise(ticket, messages)
    return lambda session: services.summaries.store(session, summary)


def _scan(services: Services, lease: Lease) -> Effect:
    with services.database.reading() as session:
        conversation = services.conversations.get(session, lease.subject_id)
        messages = services.conversations.messages(session, lease.subject_id)
        tickets = services.tickets.of_conversation(session, lease.subject_id)
    findings = services.quality.scan(transcript_of(conversation, messages))
    ticket_id = tickets[-1].summary.id if tickets else None

    def effect(session: Session) -> None:
        if services.quality.store(session, lease.subject_id, findings, ticket_id):
            services.bus.publish(session, FindingsMade(lease.subject_id, serial_key=lease.subject_id))

    return effect


def _sync(services: Services) -> Effect:
    sync_index(services)
    return _nothing


def _look_after(services: Services, kind: JobKind, look: Callable[[Session], list[tuple[str, str]]]) -> Effect:
    with services.database.reading() as session:
        due = look(session)

    def effect(session: Session) -> None:
        for ticket_id, conversation_id in due:
            key = f"{kind.name}:{ticket_id}"
            services.queue.enqueue(session, JobRequest(kind, ticket_id, conversation_id, dedupe_key=key))

    return effect


def _judge_anew(services: Services, session: Session, subject: str) -> None:
    """Judge a batch of clocks by the rules in force and plant the next; the subject is a book, or where to go on."""
    book = subject in BOOKS
    if not book and not re.match(ID_PATTERN, subject):  # another book, on which no clock depends
        return
    last = services.desk.sla.recompute(session, "" if book else subject)
    if last is not None:
        key = f"{SLA_ANEW.name}:{last}"
        services.queue.enqueue(session, JobRequest(SLA_ANEW, last, dedupe_key=key))


def _telling(services: Services, tell: Callable[[Services, Session, str], None]) -> JobHandler:
    return lambda lease: lambda session: tell(services, session, lease.subject_id)


def _tell_people(services: Services, session: Session, entry_id: str) -> None:
    """Tell of what happened, unless it happened in an old system and was only brought here."""
    ticket, entry = services.tickets.happening(session, entry_id)
    if not services.desk.entries.is_quiet(session, ticket.summary.id, entry.at):
        services.desk.notices.told.tell(session, entry_id)


def _prepare_webhook(services: Services, lease: Lease) -> Callable[[], Effect]:
    with services.database.reading() as session:
        outgoing = services.webhooks.load(session, lease.subject_id)

    def send() -> Effect:
        outcome = services.webhooks.send(outgoing)
        return lambda session: services.webhooks.record(session, lease.subject_id, outcome)

    return send


def _prepare_notice(services: Services, lease: Lease) -> Callable[[], Effect]:
    delivery = services.desk.notices.delivery
    with services.database.reading() as session:
        parcel = delivery.load(session, lease.subject_id)

    def send() -> Effect:
        outcome = delivery.send(parcel)
        return lambda session: delivery.record(session, lease.subject_id, outcome)

    return send


def line_of(services: Services, ticket: Ticket) -> str | None:
    """Return the product line of a ticket's model, where known."""
    model = ticket.field(FieldName.MODEL)
    return services.shop.lines.get(model.normal) if model else None


def level_of(services: Services, ticket: Ticket) -> str:
    """Return the customer's level as the order book has it; empty where the order is not known."""
    order_no = ticket.field(FieldName.ORDER_NO)
    order = services.shop.orders.get(order_no.normal) if order_no else None
    return order.customer_level if order else ""


def _seal(services: Services, session: Session) -> None:
    if services.sealer.seal(session) == BATCH:  # more waits than one seal takes
        services.queue.enqueue(session, JobRequest(SEAL, SEAL.name, dedupe_key=SEAL.name))


def _erase_old(services: Services, session: Session) -> None:
    if services.desk.erasing.erase_old(session, services.settings.tickets.keep_customers):  # more may wait
        services.queue.enqueue(session, JobRequest(ERASE_OLD, ERASE_OLD.name, dedupe_key=ERASE_OLD.name))


def _nothing(session: Session) -> None:
    """Write nothing: the work was already done."""
