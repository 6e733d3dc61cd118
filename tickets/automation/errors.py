"""What automation refuses."""

from kit.errors import ErrorKind, JiedaiError


class ActionUnavailable(JiedaiError):
    """No room of this installation does such an action."""

    code = "action_unavailable"

    def __init__(self, action: str) -> None:
        super().__init__(f"本系统没有「{action}」这个动作", f"{action!r} is not available in this installation")


class NotJson(JiedaiError):
    """What was typed as a rule's JSON is none, or no object."""

    code = "not_json"

    def __init__(self) -> None:
        super().__init__("JSON 格式有误", "This is no JSON object", field="json_text")


class NothingRepeated(JiedaiError):
    """No earlier open ticket is surely the same matter."""

    kind = ErrorKind.CONFLICT
    code = "nothing_repeated"

    def __init__(self) -> None:
        super().__init__("没有可以确定重复的未结工单", "No earlier open ticket is surely the same matter")
