"""The book of rules: each rule is right by itself, no two have one name, and none sets off another without end."""

from typing import Annotated

from pydantic import Field, model_validator

from tickets.automation.loops import endless
from tickets.automation.schemas import Rule
from tickets.books.schemas import Book, Page
from tickets.books.service import Refusal

MOST_A_DAY = 20
_MOST_RULES = 200


class RuleBook(Page):
    """All rules, in the order in which they are asked.

    Attributes:
        most_a_day: How often one rule may fire on one ticket within 24 hours.
    """

    rules: Annotated[tuple[Rule, ...], Field(max_length=_MOST_RULES)] = ()
    most_a_day: int = Field(MOST_A_DAY, ge=1, le=100)

    @model_validator(mode="after")
    def _consistent(self) -> "RuleBook":
        seen: set[str] = set()
        for rule in self.rules:
            if rule.name in seen:
                zh, en = f"有两条规则都叫「{rule.name}」", f"two rules are called {rule.name!r}"
                raise Refusal(zh, en)
            seen.add(rule.name)
        circle = endless([rule for rule in self.rules if rule.enabled])
        if circle:
            way = " → ".join(circle)
            zh, en = f"规则会无休止地互相触发：{way}", f"rules set off each other without end: {way}"
            raise Refusal(zh, en)
        return self


RULES = Book("rules", RuleBook, RuleBook)
