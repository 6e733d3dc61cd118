"""Judges transcripts and drafts by a rule set, and keeps findings and their reviews."""

from collections.abc import Sequence

from kit.clock import Clock, SystemClock
from kit.db import Session
from quality import repository
from quality.checks import build_checks
from quality.checks.promises import PromiseCheck
from quality.errors import FindingNotFound, FindingNotOpen
from quality.reading import TalkReader
from quality.ruleset import RuleSet
from quality.schemas import (
    Finding,
    FindingStatus,
    Promise,
    RuleCount,
    ScanReport,
    StoredFinding,
    Transcript,
    Turn,
    Verdict,
)
from tickets.words import Role

_FULL_SCORE = 100
_PAGE_LIMIT = 200  # rows; a screen shows fifty


class QualityService:
    """Scans are pure and may run in any thread; the rest works in the caller's transaction.

    Args:
        rules: The rule set in force.
        clock: Tells when a finding was made and reviewed.
    """

    def __init__(self, rules: RuleSet, clock: Clock | None = None) -> None:
        self._version = rules.version
        self._clock = clock or SystemClock()
        self._checks = build_checks(rules)
        self._reader = TalkReader({group: words for check in self._checks for group, words in check.groups.items()})

    @property
    def rule_version(self) -> str:
        """Version of the rule set in force."""
        return self._version

    def scan(self, transcript: Transcript) -> list[Finding]:
        """Judge a transcript by all rules.

        Args:
            transcript: The conversation so far, or a closed one.

        Returns:
            At most one finding a rule, in the rule set's order; evidence is in code points of the raw texts.
        """
        talk = self._reader.read(transcript)
        return [finding for check in self._checks if (finding := check.run(talk)) is not None]

    def report(self, transcript: Transcript) -> ScanReport:
        """Scan a transcript and say what the findings leave of the scorecard."""
        findings = tuple(self.scan(transcript))
        score = max(0, _FULL_SCORE - sum(finding.score for finding in findings))
        return ScanReport(transcript.id, self._version, findings, score)

    def check_draft(self, text: str, role: Role) -> list[Finding]:
        """Judge one text before it is sent, by the rules that need no context.

        Args:
            text: The draft.
            role: Who would send it, ``AGENT`` or ``BOT``.

        Returns:
            Findings; their evidence is in the draft, as turn 0.
        """
        talk = self._reader.read(Transcript("draft", (Turn(0, role, "", text),)))
        checks = (check for check in self._checks if not check.needs_context)
        return [finding for check in checks if (finding := check.run(talk)) is not None]

    def find_promises(self, transcript: Transcript) -> list[Promise]:
        """Find the follow-ups that agents and bots promised.

        Args:
            transcript: The conversation.

        Returns:
            Promises in order, each with the words that say by when, if any; none where no rule is about promises.
        """
        talk = self._reader.read(transcript)
        finders = [check.finder for check in self._checks if isinstance(check, PromiseCheck)]
        return [promise for finder in finders for _, promise in finder.find(talk)]

    def store(
        self, session: Session, conversation_id: str, findings: Sequence[Finding], ticket_id: str | None = None
    ) -> list[StoredFinding]:
        """Keep the findings of a conversation's latest scan; doing so again changes nothing.

        There is one finding a (conversation, rule version, rule). What was reviewed stays as it is. An open finding
        that the latest scan no longer makes is withdrawn.

        Args:
            session: The caller's transaction; one scan of a conversation is stored at a time (jobs of a conversation
                never run at once).
            conversation_id: The conversation.
            findings: Everything that ``scan`` returned, also where that is nothing.
            ticket_id: The ticket it belongs to, if any.

        Returns:
            The stored findings, those already reviewed included.
        """
        now = self._clock.now()
        rows = [repository.put(session, conversation_id, ticket_id, finding, now) for finding in findings]
        repository.withdraw_others(session, conversation_id, [row.id for row in rows])
        return [repository.to_stored(row) for row in rows]

    def review(self, session: Session, finding_id: str, verdict: Verdict, reviewer: str, comment: str) -> StoredFinding:
        """Record what a reviewer says of an open finding; sending the same review again is accepted.

        Args:
            session: The caller's transaction.
            finding_id: Which one.
            verdict: Agree or reject.
            reviewer: User name.
            comment: Why; may be empty.

        Returns:
            The finding after the review.

        Raises:
            FindingNotFound: No finding has this id.
            FindingNotOpen: Somebody else has reviewed it, or otherwise, or it was withdrawn.
        """
        status = FindingStatus.AGREED if verdict is Verdict.AGREE else FindingStatus.REJECTED
        closed = repository.close(
            session, finding_id, status, reviewer=reviewer, comment=comment, now=self._clock.now()
        )
        stored = self.get(session, finding_id)
        if not closed and (stored.status, stored.reviewer, stored.comment) != (status, reviewer, comment):
            raise FindingNotOpen
        return stored

    def get(self, session: Session, finding_id: str) -> StoredFinding:
        """Return a finding.

        Raises:
            FindingNotFound: No finding has this id.
        """
        row = repository.get(session, finding_id)
        if row is None:
            raise FindingNotFound
        return repository.to_stored(row)

    def queue(
        self,
        session: Session,
        status: FindingStatus = FindingStatus.OPEN,
        limit: int = 50,
        after: str | None = None,
    ) -> list[StoredFinding]:
        """List findings, the gravest first and of those the oldest first.

        Args:
            session: The caller's transaction.
            status: Which ones.
            limit: How many at most, 1 to 200.
            after: Id of the last finding of the page before; ``None`` for the first page.

        Returns:
            A page; shorter than ``limit`` only at the end.

        Raises:
            FindingNotFound: There is no finding ``after``.
        """
        last = repository.get(session, after) if after else None
        if after and last is None:
            raise FindingNotFound
        return [repository.to_stored(row) for row in repository.page(session, status, _clamp(limit), last)]

    def of_conversation(self, session: Session, conversation_id: str) -> list[StoredFinding]:
        """List a conversation's findings that were not withdrawn, the gravest first."""
        return [repository.to_stored(row) for row in repository.of_conversation(session, conversation_id)]

    def counts(self, session: Session) -> list[RuleCount]:
        """Count the findings of every rule and rule version by status, for the report."""
        return repository.counts(session)


def _clamp(limit: int) -> int:
    return max(1, min(limit, _PAGE_LIMIT))
