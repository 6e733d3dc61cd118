"""The audit's words: what is recorded of staff, tokens and tickets, by whom (SE-09, SE-10)."""

from collections.abc import Mapping
from enum import StrEnum

from kit.audit.schemas import Act, Private
from tickets.schemas import Changes

ANONYMOUS = "anonymous"
COMMAND = "system:command"
"""Who acts where somebody uses the command line: the operator of the machine, whom the house does not know by name."""
TICKET_PREFIX = "ticket."
"""Begins the action of every entry of a ticket's timeline; its kind follows."""


class AuditAction(StrEnum):
    """What is recorded beside the entries of timelines."""

    SIGNED_IN = "sign_in.done"
    SIGN_IN_FAILED = "sign_in.failed"
    SIGNED_OUT = "sign_in.ended"
    PERSON_ADDED = "person.added"
    PERSON_CHANGED = "person.changed"
    PERSON_DEACTIVATED = "person.deactivated"
    PERSON_ACTIVATED = "person.activated"
    PASSWORD_RESET = "person.password_reset"  # noqa: S105 - a word, no secret
    PASSWORD_CHANGED = "person.password_changed"  # noqa: S105
    TOKEN_ISSUED = "token.issued"  # noqa: S105
    TOKEN_REVOKED = "token.revoked"  # noqa: S105
    PROFILE_CHANGED = "person.profile_changed"
    PRESENCE_SET = "person.presence_set"
    STANDING_SAVED = "customer.standing_saved"
    TICKET_READ = "read.ticket"
    ATTACHMENT_READ = "read.attachment"
    CONVERSATION_READ = "read.conversation"
    CUSTOMER_READ = "read.customer"
    AUDIT_READ = "read.audit"
    AUDIT_EXPORTED = "export.audit"
    TICKETS_EXPORTED = "export.tickets"
    TICKETS_IMPORTED = "import.tickets"
    IMPORT_CANCELLED = "import.cancelled"
    SUGGESTION_DECIDED = "suggestion.decided"
    SUMMARY_CONFIRMED = "summary.confirmed"
    FINDING_REVIEWED = "finding.reviewed"
    WEBHOOK_ADDED = "webhook.added"
    WEBHOOK_ROTATED = "webhook.rotated"
    WEBHOOK_PAUSED = "webhook.paused"
    WEBHOOK_RESUMED = "webhook.resumed"
    WEBHOOK_TESTED = "webhook.tested"
    WEBHOOK_RESENT = "webhook.resent"
    NOTICE_PLACE_ADDED = "notice.place_added"
    NOTICE_PLACE_REMOVED = "notice.place_removed"
    NOTICE_TESTED = "notice.tested"
    NOTICE_RESENT = "notice.resent"
    NOTICE_CONFIRMED = "notice.confirmed"
    BOOK_SAVED = "book.saved"
    ERASURE_APPLIED = "erasure.applied"
    ERASURE_REFUSED = "erasure.refused"
    CUSTOMER_ERASED = "erasure.done"
    FORM_FIELD_READ = "read.form_field"
    JOB_RETRIED = "job.retried"
    JOB_DROPPED = "job.dropped"
    JOB_CONFIRMED = "job.confirmed"


def ticket_act(
    customer_id: str,
    ticket_id: str,
    actor: str,
    kind: str,
    entry_id: str,
    *,
    changes: Changes,
    data: Mapping[str, object],
) -> Act:
    """Return the record of a timeline's entry: what changed is open, its own words are sealed with the customer's key.

    An entry's data may hold what an agent typed about the customer; erasing the customer's key erases it here too.
    """
    public = {"entry": entry_id, "changes": {name: list(pair) for name, pair in changes.items()}}
    return Act(actor, f"{TICKET_PREFIX}{kind}", "ticket", ticket_id, public, Private(customer_id, data))


def staff_act(actor: str, action: AuditAction, username: str, **data: object) -> Act:
    """Return the record of something done to a member of staff."""
    return Act(actor, action, "person", username, data)
