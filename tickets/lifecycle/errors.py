"""What the lifecycle refuses, in words for the user."""

from kit.errors import ErrorKind, JiedaiError

_ACTIONS = {
    "route": ("分派", "routed"),
    "assign": ("指派", "assigned"),
    "reply": ("回复", "answered"),
    "ask_customer": ("等待客户", "set to wait for the customer"),
    "customer_wrote": ("由客户继续", "continued by the customer"),
    "set_stage": ("更改环节", "moved to another stage"),
    "hold": ("挂起", "put on hold"),
    "escalate": ("升级", "escalated"),
    "resume": ("恢复处理", "resumed"),
    "submit": ("提交审核", "submitted for review"),
    "send_back": ("退回", "sent back"),
    "approve": ("审核通过", "approved"),
    "settle": ("结算", "settled"),
    "resolve": ("标记为已解决", "resolved"),
    "confirm": ("确认解决", "confirmed"),
    "reopen": ("重新打开", "reopened"),
    "close": ("关闭", "closed"),
    "cancel": ("作废", "cancelled"),
    "expire": ("自动关闭", "closed by itself"),
    "merge": ("合并", "merged into another"),
    "follow_up": ("新建关联工单", "followed by a linked ticket"),
}
_STATUSES = {
    "new": ("新建", "new"),
    "to_assign": ("待分派", "to be assigned"),
    "in_progress": ("处理中", "in progress"),
    "waiting_customer": ("等待客户", "waiting for the customer"),
    "on_hold": ("已挂起", "on hold"),
    "escalated": ("已升级", "escalated"),
    "to_review": ("待审核", "to be reviewed"),
    "to_settle": ("待结算", "to be settled"),
    "resolved": ("已解决", "resolved"),
    "reopened": ("已重新打开", "reopened"),
    "closed": ("已关闭", "closed"),
}
_NEEDS = {
    "reason": ("请填写原因", "Say why"),
    "fix": ("请填写处理结果：做了什么", "Say what was done about it"),
    "stage": ("请选择这个状态下的环节", "Choose a stage of this status"),
}
_GUARDS = {
    "window_open": ("确认期已过，请新建关联工单", "The time to reopen it is over; file a linked new ticket"),
    "time_is_up": ("等待时间还没有到", "It has not waited long enough"),
    "another_person": ("不能审核自己提交的工单", "Who submitted a ticket cannot approve it"),
}


class TransitionRefused(JiedaiError):
    """The ticket's state does not allow this step."""

    kind = ErrorKind.CONFLICT
    code = "transition_refused"

    def __init__(self, status: str, action: str) -> None:
        (state_zh, state_en), (step_zh, step_en) = _STATUSES[status], _ACTIONS[action]
        super().__init__(f"工单状态为「{state_zh}」，不能{step_zh}", f"A ticket that is {state_en} cannot be {step_en}")


class StepNotAllowed(JiedaiError):
    """Others may take this step, this person may not."""

    kind = ErrorKind.FORBIDDEN
    code = "step_not_allowed"

    def __init__(self, action: str) -> None:
        step_zh, step_en = _ACTIONS[action]
        super().__init__(f"您没有「{step_zh}」的权限", f"You may not decide that this ticket is {step_en}")


class StepNeeds(JiedaiError):
    """A step lacks what the scheme makes mandatory (LC-10)."""

    code = "step_needs"

    def __init__(self, need: str, action: str) -> None:
        zh, en = _NEEDS[need]
        step_zh, step_en = _ACTIONS[action]
        super().__init__(f"{zh}（{step_zh}）", f"{en} (it is being {step_en})", field=need)


class GuardRefused(JiedaiError):
    """The step exists, but not as things stand."""

    kind = ErrorKind.CONFLICT
    code = "guard_refused"

    def __init__(self, guard: str) -> None:
        super().__init__(*_GUARDS[guard])


class SchemeInvalid(JiedaiError):
    """A lifecycle scheme contradicts itself."""

    code = "scheme_invalid"

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"流程「{name}」无法使用：{reason}", f"The scheme {name!r} cannot be used: {reason}")


class CaseHasOpenTicket(JiedaiError):
    """Reopening would give a matter two open tickets."""

    kind = ErrorKind.CONFLICT
    code = "case_has_open_ticket"

    def __init__(self, number: int) -> None:
        super().__init__(f"这件事已有处理中的工单 T-{number}", f"This matter has an open ticket already: T-{number}")


class TicketArchived(JiedaiError):
    """A closed ticket is not changed any more (LC-06)."""

    kind = ErrorKind.CONFLICT
    code = "ticket_archived"

    def __init__(self) -> None:
        super().__init__("工单已关闭归档，不能再修改", "A closed ticket is archived and cannot be changed")
