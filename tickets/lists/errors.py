"""What lists refuse."""

from kit.errors import ErrorKind, JiedaiError


class CursorForeign(JiedaiError):
    """A place in a list that this installation did not give out, or gave out for another order."""

    code = "cursor_foreign"

    def __init__(self) -> None:
        super().__init__(
            "翻页位置无效，请从第一页重新开始", "This is no page of this list; begin at its first page", field="cursor"
        )


class ViewNotFound(JiedaiError):
    """No such saved view, or not this person's."""

    kind = ErrorKind.NOT_FOUND
    code = "view_not_found"

    def __init__(self) -> None:
        super().__init__("找不到这个视图", "There is no such view")


class ViewNameTaken(JiedaiError):
    """The person, or the group, has a view of this name."""

    kind = ErrorKind.CONFLICT
    code = "view_name_taken"

    def __init__(self, name: str) -> None:
        super().__init__(f"已有名为「{name}」的视图", f"There is a view named {name!r} already", field="name")


class ViewNameBlank(JiedaiError):
    """A view without a name."""

    code = "view_name_blank"

    def __init__(self) -> None:
        super().__init__("请给视图起个名字", "Give the view a name", field="name")


class TooManyViews(JiedaiError):
    """More views than anybody finds their way in."""

    kind = ErrorKind.TOO_MANY
    code = "too_many_views"

    def __init__(self, limit: int) -> None:
        super().__init__(f"最多保存 {limit} 个视图", f"At most {limit} views can be kept")


class SharingRefused(JiedaiError):
    """Only a lead shares a view with a group."""

    kind = ErrorKind.FORBIDDEN
    code = "sharing_refused"

    def __init__(self) -> None:
        super().__init__("只有班组长可以共享视图", "Only a team lead shares views", field="group")
