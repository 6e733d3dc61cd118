"""What can go wrong in service quality."""

from kit.errors import ErrorKind, JiedaiError


class RuleSetInvalid(JiedaiError):
    """A rule set that cannot be used: unreadable, unknown keys, or a pattern that RE2 refuses."""

    kind = ErrorKind.INVALID
    code = "rule_set_invalid"

    def __init__(self, detail: str) -> None:
        super().__init__(f"质检规则无效：{detail}", f"The QA rule set is invalid: {detail}", field="rules")


class FindingNotFound(JiedaiError):
    """No finding has this id."""

    kind = ErrorKind.NOT_FOUND
    code = "finding_not_found"

    def __init__(self) -> None:
        super().__init__("找不到这条质检结果", "There is no such finding")


class FindingNotOpen(JiedaiError):
    """The finding was already reviewed, or withdrawn by a later scan."""

    kind = ErrorKind.CONFLICT
    code = "finding_not_open"

    def __init__(self) -> None:
        super().__init__("这条质检结果已复核或已撤回", "This finding was already reviewed or has been withdrawn")
