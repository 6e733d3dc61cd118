"""What a reviewer decides; the JSON route and the page both call this."""

from api.auditing import note
from api.wiring import Services
from kit.db import Session
from quality.schemas import StoredFinding, Verdict
from tickets.auditing import AuditAction
from tickets.schemas import StaffMember


def review(
    services: Services, session: Session, member: StaffMember, finding_id: str, said: tuple[Verdict, str]
) -> StoredFinding:
    """Agree with a finding or reject it, with a comment.

    Raises:
        FindingNotFound: No such finding.
        ConversationNotFound: Its conversation is not for this person.
    """
    verdict, comment = said
    services.seen.check_conversation(session, member, services.quality.get(session, finding_id).conversation_id)
    found = services.quality.review(session, finding_id, verdict, member.username, comment)
    note(services, session, member, AuditAction.FINDING_REVIEWED, ("finding", finding_id), verdict=str(verdict))
    return found
