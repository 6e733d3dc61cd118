"""Why an installation is not moved; in every case the target's data is as before."""

from collections.abc import Sequence

from kit.errors import ErrorKind, JiedaiError


class TargetNotEmpty(JiedaiError):
    """The target holds something already: nothing is written over or mixed."""

    kind = ErrorKind.CONFLICT
    code = "move_target_not_empty"

    def __init__(self, tables: Sequence[str]) -> None:
        named = ", ".join(tables[:5])
        super().__init__(
            f"目标数据库不是空的（{named}），请换一个空的数据库",
            f"The target database is not empty ({named}); take an empty one",
            field="to",
        )


class TargetIsSource(JiedaiError):
    """Source and target are the same database."""

    code = "move_target_is_source"

    def __init__(self) -> None:
        super().__init__("目标与来源是同一个数据库", "Target and source are the same database", field="to")


class TargetUnusable(JiedaiError):
    """No URL of a database that this service runs on."""

    code = "move_target_unusable"

    def __init__(self) -> None:
        super().__init__(
            "目标地址应为 postgresql+psycopg://… 或 sqlite:///…",
            "The target is a postgresql+psycopg://… or sqlite:///… URL",
            field="to",
        )


class SourceOutdated(JiedaiError):
    """The source has another version's schema."""

    kind = ErrorKind.CONFLICT
    code = "move_source_outdated"

    def __init__(self, found: str | None, needed: str | None) -> None:
        super().__init__(
            f"来源数据库的结构版本是 {found}，需要 {needed}：请先用当前版本启动一次服务",
            f"The source's schema is {found}, {needed} is needed: start this version of the service on it once",
        )


class RowRefused(JiedaiError):
    """The target does not take a row of the source; nothing was moved."""

    kind = ErrorKind.CONFLICT
    code = "move_row_refused"

    def __init__(self, table: str) -> None:
        super().__init__(
            f"目标数据库不接受表 {table} 中的数据，未迁移任何内容",
            f"The target database refuses data of table {table}; nothing was moved",
            field=table,
        )


class CopiesDiffer(JiedaiError):
    """What arrived is not what was sent; nothing was moved."""

    kind = ErrorKind.CONFLICT
    code = "move_copies_differ"

    def __init__(self, tables: Sequence[str]) -> None:
        named = ", ".join(tables)
        super().__init__(
            f"核对失败：{named} 的内容不一致，未迁移任何内容",
            f"The check failed: {named} arrived otherwise than sent; nothing was moved",
        )
