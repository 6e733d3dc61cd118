"""What erasing refuses, in words for the user."""

from collections.abc import Sequence

from kit.errors import ErrorKind, JiedaiError


class ErasureNotFound(JiedaiError):
    """No such application."""

    kind = ErrorKind.NOT_FOUND
    code = "erasure_not_found"

    def __init__(self) -> None:
        super().__init__("找不到这个删除申请", "There is no such application")


class ErasureDecided(JiedaiError):
    """Somebody has decided about it already, or the customer is erased."""

    kind = ErrorKind.CONFLICT
    code = "erasure_decided"

    def __init__(self) -> None:
        super().__init__("这个申请已有人处理，请刷新", "Somebody has decided about this already; reload")


class ErasureApplied(JiedaiError):
    """There is an application for this customer that nobody has decided about."""

    kind = ErrorKind.CONFLICT
    code = "erasure_applied"

    def __init__(self) -> None:
        super().__init__("这位客户已有待审批的删除申请", "There is an open application for this customer")


class SecondPersonNeeded(JiedaiError):
    """Who applied does not approve (SE-04)."""

    kind = ErrorKind.FORBIDDEN
    code = "second_person_needed"

    def __init__(self) -> None:
        super().__init__("申请人不能审批自己的申请", "Who applied cannot approve it; a second person has to")


class CustomerHasOpenTickets(JiedaiError):
    """Somebody still works for this customer: what they need is not destroyed under their hands."""

    kind = ErrorKind.CONFLICT
    code = "customer_has_open_tickets"

    def __init__(self, numbers: Sequence[int]) -> None:
        listed = "、".join(f"T-{number}" for number in numbers)
        super().__init__(
            f"客户还有未关闭的工单：{listed}，请先关闭",
            f"The customer has tickets that are not closed: {listed}; close them first",
        )
