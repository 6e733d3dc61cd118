"""The rules' keeper: what is in force, what may be saved, what fired, what a draft would do (AR-09, AR-10, AR-12)."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import timedelta

from kit.db import Database, Session
from kit.errors import Issue
from tickets.automation import repository
from tickets.automation.actions import Action
from tickets.automation.book import RULES, RuleBook
from tickets.automation.conditions import Condition, Scalar, comparisons
from tickets.automation.facts import FactReader
from tickets.automation.models import RuleFiringRow
from tickets.automation.ports import Hand, Wrong
from tickets.automation.schemas import Firing, Outcome, Refused, Rule, RuleFigures
from tickets.automation.trial import Trial, Trier
from tickets.automation.words import FIELDS, Do, When
from tickets.books.errors import BookInvalid
from tickets.books.schemas import Edition, EditionLine
from tickets.books.service import SEED, checked
from tickets.ledger import Ledger

FIGURES_OVER = timedelta(days=30)
_NAMED = {"group": "小组", "assignee": "人员", "type": "问题类型", "label": "分类", "productLine": "产品线"}
"""Fields whose values are names of something: one that does not exist would never hold."""


class AutomationService:
    """Keeps the book of rules and its trace.

    Args:
        ledger: What every verb on tickets stands on.
        reader: Where facts come from.
        hands: Who does which action.
        moments: What makes rules be asked in this installation.
        lines: The product lines there are.
    """

    def __init__(
        self,
        ledger: Ledger,
        reader: FactReader,
        hands: Mapping[Do, Hand],
        *,
        moments: Collection[When],
        lines: Collection[str] = (),
    ) -> None:
        self._ledger = ledger
        self._reader = reader
        self._hands = hands
        self._lines = frozenset(lines)
        self.moments = tuple(when for when in When if when in moments)
        """What makes rules be asked in this installation."""
        self.actions = tuple(do for do in Do if do in hands)
        """What rules can do in this installation."""
        self.fields = tuple(sorted(reader.available()))
        """What conditions can look at in this installation."""

    def current(self, session: Session) -> Edition[RuleBook]:
        """Return the edition in force."""
        return self._ledger.books.current(session, RULES)

    def editions(self, session: Session) -> Sequence[EditionLine]:
        """Return the book's editions, newest first."""
        return self._ledger.books.editions(session, RULES)

    def at(self, session: Session, version: int) -> Edition[RuleBook]:
        """Return an edition; raises ``EditionNotFound``."""
        return self._ledger.books.at(session, RULES, version)

    def check(self, session: Session, raw: Mapping[str, object]) -> RuleBook:
        """Return a draft as a book, if it could be saved.

        Raises:
            BookInvalid: With every place that is wrong: unknown fields, groups, categories, actions, endpoints, loops.
        """
        book = checked(RULES, raw)
        issues = [issue for place, rule in enumerate(book.rules) for issue in self._wrong(session, place, rule)]
        if issues:
            raise BookInvalid(issues)
        return book

    def save(
        self, session: Session, raw: Mapping[str, object], *, base_version: int, actor: str, note: str = ""
    ) -> Edition[RuleBook]:
        """Write a new edition; raises as ``check`` and ``BookService.save``."""
        self.check(session, raw)
        edition = self._ledger.books.save(session, RULES, raw, base_version=base_version, actor=actor, note=note)
        self._watch(session, edition.body)
        return edition

    def restore(self, session: Session, version: int, *, base_version: int, actor: str) -> Edition[RuleBook]:
        """Write an earlier edition once more; raises as ``check`` and ``BookService.restore``."""
        self.check(session, raw_of(self.at(session, version).body))
        edition = self._ledger.books.restore(session, RULES, version, base_version=base_version, actor=actor)
        self._watch(session, edition.body)
        return edition

    def plant(self, session: Session, raw: Mapping[str, object]) -> None:
        """Write the first edition, where there is none yet; raises as ``save``."""
        if not self.current(session).version:
            self.save(session, raw, base_version=0, actor=SEED)

    @staticmethod
    def asked_at(when: When) -> Callable[[Session], bool]:
        """Return what tells whether any rule in force is asked at a moment; one look by key."""
        return lambda session: repository.watched(session, when)

    def trace(
        self, session: Session, limit: int, *, rule: str = "", ticket_id: str = "", before: str = ""
    ) -> list[Firing]:
        """Return what fired, newest first, of one rule or one ticket where named."""
        rows = repository.trace(session, limit, rule=rule, ticket_id=ticket_id, before=before)
        return [_firing(row, number) for row, number in rows]

    def figures(self, session: Session, rules: Collection[str]) -> dict[str, RuleFigures]:
        """Return how often each rule fired within ``FIGURES_OVER``, and when last."""
        since = self._ledger.clock.now() - FIGURES_OVER
        found = repository.figures(session, rules, since)
        return {rule: RuleFigures(*found.get(rule, (0, None))) for rule in rules}

    def tags(self, session: Session, ticket_id: str) -> tuple[str, ...]:
        """Return a ticket's tags."""
        return repository.tags(session, [ticket_id]).get(ticket_id, ())

    def try_out(self, database: Database, draft: RuleBook, most: int) -> Iterator[Trial]:
        """Try a draft on the newest tickets and compare it with what is in force; nothing is written.

        Args:
            database: Where the tickets are; each batch is read in a transaction of its own.
            draft: A book that ``check`` returned.
            most: How many tickets.

        Yields:
            How far it got, after each batch; the last one is the result.
        """
        with database.reading() as session:
            in_force = self.current(session).body
        return Trier(self._reader, draft, in_force).run(database, most, self._ledger.clock.now())

    def choices(self, session: Session) -> dict[str, list[str]]:
        """Return field → the values it can have, where they can be listed."""
        fixed = {name: [choice for choice in FIELDS[name].choices if choice] for name in self.fields}
        named = {name: sorted(map(str, self._known(session, name) - {""})) for name in _NAMED}
        return {name: values for name, values in {**fixed, **named}.items() if values}

    def _watch(self, session: Session, book: RuleBook) -> None:
        repository.watch(session, {when for rule in book.rules if rule.enabled for when in rule.when})

    def _wrong(self, session: Session, place: int, rule: Rule) -> Iterator[Issue]:
        for n, when in enumerate(rule.when):
            if when not in self.moments:
                yield _issue(
                    f"rules.{place}.when.{n}", Wrong(f"本系统没有「{when}」这个时机", f"no moment {when!r} here")
                )
        for name, comparison in comparisons(rule.if_):
            for wrong in self._wrong_comparison(session, name, comparison):
                yield _issue(f"rules.{place}.if", wrong)
        for path, action in _actions(rule):
            hand = self._hands.get(action.action)
            found = hand.check(session, action) if hand else _unavailable(action.action)
            if found is not None:
                yield _issue(f"rules.{place}.{path}", found)

    def _wrong_comparison(self, session: Session, name: str, comparison: Condition) -> Iterator[Wrong]:
        if name not in self.fields:
            yield _unavailable(name)
            return
        operator, (_, value) = comparison.said()
        if operator not in {"eq", "ne", "in_"} or name not in _NAMED:
            return
        known = self._known(session, name)
        for one in value if isinstance(value, tuple) else (value,):
            if one not in known:
                yield _unknown(name, one)

    def _known(self, session: Session, name: str) -> set[str]:
        """Return the values that a field can have; empty text: none."""
        labels = self._ledger.rules.labels
        known: dict[str, Callable[[], Collection[str]]] = {
            "group": lambda: repository.groups(session),
            "assignee": lambda: repository.people(session),
            "type": lambda: {path[0] for path in labels},
            "label": lambda: {"/".join(path[:n]) for path in labels for n in range(1, len(path) + 1)},
            "productLine": lambda: self._lines,
        }
        return {"", *known[name]()}


