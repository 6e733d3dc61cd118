"""What the ticket store refuses, in words for the user."""

from kit.errors import ErrorKind, JiedaiError


class ConversationNotFound(JiedaiError):
    """No such conversation, or not this caller's: the two are not told apart."""

    kind = ErrorKind.NOT_FOUND
    code = "conversation_not_found"

    def __init__(self) -> None:
        super().__init__("找不到这个会话", "This conversation does not exist")


class TicketNotFound(JiedaiError):
    """No such ticket."""

    kind = ErrorKind.NOT_FOUND
    code = "ticket_not_found"

    def __init__(self) -> None:
        super().__init__("找不到这个工单", "This ticket does not exist")


class CustomerNotFound(JiedaiError):
    """No such customer."""

    kind = ErrorKind.NOT_FOUND
    code = "customer_not_found"

    def __init__(self) -> None:
        super().__init__("找不到这位客户", "This customer does not exist")


class CaseNotFound(JiedaiError):
    """No such case in this conversation."""

    kind = ErrorKind.NOT_FOUND
    code = "case_not_found"

    def __init__(self) -> None:
        super().__init__("找不到要确认的内容", "There is nothing to confirm")


class AttachmentNotFound(JiedaiError):
    """No such file in this conversation."""

    kind = ErrorKind.NOT_FOUND
    code = "attachment_not_found"

    def __init__(self) -> None:
        super().__init__("找不到这个文件", "This file does not exist")


class EmptyMessage(JiedaiError):
    """A message without anything to read and without a file."""

    code = "empty_message"

    def __init__(self) -> None:
        super().__init__("请输入内容或发送图片", "Please type something or send a picture", field="text")


class MessageTooLong(JiedaiError):
    """A message above the limit of characters."""

    kind = ErrorKind.TOO_LARGE
    code = "message_too_long"

    def __init__(self, limit: int) -> None:
        super().__init__(
            f"消息太长，请控制在 {limit} 字以内，或分几条发送",
            f"The message is too long: at most {limit} characters, or send it in parts",
            field="text",
        )


class TicketChanged(JiedaiError):
    """Somebody else changed the ticket in the same moment."""

    kind = ErrorKind.CONFLICT
    code = "ticket_changed"

    def __init__(self) -> None:
        super().__init__(
            "工单刚被他人修改，请刷新后重试", "Somebody has just changed this ticket; reload and try again"
        )


class TicketTaken(JiedaiError):
    """Somebody else was faster."""

    kind = ErrorKind.CONFLICT
    code = "ticket_taken"

    def __init__(self, holder: str) -> None:
        super().__init__(f"工单已由 {holder} 领取", f"{holder} has taken this ticket already")


class NodeNotFound(JiedaiError):
    """No such step in this ticket's procedure."""

    kind = ErrorKind.NOT_FOUND
    code = "node_not_found"

    def __init__(self) -> None:
        super().__init__("找不到这个流程节点", "This step of the procedure does not exist")


class EmptyRecord(JiedaiError):
    """A record without words."""

    code = "empty_record"

    def __init__(self) -> None:
        super().__init__("请填写内容", "Please write something", field="text")


class UnknownLabel(JiedaiError):
    """A label outside the taxonomy (CL-06)."""

    code = "unknown_label"

    def __init__(self, label: tuple[str, ...]) -> None:
        path = "/".join(label)
        super().__init__(f"分类「{path}」不存在", f"There is no category {path!r}", field="label")


class SignInRefused(JiedaiError):
    """Wrong name or password; which of them is not said."""

    kind = ErrorKind.UNAUTHENTICATED
    code = "sign_in_refused"

    def __init__(self) -> None:
        super().__init__("用户名或密码不正确", "Wrong user name or password")


class TooManyAttempts(JiedaiError):
    """Too many failed sign-ins (RELIABILITY A16)."""

    kind = ErrorKind.TOO_MANY
    code = "too_many_attempts"

    def __init__(self) -> None:
        super().__init__("尝试次数过多，请 15 分钟后再试", "Too many attempts; try again in 15 minutes")


class OrderBookUnavailable(JiedaiError):
    """The order system cannot be asked right now."""

    kind = ErrorKind.UNAVAILABLE
    code = "order_book_unavailable"

    def __init__(self) -> None:
        super().__init__("订单系统暂时无法查询", "The order system cannot be asked right now")


class FileTooLarge(JiedaiError):
    """A file above the limit."""

    kind = ErrorKind.TOO_LARGE
    code = "file_too_large"

    def __init__(self, limit_bytes: int) -> None:
        size = f"{limit_bytes // 1_000_000} MB"
        super().__init__(f"文件太大，请控制在 {size} 以内", f"The file is too large: at most {size}", field="file")


class TicketStale(JiedaiError):
    """The caller changes a version of the ticket that is no longer the newest (``If-Match``)."""

    kind = ErrorKind.STALE
    code = "ticket_stale"

    def __init__(self) -> None:
        super().__init__(
            "工单已被修改，请重新读取后再提交",
            "The ticket has changed since you read it; read it again before changing it",
            field="If-Match",
        )


class ReasonMissing(JiedaiError):
    """A change that asks for a reason, without one."""

    code = "reason_missing"

    def __init__(self) -> None:
        super().__init__("请填写原因", "Please give a reason", field="reason")


class TitleEmpty(JiedaiError):
    """A title without words."""

    code = "title_empty"

    def __init__(self) -> None:
        super().__init__("标题不能为空", "A title needs words", field="title")


class FactEmpty(JiedaiError):
    """A fact without a value."""

    code = "fact_empty"

    def __init__(self, name: str) -> None:
        super().__init__(f"「{name}」不能为空", f"{name} needs a value", field=name)
