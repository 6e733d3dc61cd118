"""What books refuse."""

from collections.abc import Sequence

from kit.errors import ErrorKind, Issue, JiedaiError


class BookInvalid(JiedaiError):
    """An edition that isn't what the book must be; each place is named."""

    code = "book_invalid"

    def __init__(self, issues: Sequence[Issue]) -> None:
        first = issues[0]
        super().__init__(
            f"「{first.field}」：{first.reason_zh}",
            f"{first.field}: {first.reason_en}",
            field=first.field,
            issues=issues,
        )


class BookChanged(JiedaiError):
    """Somebody else has saved the book since the editor read it."""

    kind = ErrorKind.CONFLICT
    code = "book_changed"

    def __init__(self, version: int) -> None:
        super().__init__(
            f"已有更新的版本（第 {version} 版），请查看后再保存",
            f"There is a newer edition ({version}); look at it before you save",
        )


class EditionNotFound(JiedaiError):
    """The book has no such edition."""

    kind = ErrorKind.NOT_FOUND
    code = "edition_not_found"

    def __init__(self) -> None:
        super().__init__("找不到这个版本", "This edition does not exist")
