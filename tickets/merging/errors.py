"""What linking and merging refuse, in words for the user."""

from kit.errors import ErrorKind, JiedaiError


class MergeWithItself(JiedaiError):
    """Both numbers are the same ticket."""

    code = "merge_with_itself"

    def __init__(self) -> None:
        super().__init__("不能和自己合并或关联", "A ticket cannot be joined with itself", field="other")


class AlreadyMerged(JiedaiError):
    """One of the two goes on in another ticket already."""

    kind = ErrorKind.CONFLICT
    code = "already_merged"

    def __init__(self, number: int, survivor: int) -> None:
        super().__init__(
            f"T-{number} 已经合并到 T-{survivor}，请刷新",
            f"T-{number} goes on in T-{survivor} already; reload",
            field="other",
        )


class MergeOfDone(JiedaiError):
    """Only tickets that are still worked on are merged."""

    kind = ErrorKind.CONFLICT
    code = "merge_of_done"

    def __init__(self, number: int) -> None:
        super().__init__(
            f"T-{number} 已解决或关闭，不能合并；可以关联，或先重新打开",
            f"T-{number} is resolved or closed and is not merged; link it, or reopen it first",
            field="other",
        )


class AnotherCustomer(JiedaiError):
    """The two belong to different customers, and nobody who may has said that this is meant."""

    kind = ErrorKind.CONFLICT
    code = "another_customer"

    def __init__(self) -> None:
        super().__init__(
            "两个工单属于不同客户，需由班组长勾选确认后合并",
            "The two tickets are of different customers: a team lead has to confirm it",
            field="other",
        )


class NotMerged(JiedaiError):
    """There is no merge to undo: never was, or somebody undid it already."""

    kind = ErrorKind.CONFLICT
    code = "not_merged"

    def __init__(self) -> None:
        super().__init__("没有可撤销的合并，请刷新", "There is no merge to undo; reload")


class PartOuterFirst(JiedaiError):
    """What a ticket was merged into has been merged itself: that merge is undone first."""

    kind = ErrorKind.CONFLICT
    code = "part_outer_first"

    def __init__(self, number: int) -> None:
        super().__init__(
            f"T-{number} 自己也已合并，请先撤销那次合并", f"T-{number} has been merged itself: undo that merge first"
        )


class AlreadyLinked(JiedaiError):
    """The two are linked already."""

    kind = ErrorKind.CONFLICT
    code = "already_linked"

    def __init__(self, number: int) -> None:
        super().__init__(f"已经关联 T-{number}", f"T-{number} is linked already", field="other")


class NotLinked(JiedaiError):
    """There is no such link."""

    kind = ErrorKind.CONFLICT
    code = "not_linked"

    def __init__(self) -> None:
        super().__init__("没有这个关联，请刷新", "There is no such link; reload")


class ReasonMissing(JiedaiError):
    """Joining and parting tickets need a reason."""

    code = "reason_missing"

    def __init__(self) -> None:
        super().__init__("请填写原因", "Say why", field="reason")
