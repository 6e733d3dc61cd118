"""The routing book's keeper: it is saved only with groups and categories that exist, and can be tried first."""

from collections.abc import Iterator, Mapping

from kit.db import Session
from kit.errors import Issue
from tickets.books.errors import BookInvalid
from tickets.books.schemas import Edition
from tickets.books.service import checked
from tickets.ledger import Ledger
from tickets.routing.book import ROUTING, Routing, Strategy
from tickets.routing.finding import is_protected, preview
from tickets.routing.repository import people
from tickets.routing.rules import decide
from tickets.routing.schemas import Ask, Facts, Trial


class RoutingBook:
    """Reads, checks, tries and saves the rules."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        labels = ledger.rules.labels
        self._known = frozenset(path[:n] for path in labels for n in range(1, len(path) + 1))

    def current(self, session: Session) -> Edition[Routing]:
        """Return the edition in force."""
        return self._ledger.books.current(session, ROUTING)

    def check(self, session: Session, raw: Mapping[str, object]) -> Routing:
        """Return the rules, if they could be saved.

        Raises:
            BookInvalid: With every place that is wrong.
        """
        body = checked(ROUTING, raw)
        issues = [*self._unknown_groups(body, people.groups(session)), *self._unknown_labels(body)]
        if issues:
            raise BookInvalid(issues)
        return body

    def save(
        self, session: Session, raw: Mapping[str, object], *, base_version: int, actor: str, note: str = ""
    ) -> Edition[Routing]:
        """Put a new edition in force; tickets that were routed before stay where they are.

        Raises:
            BookInvalid: With every place that is wrong.
            BookChanged: Somebody else saved one meanwhile.
        """
        self.check(session, raw)
        return self._ledger.books.save(session, ROUTING, raw, base_version=base_version, actor=actor, note=note)

    def try_out(self, session: Session, facts: Facts, book: Routing | None = None) -> Trial:
        """Say which rule would win for some facts, and who would get the ticket now; nothing is written.

        Args:
            session: The unit of work.
            facts: Of a ticket that does not exist.
            book: Rules that are not in force yet; ``None``: those in force.
        """
        edition = self.current(session)
        body = book or edition.body
        decision = decide(body, edition.version, facts)
        rule = decision.rule
        strategy = (rule.strategy if rule else None) or body.work_of(decision.group_id).strategy
        if strategy is Strategy.POOL:
            return Trial(decision, None)
        ask = Ask(
            line=(rule.needs.line if rule else "") or facts.line,
            region=(rule.needs.region if rule else "") or facts.region,
            issue=(rule.needs.issue if rule else ()) or facts.label,
            level=rule.needs.level if rule else 1,
            protected=is_protected(body, facts.label, facts.priority),
        )
        pick, skipped = preview(session, body, decision.group_id, strategy, ask)
        return Trial(decision, pick, skipped)

    def _unknown_groups(self, body: Routing, known: set[str]) -> Iterator[Issue]:
        named = [(f"rules.{n}.group", rule.group) for n, rule in enumerate(body.rules)]
        named += [(f"rules.{n}.share_with", group) for n, rule in enumerate(body.rules) for group in rule.share_with]
        named += [(f"groups.{group}", group) for group in body.groups]
        named += [(f"groups.{group}.timeout_group", work.timeout_group) for group, work in body.groups.items()]
        for place, group in [*named, ("fallback", body.fallback)]:
            if group and group not in known:
                yield Issue(place, f"没有小组「{group}」", f"there is no group {group!r}")

    def _unknown_labels(self, body: Routing) -> Iterator[Issue]:
        named = [(f"rules.{n}.label", rule.label) for n, rule in enumerate(body.rules)]
        named += [(f"rules.{n}.needs.issue", rule.needs.issue) for n, rule in enumerate(body.rules)]
        for place, label in named:
            if label and label not in self._known:
                yield Issue(place, f"没有分类「{'/'.join(label)}」", f"there is no category {'/'.join(label)!r}")
