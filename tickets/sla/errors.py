"""What service levels refuse."""

from collections.abc import Iterable

from kit.errors import ErrorKind, JiedaiError
from tickets.sla.words import ClockKind, PauseReason


class UnknownTimer(JiedaiError):
    """A rule or a person starts a timer that the book does not have."""

    code = "unknown_timer"

    def __init__(self, name: str, known: Iterable[str]) -> None:
        named = ", ".join(sorted(known)) or "-"
        super().__init__(
            f"没有名为「{name}」的计时器（可用：{named}）",
            f"There is no timer {name!r} (known: {named})",
            field="sla",
        )


class UnknownPriority(JiedaiError):
    """A word that a scheme does not use for any rank."""

    code = "unknown_priority"

    def __init__(self, scheme: str, word: str, known: Iterable[str]) -> None:
        named = ", ".join(known)
        super().__init__(
            f"「{scheme}」里没有优先级「{word}」（可用：{named}）",
            f"The scheme {scheme!r} has no priority {word!r} (known: {named})",
            field="priority",
        )


class PauseNeeds(JiedaiError):
    """A pause lacks its reason or its proof (SL-07)."""

    code = "pause_needs"

    def __init__(self, need: str) -> None:
        words = {
            "pause": ("请选择暂停计时的原因", "Choose what is waited for"),
            "proof": ("请填写暂停凭证，例如运单号或采购单号", "Give the proof, such as a waybill or order number"),
        }
        super().__init__(*words[need], field=need)


class NotAPersonsReason(JiedaiError):
    """A reason that only the lifecycle itself pauses for."""

    code = "not_a_persons_reason"

    def __init__(self, reason: PauseReason) -> None:
        super().__init__(
            f"不能以「{reason}」为由手动暂停", f"Nobody pauses a clock by hand for {reason}", field="pause"
        )


class ClockNotFound(JiedaiError):
    """The ticket has no such clock."""

    kind = ErrorKind.NOT_FOUND
    code = "clock_not_found"

    def __init__(self, kind: ClockKind | None = None) -> None:
        said = f"（{kind}）" if kind else ""
        super().__init__(f"工单没有这个计时{said}", f"The ticket has no such clock{f' ({kind})' if kind else ''}")


class NotBreached(JiedaiError):
    """A cause is given for a target that was not missed."""

    kind = ErrorKind.CONFLICT
    code = "not_breached"

    def __init__(self) -> None:
        super().__init__("这个目标没有超时，不需要填写原因", "This target was not missed; it needs no cause")


class CalendarInUse(JiedaiError):
    """A calendar that targets count by is left out of an edition."""

    kind = ErrorKind.CONFLICT
    code = "calendar_in_use"

    def __init__(self, name: str, place: str) -> None:
        super().__init__(
            f"日历「{name}」还在使用（{place}），不能删除",
            f"The calendar {name!r} is in use ({place}) and cannot be left out",
            field="calendars",
        )


class CalendarFileInvalid(JiedaiError):
    """A file that is no iCal calendar, or too much of one."""

    code = "calendar_file_invalid"

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(zh, en, field="file")


class CalendarFileUnreadable(JiedaiError):
    """A file from which no days off can be taken."""

    code = "calendar_file_unreadable"

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"无法导入日历文件：{zh}", f"The calendar file cannot be read: {en}", field="file")
