"""Forms of tickets: shown, handed in, corrected until the ticket is closed, decided by quality where incomplete."""

from collections.abc import Mapping
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from kit.audit.schemas import Act
from kit.audit.service import AuditLog
from kit.db import Conflict, Session, savepoint
from kit.ids import new_id
from kit.text import displayable
from tickets.auditing import AuditAction
from tickets.forms import repository
from tickets.forms.checking import check, cleaned
from tickets.forms.errors import (
    FieldNotFound,
    FormChanged,
    FormFileNotFound,
    FormIncomplete,
    FormNotWaiting,
    ReasonMissing,
    TooManyFiles,
)
from tickets.forms.media import sniff
from tickets.forms.models import FormEntryRow, FormFileRow, FormStandingRow
from tickets.forms.ports import FactReader, unread
from tickets.forms.schemas import FACTS, FORMS, MEDIA, FormBook, Kind, Template, Unmet
from tickets.forms.situation import Situation, load, proof_of, seal_into
from tickets.forms.values import GRAVE, Checked, Fault, Finding, FormState, FormView, StoredFile, Values
from tickets.ledger import Ledger
from tickets.lifecycle.schemas import Doer
from tickets.models import TicketRow
from tickets.repository import tickets as ticket_repository
from tickets.schemas import Field, IncomingFile, PersonStatement
from tickets.words import TicketStatus, Verdict

SHOP_ZONE = ZoneInfo("Asia/Shanghai")
MOST_FILES = 60  # of one ticket's form, all versions together
UNUSED_AFTER = timedelta(days=1)
_SHOWN = 4  # last characters of a secure value
_MIN_TO_SHOW = 8  # of a shorter one nothing is shown
_REASON_CHARS = 500
_DECIDED = {FormState.WAITING, FormState.ACCEPTED, FormState.RETURNED}


