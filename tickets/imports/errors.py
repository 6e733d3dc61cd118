"""What is refused of imports."""

from kit.errors import ErrorKind, JiedaiError


class ImportNotFound(JiedaiError):
    """No such import, or it was cleared away."""

    kind = ErrorKind.NOT_FOUND
    code = "import_not_found"

    def __init__(self) -> None:
        super().__init__("找不到这次导入，可能已被清理", "This import does not exist, or was cleared away")


class ImportNotReady(JiedaiError):
    """It isn't at the step where this can be done."""

    kind = ErrorKind.CONFLICT
    code = "import_not_ready"

    def __init__(self, state: str) -> None:
        super().__init__(
            f"导入当前处于「{state}」，不能执行这个操作", f"The import is {state}; this cannot be done now"
        )


class BadRowsPresent(JiedaiError):
    """All or nothing was asked for, and some lines are bad."""

    code = "bad_rows_present"

    def __init__(self, bad: int, rows: int) -> None:
        super().__init__(
            f"{rows} 行中有 {bad} 行有问题，未导入任何工单",
            f"{bad} of {rows} rows are bad; nothing was imported",
            field="mode",
        )


class NothingToImport(JiedaiError):
    """No good line."""

    code = "nothing_to_import"

    def __init__(self) -> None:
        super().__init__("没有可以导入的行", "There is no row to import")
