"""Forms in the large: quality's queue, the compliance rate, the book and what a change of it would do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from kit.db import Session
from kit.errors import Issue
from tickets.books.errors import BookInvalid
from tickets.books.schemas import Edition, EditionLine
from tickets.books.service import checked
from tickets.forms import repository
from tickets.forms.schemas import FORMS, FormBook
from tickets.forms.situation import load
from tickets.forms.values import Compliance, WaitingForm
from tickets.ledger import Ledger
from tickets.rights import Sight

LOOKED_AT = 300  # open tickets, the newest, that a change is tried on
_NAMED = 20  # of those that it touches


@dataclass(frozen=True, slots=True)
class Effects:
    """What a change of the book would do to open tickets.

    Attributes:
        looked_at: How many tickets it was tried on.
        broken: Numbers of those whose form is complete now and would not be, the first twenty.
        broken_count: How many there are.
        mended_count: How many would become complete.
    """

    looked_at: int
    broken: tuple[int, ...]
    broken_count: int
    mended_count: int


class FormOverview:
    """What team leads and quality look at.

    Args:
        ledger: What every verb on tickets stands on.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def edition(self, session: Session) -> Edition[FormBook]:
        """Return the forms in force with their version."""
        return self._ledger.books.current(session, FORMS)

    def editions(self, session: Session) -> Sequence[EditionLine]:
        """Return the editions of the forms, newest first."""
        return self._ledger.books.editions(session, FORMS)

    def checked(self, raw: Mapping[str, object]) -> FormBook:
        """Return forms, if that is what they are.

        Raises:
            BookInvalid: With every place that is wrong, categories that the shop does not have included.
        """
        book = checked(FORMS, raw)
        known = {full[:n] for full in self._ledger.rules.labels for n in range(len(full) + 1)}
        strange = [
            Issue(
                f"templates.{place}.label",
                f"分类「{'/'.join(template.label)}」不存在",
                f"there is no category {'/'.join(template.label)}",
            )
            for place, template in enumerate(book.templates)
            if template.label not in known
        ]
        if strange:
            raise BookInvalid(strange)
        return book

    def save(
        self, session: Session, raw: Mapping[str, object], *, base_version: int, actor: str, note: str = ""
    ) -> Edition[FormBook]:
        """Write a new edition; raises as ``checked`` and ``BookService.save``."""
        self.checked(raw)
        return self._ledger.books.save(session, FORMS, raw, base_version=base_version, actor=actor, note=note)

    def plant(self, session: Session, book: FormBook) -> None:
        """Write the shop's forms as the first edition, where there is none yet; raises as ``save``."""
        raw = book.model_dump(mode="json", exclude_defaults=True)
        self.checked(raw)
        self._ledger.books.plant(session, FORMS, raw)

    def restore(self, session: Session, version: int, *, base_version: int, actor: str) -> Edition[FormBook]:
        """Write an earlier edition once more, as the newest; raises as ``BookService.restore``."""
        return self._ledger.books.restore(session, FORMS, version, base_version=base_version, actor=actor)

    def effects(self, session: Session, book: FormBook, today: date) -> Effects:
        """Try a book on the newest open tickets: six queries, whatever their number."""
        rows = repository.open_tickets(session, LOOKED_AT)
        now = load(session, self._ledger.vault, self.edition(session).body, rows)
        then = load(session, self._ledger.vault, book, rows)
        whole = [(not a.checked(today).missing, not b.checked(today).missing) for a, b in zip(now, then, strict=True)]
        broken = [row.number for row, (before, after) in zip(rows, whole, strict=True) if before and not after]
        mended = sum(after and not before for before, after in whole)
        return Effects(len(rows), tuple(broken[:_NAMED]), len(broken), mended)

    def waiting(
        self, session: Session, sight: Sight, limit: int, after: tuple[datetime, str] | None = None
    ) -> list[WaitingForm]:
        """Return incomplete forms that quality has to decide about, the longest waiting first."""
        found = []
        for standing, ticket in repository.waiting(session, sight, limit, after):
            assert standing.waiting_since is not None  # the query says so
            found.append(
                WaitingForm(
                    ticket_id=ticket.id,
                    number=ticket.number,
                    title=ticket.title,
                    conversation_id=ticket.conversation_id,
                    template_id=standing.template_id,
                    missing=tuple(standing.missing),
                    score=standing.score,
                    since=standing.waiting_since,
                )
            )
        return found

    def compliance(self, session: Session) -> Compliance:
        """Return how many tickets are as they must be (FM-09), in one scan."""
        return Compliance(*repository.compliance(session))

    def open_ids(self, session: Session, after: str, limit: int) -> Sequence[str]:
        """Return ids of open tickets after an id, to be assessed anew."""
        return repository.open_ids(session, after, limit)
