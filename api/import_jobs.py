"""The jobs of an import: check the file, then file its lines part by part; a kill between two parts loses nothing."""

from api import importing
from api.auditing import note
from api.wiring import Services
from kit.db import Session
from kit.errors import JiedaiError
from kit.jobs.schemas import Effect, JobKind, JobRequest, Lease, QueueName
from tickets.auditing import AuditAction
from tickets.entries.priorities import PriorityScheme
from tickets.imports.schemas import ImportMode
from tickets.schemas import StaffMember

CHECK_IMPORT = JobKind("tickets.import_check", QueueName.BULK)
RUN_IMPORT = JobKind("tickets.import_run", QueueName.BULK)


def bring(
    services: Services,
    session: Session,
    member: StaffMember,
    content: bytes,
    *,
    file_name: str,
    source: str,
    scheme: PriorityScheme,
) -> str:
    """Keep a file and have it checked; returns the import's id."""
    import_id = services.desk.imports.bring(
        session, content, file_name=file_name, source=source, scheme=scheme, actor=member.username
    )
    services.queue.enqueue(session, JobRequest(CHECK_IMPORT, import_id, import_id))
    return import_id


def begin(services: Services, session: Session, member: StaffMember, import_id: str, mode: ImportMode) -> None:
    """Let a checked import run; raises as the service does."""
    services.desk.imports.begin(session, import_id, mode)
    brought = services.desk.imports.get(session, import_id)
    note(
        services,
        session,
        member,
        AuditAction.TICKETS_IMPORTED,
        ("import", import_id),
        rows=brought.rows,
        bad=brought.bad,
        mode=str(mode),
        source=brought.source,
    )
    services.queue.enqueue(session, JobRequest(RUN_IMPORT, import_id, import_id))


def cancel(services: Services, session: Session, member: StaffMember, import_id: str) -> None:
    """Stop an import; raises as the service does."""
    services.desk.imports.cancel(session, import_id)
    filed = services.desk.imports.get(session, import_id).filed
    note(services, session, member, AuditAction.IMPORT_CANCELLED, ("import", import_id), filed=filed)


def check(services: Services, lease: Lease) -> Effect:
    """Judge a file outside any transaction and keep what it holds."""
    imports, import_id = services.desk.imports, lease.subject_id
    with services.database.reading() as session:
        content, brought = imports.content(session, import_id), imports.get(session, import_id)
        if content is None:
            return lambda _: None
        try:
            checked = importing.check(services, session, content, brought)
        except JiedaiError as error:
            refused = error
            return lambda writing: imports.refuse(writing, import_id, refused)
    return lambda writing: imports.save_check(writing, import_id, checked)


def run(services: Services, lease: Lease) -> Effect:
    """File the next lines, and have the job run again while more wait."""
    imports, import_id = services.desk.imports, lease.subject_id
    with services.database.reading() as session:
        part, brought = imports.next_lines(session, import_id), imports.get(session, import_id)

    def effect(session: Session) -> None:
        if part is not None and importing.file_next(services, session, brought, part):
            services.queue.enqueue(session, JobRequest(RUN_IMPORT, import_id, import_id))

    return effect
