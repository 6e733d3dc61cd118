"""Lists of tickets (LC-16): a page costs what it shows, however many tickets there are and however deep it lies."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from kit.clock import Clock
from kit.crypto import Vault
from kit.db import Database, Session
from tickets.lists import cursor
from tickets.lists.repository import lines as repository
from tickets.lists.repository import terms as term_repository
from tickets.lists.schemas import Count, Filter, Line, ListQuery, Page, Sort
from tickets.lists.terms import asked_words, hashed, number_words, stored_words
from tickets.models import TicketRow
from tickets.repository import tickets as ticket_repository
from tickets.rights import Sight
from tickets.schemas import Ticket

MAX_PAGE = 200


class ListService:
    """Shows tickets, counts them and finds them by their words.

    Args:
        vault: Opens customers' names, signs cursors, hashes words.
        clock: The time.
    """

    def __init__(self, vault: Vault, clock: Clock) -> None:
        self._vault = vault
        self._clock = clock

    def page(self, session: Session, query: ListQuery) -> Page:
        """Return a page of tickets.

        Raises:
            CursorForeign: The cursor is not one of this list's order.
        """
        after = cursor.decode(self._vault, query.sort, query.cursor) if query.cursor else None
        terms = self._terms(query.filter)
        if terms is None:
            return Page((), "")
        limit = min(max(query.limit, 1), MAX_PAGE)
        rows = repository.page(
            session,
            query.filter,
            query.sort,
            terms=terms,
            visible_to=query.visible_to,
            now=self._clock.now(),
            after=after,
            limit=limit + 1,
        )
        shown, more = rows[:limit], len(rows) > limit
        names = self._names(session, shown) if query.submitters else {}
        lines = tuple(Line(ticket_repository.summary(row), names.get(row.customer_id, "")) for row in shown)
        return Page(lines, self._cursor(shown[-1], query.sort) if more else "")

    def after_ticket(self, session: Session, ticket_id: str, sort: Sort) -> str:
        """Return the cursor behind a ticket; empty where there is no such ticket."""
        row = repository.by_id(session, ticket_id)
        return self._cursor(row, sort) if row is not None else ""

    def counts(self, session: Session, filters: Mapping[str, Filter], visible_to: Sight | None) -> dict[str, Count]:
        """Count the tickets of several lists, none further than ``COUNT_BOUND``."""
        return {name: self._count(session, wanted, visible_to) for name, wanted in filters.items()}

    def pages(self, database: Database, query: ListQuery, *, chunk: int = MAX_PAGE) -> Iterator[Page]:
        """Yield a whole list in chunks, each read in a short unit of work of its own (exports)."""
        query = replace(query, cursor="", limit=chunk)
        while True:
            with database.reading() as session:
                page = self.page(session, query)
            yield page
            if not page.after:
                return
            query = replace(query, cursor=page.after)

    def visible(self, session: Session, numbers: Collection[int], visible_to: Sight | None) -> dict[int, str]:
        """Return number → id of those tickets among ``numbers`` that exist and may be seen."""
        return repository.by_numbers(session, sorted(set(numbers)), visible_to)

    def index(self, session: Session, ticket: Ticket, said: Sequence[str] = (), *, also: Sequence[Ticket] = ()) -> None:
        """Make a ticket findable by its number, title, description and facts, and by what its customer said.

        Args:
            session: The unit of work.
            ticket: Which.
            said: The customer's messages.
            also: Tickets that go on in this one; their numbers and words find it too.
        """
        texts, words = list(said), set[str]()
        for one in (ticket, *also):
            facts = [text for f in one.fields for text in (f.value, f.normal)]
            texts = [one.summary.title, *facts, one.description, *texts]
            words |= number_words(one.summary.number)
        words |= stored_words(texts)
        at = cursor.microseconds(ticket.summary.created_at)
        term_repository.put(session, ticket.summary.number, at, hashed(self._vault, words))

    def forget_customer(self, session: Session, customer_id: str) -> int:
        """Remove an erased customer's words from the search and return how many tickets had any."""
        return term_repository.forget_customer(session, customer_id)

    def _count(self, session: Session, wanted: Filter, visible_to: Sight | None) -> Count:
        terms = self._terms(wanted)
        if terms is None:
            return Count(0)
        now = self._clock.now()
        return Count(repository.bounded_count(session, wanted, terms=terms, visible_to=visible_to, now=now))

    def _terms(self, wanted: Filter) -> list[int] | None:
        """Return what must stand on each ticket; ``None`` where the text has no word, so that nothing is found."""
        words = asked_words(wanted.text)
        if wanted.text.strip() and not words:
            return None
        return hashed(self._vault, words)

    def _cursor(self, row: TicketRow, sort: Sort) -> str:
        return cursor.encode(self._vault, sort, repository.key_of(row, sort))

    def _names(self, session: Session, rows: Sequence[TicketRow]) -> dict[str, str]:
        """Open the customers' names of a page: two queries, however many."""
        sealed = repository.customers(session, [row.customer_id for row in rows])
        kept = self._vault.preload(session, sealed.keys())  # whoever has no key was erased; the ticket stays
        return {
            customer_id: self._vault.open(session, customer_id, f"customers.name:{customer_id}", name)
            for customer_id, name in sealed.items()
            if customer_id in kept
        }
