"""What a rule does, as the source writes it: ``{"action": "assign", "group": "senior_team"}`` (AR-03)."""

from string import Formatter
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from tickets.automation.words import Do
from tickets.books.schemas import Page
from tickets.books.service import Refusal
from tickets.words import Priority, Stage

VARIABLES = ("number", "status", "priority", "group")
"""What a reply may name in braces: nothing that a person wrote."""

_Word = Annotated[str, Field(min_length=1, max_length=80)]
_Tag = Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[^,，\s][^,，]*$")]
_Tags = Annotated[tuple[_Tag, ...], Field(max_length=10)]


class Assign(Page):
    """Give a ticket to a group, to a person, or to a person of a group as the group shares its work."""

    action: Literal[Do.ASSIGN]
    group: str = Field("", max_length=40)
    person: str = Field("", max_length=64)

    @model_validator(mode="after")
    def _one_of_both(self) -> "Assign":
        if bool(self.group) == bool(self.person):
            raise Refusal("小组和人员必须填一个，且只能填一个", "exactly one of group and person is given")
        return self


class Notify(Page):
    """Tell somebody over a channel; without words the notice names the rule."""

    action: Literal[Do.NOTIFY]
    channel: _Word
    target: _Word
    text: str = Field("", max_length=500)


class StartTimer(Page):
    """Start a clock of a service-level policy (SL-15)."""

    action: Literal[Do.START_TIMER]
    sla: _Word


class SetField(Page):
    """Write a field of the ticket."""

    action: Literal[Do.SET]
    field: Literal["priority", "stage"]
    value: _Word

    @model_validator(mode="after")
    def _fits(self) -> "SetField":
        allowed = list(Priority) if self.field == "priority" else list(Stage)
        if self.value not in allowed:
            words = "、".join(allowed)
            zh, en = f"「{self.field}」不能设为 {self.value!r}（{words}）", f"not a {self.field}: {self.value!r}"
            raise Refusal(zh, en)
        return self


class Raise(Page):
    """Raise the priority by some steps, but not above a limit."""

    action: Literal[Do.RAISE]
    steps: int = Field(1, ge=1, le=3)
    until: Priority = Priority.P1


class Tag(Page):
    """Add tags, take tags away."""

    action: Literal[Do.TAG]
    add: _Tags = ()
    remove: _Tags = ()

    @model_validator(mode="after")
    def _something(self) -> "Tag":
        if not self.add and not self.remove:
            raise Refusal("请填写要添加或去掉的标签", "name a tag to add or to remove")
        return self


class Reply(Page):
    """Answer the customer with fixed words, marked as automatic (AR-05)."""

    action: Literal[Do.REPLY]
    text: str = Field(min_length=1, max_length=1000)
    text_en: str = Field("", max_length=1000)

    @field_validator("text", "text_en")
    @classmethod
    def _safe_variables(cls, text: str) -> str:
        try:
            parts = list(Formatter().parse(text))
        except ValueError as error:
            raise Refusal("花括号不成对", "the braces do not match") from error
        for _, name, spec, conversion in parts:
            if name is not None and (name not in VARIABLES or spec or conversion):
                known = "、".join(f"{{{v}}}" for v in VARIABLES)
                zh, en = f"不能使用变量 {{{name}}}，只有 {known}", f"no variable {{{name}}}; there are {known}"
                raise Refusal(zh, en)
        return text


class Escalate(Page):
    """Hand a ticket to the second line, the third line or the vendor."""

    action: Literal[Do.ESCALATE]
    stage: Literal[Stage.L2, Stage.L3, Stage.VENDOR] = Stage.L2
    reason: str = Field("", max_length=200)


class Merge(Page):
    """Merge a ticket into the open one that it repeats (AR-08)."""

    action: Literal[Do.MERGE]


class Webhook(Page):
    """Tell one of the registered endpoints."""

    action: Literal[Do.WEBHOOK]
    endpoint: str = Field(min_length=1, max_length=500)


class Close(Page):
    """Close a ticket: one that is resolved ends, one that is open is cancelled with the reason."""

    action: Literal[Do.CLOSE]
    reason: str = Field("", max_length=200)


Action = Annotated[
    Assign | Notify | StartTimer | SetField | Raise | Tag | Reply | Escalate | Merge | Webhook | Close,
    Field(discriminator="action"),
]
