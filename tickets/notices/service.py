"""Notices from the fact to the reader: who is told, in which words, when, and whether it arrived (ADR-0023)."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from kit.clock import Clock
from kit.db import Session, after_commit
from kit.errors import Issue
from kit.ids import new_id
from kit.jobs.queue import JobQueue
from kit.jobs.schemas import JobRequest
from kit.live import LiveSignal
from tickets.books.errors import BookInvalid
from tickets.books.service import BookService, Refusal
from tickets.conversations import ConversationService
from tickets.notices import repository, wording
from tickets.notices.book import NOTICES, NoticeBook, Template, Words
from tickets.notices.errors import PlaceNotFound, WrongChannel
from tickets.notices.facts import Reporter, Subject
from tickets.notices.models import NoticeRow
from tickets.notices.readers import Directory, Reader, Wanted
from tickets.notices.schemas import (
    OF_CUSTOMERS,
    PASSIVE,
    POSTED,
    SEND,
    Audience,
    Channel,
    News,
    NoticeEvent,
    NoticeState,
    NoticeText,
    Order,
)
from tickets.notices.sealing import Envelope
from tickets.people.sessions import StaffService
from tickets.words import Priority, Role

_USER = "user:"


class NoticeService:
    """Tells people what happens to tickets (NT-01 … NT-07, NT-10).

    Args:
        reporter: Gathers what is said.
        staff: Knows who is who.
        books: The business's templates and hours.
        conversations: Where customers read.
        queue: Where what leaves the house waits for its turn.
        clock: The time.
        live: Wakes inboxes.
    """

    def __init__(
        self,
        reporter: Reporter,
        staff: StaffService,
        *,
        books: BookService,
        conversations: ConversationService,
        queue: JobQueue,
        clock: Clock,
        live: LiveSignal,
    ) -> None:
        self._reporter = reporter
        self._staff = staff
        self._books = books
        self._conversations = conversations
        self._queue = queue
        self._clock = clock
        self._live = live
        self._envelope = Envelope(reporter.vault)

    def book(self, session: Session) -> NoticeBook:
        """Return the book in force."""
        return self._books.current(session, NOTICES).body

    def tell(self, session: Session, entry_id: str) -> None:
        """Tell of an entry of a ticket's timeline, where it is news."""
        for news in self._reporter.news_of(session, entry_id):
            self.announce(session, news)

    def announce(self, session: Session, news: News) -> list[str]:
        """Tell everybody for whom the book has a template; returns the ids of the notices that were made."""
        book = self.book(session)
        templates = [t for t in book.of(news.event) if not news.audiences or t.audience in news.audiences]
        if not templates:
            return []
        row = self._reporter.row(session, news.ticket_id)
        fitting = [t for t in templates if not t.statuses or (news.status or row.status) in t.statuses]
        if not fitting:
            return []
        subject = self._reporter.subject(session, row, news.values, news.status)
        directory, known = Directory(session, self._staff, row), repository.known(session, news.key)
        made = []
        for template in fitting:
            wanted = Wanted(news.event, template.audience, template.channel, template.target)
            words = {"zh": template.zh, "en": template.en}
            for reader in directory.readers(wanted, news.actor):
                if (template.channel, reader.recipient) not in known:
                    known.add((template.channel, reader.recipient))
                    made.append(self._write(session, book, subject, (wanted, reader, news.key), words))
        return made

    def notify(self, session: Session, order: Order) -> list[str]:
        """Send what a rule or a person orders, to whoever of the target can be reached (AR-03, NT-06).

        Returns:
            Ids of the notices; none where the target has nobody, or all of them have it already.

        Raises:
            BookInvalid: Words with an unknown variable.
            PlaceNotFound: A target that is no audience, group, person or registered place.
            WrongChannel: The channel does not reach such a target.
            TicketNotFound: No such ticket.
        """
        row = self._reporter.row(session, order.ticket_id)
        wanted = self._wanted(session, order)
        words = self._ordered_words(session, order, wanted)
        subject = self._reporter.subject(session, row)
        readers = Directory(session, self._staff, row).readers(wanted, actor="")
        known, book = repository.known(session, order.key), self.book(session)
        return [
            self._write(session, book, subject, (wanted, reader, order.key), words)
            for reader in readers
            if (order.channel, reader.recipient) not in known
        ]

    def check_order(self, session: Session, order: Order) -> None:
        """Make sure that an order can be carried out, before a rule with it is saved; raises as ``notify``."""
        self._ordered_words(session, order, self._wanted(session, order))

    def shown(self, session: Session, template: Template, ticket_id: str) -> tuple[NoticeText, NoticeText]:
        """Return how a template reads for a real ticket, in Chinese and English."""
        row = self._reporter.row(session, ticket_id)
        subject = self._reporter.subject(session, row)
        return _filled({"zh": template.zh, "en": template.en}, subject, template.audience, template.channel)

    def test(self, session: Session, template: Template, ticket_id: str, username: str) -> list[str]:
        """Send a template to whoever tries it, never to a customer; a robot's goes to the robot.

        Returns:
            Ids of the notices; none where there is no address of the one who tries, or no such place.
        """
        row = self._reporter.row(session, ticket_id)
        subject = self._reporter.subject(session, row)
        channel = Channel.INBOX if template.channel is Channel.CHAT else template.channel
        audience = template.audience
        wanted = Wanted(NoticeEvent.MESSAGE, Audience.OWNER, channel, template.target, username=username)
        readers = Directory(session, self._staff, row).readers(wanted, actor="")
        key, book = f"test:{new_id()}", self.book(session)
        text = {
            lang: Words.model_construct(subject=f"[{mark}] {words.subject}".strip(), body=words.body)
            for lang, words, mark in (("zh", template.zh, "测试"), ("en", template.en, "test"))
        }
        shown_to = Wanted(template.event, audience, channel, template.target, username=username)
        return [
            self._write(session, book, subject, (shown_to, reader, key), text, now_please=True) for reader in readers
        ]

    def _wanted(self, session: Session, order: Order) -> Wanted:
        channel, target = order.channel, order.target
        if target in set(Audience):
            audience = Audience(target)
            if (audience is Audience.CUSTOMER and channel not in OF_CUSTOMERS) or (
                audience is not Audience.CUSTOMER and channel is Channel.CHAT
            ):
                raise WrongChannel(channel, audience)
            return Wanted(order.event, audience, channel)
        if channel is Channel.CHAT:
            raise WrongChannel(channel, target)
        if target.startswith(_USER):
            if channel in POSTED:
                raise WrongChannel(channel, target)
            return Wanted(order.event, Audience.OWNER, channel, username=target.removeprefix(_USER))
        place = repository.place(session, target)
        if place is not None and place.channel == channel:
            return Wanted(order.event, Audience.GROUP, channel, target)
        if target in self._staff.groups(session):
            return Wanted(order.event, Audience.GROUP, channel, group_id=target)
        raise PlaceNotFound(target)

    def _ordered_words(self, session: Session, order: Order, wanted: Wanted) -> Mapping[str, Words]:
        if not order.text:
            book = self.book(session)
            fitting = [t for t in book.templates if t.event is order.event and t.audience is wanted.audience]
            best = next((t for t in fitting if t.channel is order.channel), next(iter(fitting), None))
            if best is None:
                raise BookInvalid([Issue("text", "必填：该事件没有模板", "Required: the event has no template")])
            return {"zh": best.zh, "en": best.en}
        try:
            body = wording.check(order.text)
        except Refusal as refused:
            raise BookInvalid([Issue("text", refused.zh, str(refused))]) from refused
        if wanted.audience is Audience.CUSTOMER:  # NT-03 holds for words of a rule as it does for a template
            body += "".join(f" {{{name}}}" for name in wording.missing(body))
        words = Words.model_construct(subject="{ticket} {title}", body=body)
        return {"zh": words, "en": words}

    def _write(
        self,
        session: Session,
        book: NoticeBook,
        subject: Subject,
        to: tuple[Wanted, Reader, str],
        words: Mapping[str, Words],
        *,
        now_please: bool = False,
    ) -> str:
        """Write a notice down; what is read inside the house is there at once, the rest is a job."""
        wanted, reader, key = to
        now, row, notice_id = self._clock.now(), subject.row, new_id()
        texts = _filled(words, subject, wanted.audience, wanted.channel)
        notice = NoticeRow(
            id=notice_id,
            fact_id=key,
            event=wanted.event,
            audience=wanted.audience,
            channel=wanted.channel,
            recipient=reader.recipient,
            place=reader.place,
            ticket_id=row.id,
            ticket_number=row.number,
            customer_id=row.customer_id,
            lang=subject.lang if wanted.audience is Audience.CUSTOMER else "zh",
            words_sealed=self._envelope.seal(session, row.customer_id, notice_id, texts),
            created_at=now,
        )
        repository.add(session, notice)
        if wanted.channel in PASSIVE:
            self._leave(session, notice, subject, texts)
            return notice_id
        urgent = now_please or wanted.event in book.urgent or row.priority == Priority.P1
        quiet_until = None if urgent else book.quiet_until(wanted.audience, now)
        notice.next_at = quiet_until or now
        delay = max(notice.next_at - now, timedelta())
        self._queue.enqueue(session, JobRequest(SEND, notice_id, dedupe_key=f"{SEND.name}:{notice_id}", delay=delay))
        return notice_id

    def _leave(self, session: Session, notice: NoticeRow, subject: Subject, texts: Sequence[NoticeText]) -> None:
        """Put a notice where its reader looks."""
        notice.state, notice.ended_at, notice.attempts = NoticeState.DELIVERED, self._clock.now(), 1
        if notice.channel == Channel.CHAT:
            text = texts[1 if subject.lang.startswith("en") else 0].body
            data = {"kind": "notice", "event": notice.event, "ticket_number": notice.ticket_number}
            self._conversations.say(
                session, subject.row.conversation_id, Role.SYSTEM, text, author="", data=data, external_id=notice.id
            )
        else:
            after_commit(session, lambda: self._live.publish(inbox_key(notice.recipient)))


def inbox_key(username: str) -> str:
    """Return what wakes the screens that show somebody's inbox."""
    return f"inbox:{username}"


def _filled(
    words: Mapping[str, Words], subject: Subject, audience: Audience, channel: Channel
) -> tuple[NoticeText, NoticeText]:
    values = subject.seen_by(audience)

    def text(lang: str, which: int) -> NoticeText:
        said = {name: _value(name, pair[which], audience, channel) for name, pair in values.items()}
        return NoticeText(wording.fill(words[lang].subject, said), wording.fill(words[lang].body, said))

    return text("zh", 0), text("en", 1)


def _value(name: str, value: str, audience: Audience, channel: Channel) -> str:
    if name == "link":
        return value  # ours, and longer than any other value may be
    return wording.tame(value if audience is Audience.CUSTOMER else wording.discreet(name, value), channel)
