"""What is refused of other systems."""

from collections.abc import Sequence

from kit.errors import ErrorKind, Issue, JiedaiError


class EntryInvalid(JiedaiError):
    """A ticket that cannot be filed as it came; every wrong place is named."""

    code = "entry_invalid"

    def __init__(self, issues: Sequence[Issue]) -> None:
        first = issues[0]
        super().__init__(
            f"「{first.field}」：{first.reason_zh}",
            f"{first.field}: {first.reason_en}",
            field=first.field,
            issues=issues,
        )


class ReferenceTaken(JiedaiError):
    """Another request files the same reference in this moment."""

    kind = ErrorKind.CONFLICT
    code = "reference_taken"

    def __init__(self) -> None:
        super().__init__(
            "相同外部编号的工单刚刚创建，请重新查询",
            "A ticket with this reference has just been filed; ask again",
            field="reference",
        )


class CustomerNotFound(JiedaiError):
    """No such customer, or none whose tickets this person sees."""

    kind = ErrorKind.NOT_FOUND
    code = "customer_not_found"

    def __init__(self) -> None:
        super().__init__("找不到这个客户", "This customer does not exist")