class FormService:
    """What customers and staff do with a ticket's form.

    Args:
        ledger: What every verb on tickets stands on.
        read_fact: Judges order numbers, models and fault codes.
    """

    def __init__(self, ledger: Ledger, read_fact: FactReader = unread) -> None:
        self._ledger = ledger
        self._read_fact = read_fact
        self._audit = AuditLog(ledger.vault, ledger.clock)

    def book(self, session: Session) -> FormBook:
        """Return the forms in force."""
        return self._ledger.books.current(session, FORMS).body

    def template_of(self, session: Session, ticket_id: str) -> Template:
        """Return the form of a ticket as its category and channel stand; raises ``TicketNotFound``."""
        return self._situation(session, self._ledger.row(session, ticket_id)).template

    def view(self, session: Session, ticket_id: str) -> FormView:
        """Return a ticket's form as it stands, secure values masked; raises ``TicketNotFound``."""
        row = self._ledger.row(session, ticket_id)
        return self._view(session, self._situation(session, row))

    def submit(
        self,
        session: Session,
        ticket_id: str,
        values: Values,
        doer: Doer,
        *,
        as_is: bool = False,
        base_version: int | None = None,
    ) -> FormView:
        """Hand a form in, or correct it: a new version; the ones before are kept.

        Args:
            session: The unit of work.
            ticket_id: Which ticket's.
            values: The whole form. A secure value or a fact of the ticket that isn't mentioned stays as it was.
            doer: Who.
            as_is: Where it is incomplete and its template says so, let quality decide instead of refusing it.
            base_version: What the doer saw; another one meanwhile is a conflict.

        Raises:
            TicketNotFound, TicketArchived: No such ticket, or it is closed.
            FormIncomplete: Every place that is wrong; nothing is stored.
            FormChanged: Somebody was faster.
        """
        row = self._ledger.writable(session, ticket_id)
        situation = self._situation(session, row)
        version = situation.entry.version if situation.entry is not None else 0
        if base_version is not None and base_version != version:
            raise FormChanged
        given, facts, doubts = self._given(situation, values, doer)
        checked = self._complete(situation, given)
        findings = (*checked.findings, *doubts)
        waits = bool(findings) and as_is and situation.template.unmet is Unmet.QA_QUEUE
        if findings and (not waits or any(f.fault in GRAVE for f in findings)):
            raise FormIncomplete([finding.issue() for finding in findings])
        self._store(session, situation, version + 1, checked, doer)
        ticket_repository.add_fields(session, row.id, list(facts.values()), doer.name)
        state = FormState.WAITING if waits else FormState.COMPLETE
        self._stand(session, situation, checked, state)
        data = {"version": version + 1, "state": state, "score": round(checked.score, 3), "missing": checked.missing}
        self._ledger.note(session, row, doer.name, "form_submitted", data)
        return self.view(session, ticket_id)

    def add_file(self, session: Session, ticket_id: str, field: str, file: IncomingFile, doer: Doer) -> StoredFile:
        """Keep a file for a place of a ticket's form; it counts once a version names it.

        Raises:
            TicketNotFound, TicketArchived: No such ticket, or it is closed.
            FieldNotFound: The form has no such place for files.
            FileRefused: Not what the place takes.
            TooManyFiles: More than anybody needs.
        """
        row = self._ledger.writable(session, ticket_id)
        place = self.template_of(session, ticket_id).field(field)
        if place is None or place.kind not in MEDIA:
            raise FieldNotFound(field)
        media_type, width, height = sniff(place, file.content)
        now = self._ledger.clock.now()
        repository.drop_unused(session, row.id, now - UNUSED_AFTER)
        if repository.file_count(session, row.id) >= MOST_FILES:
            raise TooManyFiles(MOST_FILES)
        file_id = new_id()
        sealed = self._ledger.vault.seal_bytes(session, row.customer_id, _content_of(file_id), file.content)
        stored = FormFileRow(
            id=file_id,
            ticket_id=row.id,
            field=field,
            file_name=displayable(file.file_name)[:200] or "file",
            media_type=media_type,
            size_bytes=len(file.content),
            width=width,
            height=height,
            content_sealed=sealed,
            author=doer.name,
            at=now,
        )
        repository.add(session, stored)
        return repository.stored(stored)

    def file(self, session: Session, ticket_id: str, file_id: str) -> tuple[StoredFile, bytes]:
        """Return a file of a ticket's form.

        Raises:
            FormFileNotFound: Not of this ticket.
        """
        row = repository.file_row(session, ticket_id, file_id)
        if row is None:
            raise FormFileNotFound
        owner = self._ledger.row(session, ticket_id).customer_id
        return repository.stored(row), self._ledger.vault.open_bytes(
            session, owner, _content_of(row.id), row.content_sealed
        )

    def reveal(self, session: Session, ticket_id: str, field: str, actor: str) -> str:
        """Return a secure value whole, and put on record who read it; the caller checks the right to.

        Raises:
            FieldNotFound: The form has no such secure field, or it is empty.
        """
        situation = self._situation(session, self._ledger.row(session, ticket_id))
        place = situation.template.field(field)
        if place is None or not place.secure or place.kind in MEDIA or field not in situation.values:
            raise FieldNotFound(field)
        self._audit.record(session, Act(actor, AuditAction.FORM_FIELD_READ, "ticket", ticket_id, {"field": field}))
        return str(situation.values[field])

    def decide(self, session: Session, ticket_id: str, doer: Doer, *, accept: bool, reason: str = "") -> FormView:
        """Let quality accept an incomplete form, or send it back with a reason (FM-03).

        Raises:
            FormNotWaiting: It isn't in the queue, or somebody was faster.
            ReasonMissing: It is sent back without one.
        """
        row = self._ledger.writable(session, ticket_id)
        standing = repository.standing(session, row.id)
        if standing is None or standing.waiting_since is None:
            raise FormNotWaiting
        words = reason.strip()[:_REASON_CHARS]
        if not accept and not words:
            raise ReasonMissing
        state = FormState.ACCEPTED if accept else FormState.RETURNED
        standing.state, standing.decision, standing.decided_by = state, state, doer.name
        standing.waiting_since, standing.updated_at = None, self._ledger.clock.now()
        standing.reason_sealed = (
            self._ledger.vault.seal(session, row.customer_id, _reason_of(row.id), words) if words else None
        )
        kind = "form_accepted" if accept else "form_returned"
        self._ledger.note(session, row, doer.name, kind, {"reason": words} if words else {})
        return self.view(session, ticket_id)

    def assess(self, session: Session, ticket_id: str) -> FormState:
        """Compute anew how a ticket's form stands, after its category or the book has changed."""
        row = self._ledger.row(session, ticket_id)
        situation = self._situation(session, row)
        checked = situation.checked(self.today())
        standing = repository.standing(session, row.id)
        state = FormState.OPEN if checked.findings else FormState.COMPLETE
        same = standing is not None and standing.template_id == situation.template.id
        if checked.findings and same and standing is not None and standing.state in _DECIDED:
            state = FormState(standing.state)
        self._stand(session, situation, checked, state)
        return state

    def today(self) -> date:
        """Return the day in the shop's zone."""
        return self._ledger.clock.now().astimezone(SHOP_ZONE).date()

    def _situation(self, session: Session, row: TicketRow) -> Situation:
        return load(session, self._ledger.vault, self.book(session), [row])[0]

    def _given(
        self, situation: Situation, values: Values, doer: Doer
    ) -> tuple[dict[str, object], dict[str, Field], list[Finding]]:
        """Return the form with its facts in their canonical spelling, the facts that changed, and doubts about them."""
        given = cleaned(values)
        facts: dict[str, Field] = {}
        doubts: list[Finding] = []
        for place in situation.template.fields:
            before = situation.values.get(place.name)
            typed = given.get(place.name)
            if place.kind in FACTS and typed is None and before is not None:
                given[place.name] = before
            elif place.kind in FACTS and isinstance(typed, str) and typed.strip() != before:
                fact = self._read_fact(FACTS[place.kind], typed.strip()[:200], PersonStatement(doer.name))
                given[place.name], facts[place.name] = fact.normal, fact
                if place.kind is Kind.ORDER_NO and fact.verdict is Verdict.INVALID:
                    en = f"{place.en} is no order number"
                    doubts.append(Finding(place.name, Fault.UNFIT, f"「{place.zh}」不是有效的订单号", en))
            elif place.secure and place.name not in values and before is not None:
                given[place.name] = before
        return given, facts, doubts

    def _complete(self, situation: Situation, given: dict[str, object]) -> Checked:
        """Check a form; a secure value that was kept and has no place any more goes by itself: nobody can empty it."""
        checked = check(situation.template, given, situation.files, self.today())
        kept = {name for name, value in given.items() if value == situation.values.get(name)}
        for finding in checked.findings:
            place = situation.template.field(finding.field)
            if finding.fault is Fault.NOT_ALLOWED and finding.field in kept and place is not None and place.secure:
                del given[finding.field]
        return check(situation.template, given, situation.files, self.today())

    def _store(self, session: Session, situation: Situation, version: int, checked: Checked, doer: Doer) -> None:
        entry = FormEntryRow(
            id=new_id(),
            ticket_id=situation.row.id,
            version=version,
            template_id=situation.template.id,
            book_version=self._ledger.books.current(session, FORMS).version,
            score=checked.score,
            author=doer.name,
            at=self._ledger.clock.now(),
        )
        seal_into(session, self._ledger.vault, situation, entry, checked.values)
        try:
            with savepoint(session):
                repository.add(session, entry)
        except Conflict as error:  # two saw the same version
            raise FormChanged from error
        repository.bind_files(session, situation.row.id, entry.id, _files_in(situation.template, checked.values))

    def _stand(self, session: Session, situation: Situation, checked: Checked, state: FormState) -> None:
        row, now = situation.row, self._ledger.clock.now()
        standing = repository.standing(session, row.id)
        if standing is None:
            standing = FormStandingRow(
                ticket_id=row.id, template_id="", state="", score=0.0, missing=[], updated_at=now
            )
            repository.add(session, standing)
        if state is FormState.WAITING:
            standing.waiting_since = standing.waiting_since or now
        else:
            standing.waiting_since = None
        standing.template_id, standing.state = situation.template.id, state
        standing.score, standing.missing, standing.updated_at = checked.score, list(checked.missing), now
        standing.needs_proof, standing.has_proof = proof_of(situation.template, checked)

    def _view(self, session: Session, situation: Situation) -> FormView:
        row, entry = situation.row, situation.entry
        checked = situation.checked(self.today())
        standing = repository.standing(session, row.id)
        state = FormState(standing.state) if standing is not None and standing.state in _DECIDED else None
        if state is None or not checked.findings:
            state = FormState.OPEN if checked.findings else FormState.COMPLETE
        reason = ""
        if state is FormState.RETURNED and standing is not None and standing.reason_sealed is not None:
            reason = self._ledger.vault.open(session, row.customer_id, _reason_of(row.id), standing.reason_sealed)
        shown, sealed = _masked(situation.template, checked.values)
        return FormView(
            ticket_id=row.id,
            number=row.number,
            template=situation.template,
            book_version=self._ledger.books.current(session, FORMS).version,
            values=shown,
            files=situation.files,
            findings=checked.findings,
            missing=checked.missing,
            score=checked.score,
            state=state,
            version=entry.version if entry is not None else 0,
            writable=row.status != TicketStatus.CLOSED,
            origins=situation.origins,
            sealed=sealed,
            reason=reason,
            by=entry.author if entry is not None else "",
            at=entry.at if entry is not None else None,
        )


def masked(value: str) -> str:
    """Return a secure value as it may be shown: its last four characters, of a short one none."""
    return "••••" + (value[-_SHOWN:] if len(value) >= _MIN_TO_SHOW else "")


def _masked(template: Template, values: Mapping[str, object]) -> tuple[dict[str, object], tuple[str, ...]]:
    secure = {f.name for f in template.fields if f.secure and f.kind not in MEDIA and f.name in values}
    shown = {name: masked(str(value)) if name in secure else value for name, value in values.items()}
    return shown, tuple(f.name for f in template.fields if f.name in secure)


def _files_in(template: Template, values: Mapping[str, object]) -> list[str]:
    named: list[str] = []
    for place in template.fields:
        ids = values.get(place.name)
        if place.kind in MEDIA and isinstance(ids, list):
            named += [str(one) for one in ids]
    return named


def _content_of(file_id: str) -> str:
    return f"form_files.content:{file_id}"


def _reason_of(ticket_id: str) -> str:
    return f"form_standings.reason:{ticket_id}"
