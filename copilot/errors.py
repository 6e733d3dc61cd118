"""What the copilot refuses, in words for the user."""

from kit.errors import ErrorKind, JiedaiError


class SuggestionNotFound(JiedaiError):
    """No such suggestion."""

    kind = ErrorKind.NOT_FOUND
    code = "suggestion_not_found"

    def __init__(self) -> None:
        super().__init__("找不到这条建议", "There is no such suggestion")


class SuggestionDecided(JiedaiError):
    """Somebody has already accepted, edited or rejected it."""

    kind = ErrorKind.CONFLICT
    code = "suggestion_decided"

    def __init__(self) -> None:
        super().__init__("这条建议已经处理过了", "This suggestion has already been decided")


class NothingToSend(JiedaiError):
    """Accepting a suggestion that has no draft, or sending an empty text."""

    kind = ErrorKind.CONFLICT
    code = "nothing_to_send"

    def __init__(self) -> None:
        super().__init__("这条建议没有可发送的草稿", "This suggestion has no draft to send", field="text")


class SummaryNotFound(JiedaiError):
    """No such summary."""

    kind = ErrorKind.NOT_FOUND
    code = "summary_not_found"

    def __init__(self) -> None:
        super().__init__("找不到这份小结", "There is no such summary")


class SummaryConfirmed(JiedaiError):
    """Somebody has already confirmed it."""

    kind = ErrorKind.CONFLICT
    code = "summary_confirmed"

    def __init__(self) -> None:
        super().__init__("这份小结已经确认", "This summary has already been confirmed")
