"""Why a benchmark, or a part of one, could not be measured."""

from kit.errors import ErrorKind, JiedaiError


class PartSkipped(JiedaiError):
    """A server that a part of a benchmark needs is not there; the rest is measured all the same."""

    kind = ErrorKind.UNAVAILABLE
    code = "part_skipped"


class NoBroker(PartSkipped):
    """RabbitMQ does not answer."""

    code = "no_broker"

    def __init__(self, where: str) -> None:
        super().__init__(
            f"RabbitMQ 没有响应（{where}），跳过与 Celery 有关的部分",
            f"No RabbitMQ at {where}: whatever needs Celery is skipped",
        )


class NoPostgres(PartSkipped):
    """PostgreSQL does not answer, or its driver is not installed."""

    code = "no_postgres"

    def __init__(self, host: str, port: int | None) -> None:
        where = f"{host}:{port}" if port else host
        super().__init__(
            f"PostgreSQL 没有响应（{where}），或没有安装其驱动，跳过需要它的部分",
            f"No PostgreSQL at {where}, or its driver is not installed: whatever needs it is skipped",
        )


class NotDurable(PartSkipped):
    """The database server may lose what it acknowledged: its speed would be no comparison."""

    code = "not_durable"

    def __init__(self) -> None:
        super().__init__(
            "PostgreSQL 关闭了 fsync 或 synchronous_commit，跳过需要它的部分",
            "PostgreSQL runs without fsync or synchronous_commit: whatever needs it is skipped",
        )


class BenchStuck(JiedaiError):
    """Something that was started for a benchmark did not do its work."""

    kind = ErrorKind.UNAVAILABLE
    code = "bench_stuck"

    def __init__(self, log: str = "") -> None:
        super().__init__(f"性能测量没有完成：{log}", f"The benchmark did not come to its end: {log}")