def raw_of(book: RuleBook) -> dict[str, object]:
    """Return a book as JSON has it."""
    return book.model_dump(mode="json", by_alias=True, exclude_defaults=True)


def _actions(rule: Rule) -> Iterator[tuple[str, Action]]:
    yield from ((f"then.{n}", action) for n, action in enumerate(rule.then))
    for b, branch in enumerate(rule.branches):
        yield from ((f"branches.{b}.then.{n}", action) for n, action in enumerate(branch.then))


def _issue(field: str, wrong: Wrong) -> Issue:
    return Issue(field, wrong.zh, wrong.en)


def _unavailable(word: str) -> Wrong:
    return Wrong(f"本系统没有「{word}」", f"{word!r} is not available in this installation")


def _unknown(name: str, value: Scalar) -> Wrong:
    return Wrong(f"没有这个{_NAMED[name]}：{value}", f"there is no {name} {value!r}")


def _firing(row: RuleFiringRow, number: int) -> Firing:
    return Firing(
        id=row.id,
        number=number,
        rule=row.rule,
        edition=row.edition,
        event=When(row.event),
        outcome=Outcome(row.outcome),
        branch=row.branch,
        chain=tuple(row.chain),
        facts=row.facts,
        done=row.done,
        refused=[Refused(r["action"], r["code"], r["zh"], r["en"]) for r in row.refused],
        at=row.at,
    )
