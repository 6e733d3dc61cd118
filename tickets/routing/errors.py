"""What routing refuses, in words for the user."""

from kit.errors import ErrorKind, JiedaiError


class AssigneeUnfit(JiedaiError):
    """Nobody who could work on tickets has this user name."""

    code = "assignee_unfit"

    def __init__(self, username: str) -> None:
        super().__init__(
            f"「{username}」不存在、已停用或不处理工单",
            f"{username!r} does not exist, was deactivated or does not work on tickets",
            field="username",
        )


class TransferNeedsWords(JiedaiError):
    """A transfer without its context."""

    code = "transfer_needs_words"

    def __init__(self) -> None:
        super().__init__(
            "请写明转派原因和已做的处理，方便对方接手",
            "Say why and what was done so far, so that the next one can go on from there",
            field="words",
        )


class TransferNeedsTarget(JiedaiError):
    """A transfer to nobody, or to a group and a person at once."""

    code = "transfer_needs_target"

    def __init__(self) -> None:
        super().__init__("请选择一个小组或一位同事", "Choose either a group or a person", field="to")


class NothingToTake(JiedaiError):
    """The pool holds nothing for this person."""

    kind = ErrorKind.NOT_FOUND
    code = "nothing_to_take"

    def __init__(self) -> None:
        super().__init__("待领取的工单中没有适合您的", "Nothing in the pool fits you at the moment")


class OffDuty(JiedaiError):
    """Who takes work must be at work."""

    kind = ErrorKind.CONFLICT
    code = "off_duty"

    def __init__(self) -> None:
        super().__init__("您当前不在岗，请先切换为在岗", "You are off duty: go on duty first")


class AtCapacity(JiedaiError):
    """Somebody has as many open tickets as they may."""

    kind = ErrorKind.CONFLICT
    code = "at_capacity"

    def __init__(self, capacity: int) -> None:
        super().__init__(
            f"您的在办工单已达上限（{capacity}），请先处理完一些", f"You have {capacity} open tickets, your limit"
        )


class NewcomerProtected(JiedaiError):
    """Newcomers are given no urgent work and no complaints."""

    kind = ErrorKind.FORBIDDEN
    code = "newcomer_protected"

    def __init__(self) -> None:
        super().__init__(
            "新人保护期内不领取紧急或投诉类工单，请联系导师",
            "Newcomers take no urgent tickets and no complaints: ask your mentor",
        )


class ReservedForOther(JiedaiError):
    """The ticket is kept for somebody else."""

    kind = ErrorKind.CONFLICT
    code = "reserved_for_other"

    def __init__(self, name: str) -> None:
        super().__init__(f"此工单已预留给 {name}", f"This ticket is reserved for {name}")


class GroupHasTicket(JiedaiError):
    """A group cannot take part in what is its own."""

    kind = ErrorKind.CONFLICT
    code = "group_has_ticket"

    def __init__(self) -> None:
        super().__init__("这个小组已经在处理此工单", "This group already works on the ticket", field="group")


class SubTaskIncomplete(JiedaiError):
    """A sub-task without a clear ask, somebody to do it, or a time that lies ahead."""

    code = "sub_task_incomplete"

    def __init__(self, field: str) -> None:
        zh, en = _MISSING[field]
        super().__init__(zh, en, field=field)


_MISSING = {
    "ask": ("请写明需要对方做什么", "Say what is to be done"),
    "to": ("请选择负责的小组或同事", "Choose the group or the person who does it"),
    "due_at": ("请选择一个未来的截止时间", "Choose a due time that lies ahead"),
    "answer": ("请写明结果", "Say what came of it"),
}


class SubTaskNotFound(JiedaiError):
    """No such sub-task on this ticket."""

    kind = ErrorKind.NOT_FOUND
    code = "sub_task_not_found"

    def __init__(self) -> None:
        super().__init__("找不到这个子任务", "This sub-task does not exist")


class SubTaskNotYours(JiedaiError):
    """It was asked of others."""

    kind = ErrorKind.FORBIDDEN
    code = "sub_task_not_yours"

    def __init__(self) -> None:
        super().__init__("这个子任务由其他人或小组负责", "This sub-task was asked of others")


class SubTaskOver(JiedaiError):
    """It was answered before."""

    kind = ErrorKind.CONFLICT
    code = "sub_task_over"

    def __init__(self) -> None:
        super().__init__("这个子任务已经有结果", "This sub-task has been answered already")


class MentorUnfit(JiedaiError):
    """Nobody is one's own mentor, nor is a newcomer anybody's."""

    code = "mentor_unfit"

    def __init__(self) -> None:
        super().__init__(
            "导师须是另一位在职且非新人的同事",
            "A mentor is another active colleague who is no newcomer",
            field="mentor",
        )
