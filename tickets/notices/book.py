"""The book of notices: templates, quiet hours, what counts as urgent, and the survey."""

from datetime import datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from pydantic import AfterValidator, Field, model_validator

from tickets.books.schemas import Book, Page
from tickets.books.service import Refusal
from tickets.notices import wording
from tickets.notices.schemas import OF_CUSTOMERS, POSTED, Audience, Channel, NoticeEvent
from tickets.words import TicketStatus

_DEFAULT = Path(__file__).with_name("default.yaml")
_MOST = 300


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Refusal("不认识的时区，例如 Asia/Shanghai", "An unknown time zone; an example: Asia/Shanghai") from None
    return name


_Text = Annotated[str, AfterValidator(wording.check)]


class Words(Page):
    """A template in one language."""

    subject: Annotated[_Text, Field(max_length=120)] = ""
    body: Annotated[_Text, Field(min_length=1, max_length=1000)]


class Template(Page):
    """What one audience reads of one event over one channel."""

    event: NoticeEvent
    audience: Audience
    channel: Channel
    target: str = Field(default="", max_length=40, description="Name of a registered place; empty: the group's.")
    statuses: tuple[TicketStatus, ...] = Field(default=(), description="Only for these; empty: all.")
    on: bool = True
    zh: Words
    en: Words

    @property
    def key(self) -> str:
        """Return what tells it from the others."""
        return f"{self.event}:{self.audience}:{self.channel}:{self.target}"

    @model_validator(mode="after")
    def _fits(self) -> "Template":
        if self.audience is Audience.CUSTOMER:
            if self.channel not in OF_CUSTOMERS:
                wrong = Refusal(f"渠道 {self.channel} 不能发给客户", f"The channel {self.channel} reaches no customer")
                raise wrong
            for lang, words in (("zh", self.zh), ("en", self.en)):
                lacking = wording.missing(words.body)
                if lacking:
                    names = " ".join(f"{{{name}}}" for name in lacking)
                    wrong = Refusal(
                        f"{lang}.body：给客户的通知必须包含 {names}",
                        f"{lang}.body: a notice for customers must show {names}",
                    )
                    raise wrong
        elif self.channel is Channel.CHAT:
            raise Refusal("会话渠道只用于客户", "The chat is for customers only")
        if self.target and self.channel not in POSTED | {Channel.SMS}:
            wrong = Refusal(f"渠道 {self.channel} 没有接收处", f"The channel {self.channel} has no registered places")
            raise wrong
        if self.statuses and self.event is not NoticeEvent.STATUS_CHANGED:
            raise Refusal("只有状态变化通知可以限定状态", "Only notices of a changed status can be for some of them")
        return self


class QuietHours(Page):
    """When an audience is left alone; it ends the next day where it ends before it begins."""

    audience: Audience
    start: time
    end: time
    zone: Annotated[str, AfterValidator(_zone)] = "Asia/Shanghai"

    @model_validator(mode="after")
    def _has_length(self) -> "QuietHours":
        if self.start == self.end:
            raise Refusal("开始和结束不能相同", "They must not begin when they end")
        return self

    def until(self, now: datetime) -> datetime | None:
        """Return when quiet hours that hold now are over; ``None`` where none hold."""
        local = now.astimezone(ZoneInfo(self.zone))
        at = local.time()
        overnight = self.end < self.start
        inside = (at >= self.start or at < self.end) if overnight else self.start <= at < self.end
        if not inside:
            return None
        day = local.date() + timedelta(days=1 if overnight and at >= self.start else 0)
        return datetime.combine(day, self.end, ZoneInfo(self.zone))


class Survey(Page):
    """How customers are asked for their judgement (NT-08)."""

    on: bool = True
    days: int = Field(default=7, ge=1, le=60)
    low: int = Field(default=2, ge=1, le=4, description="The lead is told of this score and below.")


class NoticeBook(Page):
    """Everything the business decides about notices."""

    templates: tuple[Template, ...] = Field(max_length=_MOST)
    quiet: tuple[QuietHours, ...] = ()
    urgent: frozenset[NoticeEvent] = frozenset()
    survey: Survey = Survey()

    @model_validator(mode="after")
    def _nothing_twice(self) -> "NoticeBook":
        keys = [template.key for template in self.templates]
        twice = next((key for n, key in enumerate(keys) if key in keys[:n]), None)
        if twice:
            wrong = Refusal(f"模板 {twice} 写了两次", f"The template {twice} is written twice")
            raise wrong
        audiences = [hours.audience for hours in self.quiet]
        if len(set(audiences)) < len(audiences):
            raise Refusal("同一对象只能有一段免打扰时间", "An audience has one span of quiet hours at most")
        return self

    def of(self, event: NoticeEvent) -> list[Template]:
        """Return the templates of an event that are switched on."""
        return [template for template in self.templates if template.on and template.event is event]

    def quiet_until(self, audience: Audience, now: datetime) -> datetime | None:
        """Return until when an audience is left alone; ``None``: it isn't."""
        found = (hours.until(now) for hours in self.quiet if hours.audience is audience)
        return next(found, None)


@cache
def default() -> NoticeBook:
    """Return the book that comes with the service."""
    return NoticeBook.model_validate(yaml.safe_load(_DEFAULT.read_text(encoding="utf-8")))


NOTICES = Book("notices", NoticeBook, default)
