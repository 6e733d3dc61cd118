"""The book of duplicates: when two tickets are one matter, and what happens when a customer comes again and again."""

from collections.abc import Sequence
from enum import StrEnum

from pydantic import Field, model_validator

from tickets.books.schemas import Book, Page
from tickets.books.service import Refusal
from tickets.words import Priority


class FollowUpKind(StrEnum):
    """How a customer came again about an open ticket."""

    REPEAT = "repeat"  # said the same once more
    URGE = "urge"  # 催单


class Consequence(StrEnum):
    """What a rule does to the ticket."""

    RAISE = "raise"  # one step more urgent
    ESCALATE = "escalate"  # to the second line


class FollowUpRule(Page):
    """What happens when a customer has come again so often."""

    kind: FollowUpKind
    count: int = Field(ge=1, le=50, description="At which of them; each rule acts once a ticket.")
    then: Consequence


_DEFAULT_RULES = (
    FollowUpRule(kind=FollowUpKind.URGE, count=2, then=Consequence.RAISE),
    FollowUpRule(kind=FollowUpKind.URGE, count=4, then=Consequence.ESCALATE),
    FollowUpRule(kind=FollowUpKind.REPEAT, count=3, then=Consequence.RAISE),
    FollowUpRule(kind=FollowUpKind.REPEAT, count=5, then=Consequence.ESCALATE),
)


class DuplicateRules(Page):
    """What is one matter, and what coming again leads to."""

    window_hours: int = Field(default=24, ge=1, le=168, description="Tickets filed further apart are two matters.")
    similarity: float = Field(default=0.5, ge=0.2, le=1.0, description="Shared words from which two texts are alike.")
    merge_automatically: bool = Field(default=True, description="Merge the sure ones; otherwise all are suggested.")
    urge_every_minutes: int = Field(
        default=30, ge=0, le=1440, description="Urging sooner than this after the last time is recorded, not counted."
    )
    highest: Priority = Field(default=Priority.P2, description="Coming again raises a ticket no further than this.")
    follow_ups: Sequence[FollowUpRule] = Field(default=_DEFAULT_RULES, max_length=20)

    @model_validator(mode="after")
    def _each_count_once(self) -> "DuplicateRules":
        seen = [(rule.kind, rule.count, rule.then) for rule in self.follow_ups]
        if len(set(seen)) < len(seen):
            raise Refusal("同一条规则写了两次", "A rule is written twice")
        return self


DUPLICATES = Book("duplicates", DuplicateRules, DuplicateRules)
