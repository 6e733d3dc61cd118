"""What can be wrong with a job."""

from kit.errors import ErrorKind, JiedaiError


class LeaseLost(JiedaiError):
    """Another worker owns the job by now: this one's effect must not be written."""

    kind = ErrorKind.CONFLICT
    code = "lease_lost"

    def __init__(self) -> None:
        super().__init__("任务已由其他进程接手", "Another worker has taken this job over")


class Superseded(JiedaiError):
    """The subject changed while the job computed; its effect is dropped and the job is done, newer work is queued."""

    kind = ErrorKind.CONFLICT
    code = "superseded"

    def __init__(self) -> None:
        super().__init__("内容已更新", "The subject has changed meanwhile")


class NotSent(JiedaiError):
    """Nothing left the house for certain, such as on a refused connection: a delivery may be tried again."""

    kind = ErrorKind.UNAVAILABLE
    code = "not_sent"

    def __init__(self, reason: str) -> None:
        super().__init__(f"未能发送：{reason}", f"Not sent: {reason}")


class Unrunnable(JiedaiError):
    """No try can make this job succeed; it is set aside at once."""

    kind = ErrorKind.INVALID


class UnknownJobKind(Unrunnable):
    """No handler is registered for a job's kind."""

    code = "unknown_job_kind"

    def __init__(self, kind: str) -> None:
        super().__init__(f"没有处理 {kind} 的程序", f"No handler for {kind!r}")


class WrongJobVersion(Unrunnable):
    """The row was written with other arguments than this program's handler reads."""

    code = "wrong_job_version"

    def __init__(self, kind: str, version: int, wanted: int) -> None:
        super().__init__(
            f"任务 {kind} 的参数版本是 {version}，本程序只处理 {wanted}",
            f"Job {kind!r} has arguments of version {version}; this program reads {wanted}",
        )


class JobNotFound(JiedaiError):
    """No such job, or it no longer waits for a decision."""

    kind = ErrorKind.NOT_FOUND
    code = "job_not_found"

    def __init__(self) -> None:
        super().__init__("任务不存在，或已不需要处理", "No such job, or it no longer waits for a decision")


class ReasonRequired(JiedaiError):
    """A decision about a job needs its reason."""

    kind = ErrorKind.INVALID
    code = "reason_required"

    def __init__(self) -> None:
        super().__init__("请填写原因", "Please give a reason", field="reason")


class RedisIsNoBroker(JiedaiError):
    """Somebody set a Redis URL where the broker's belongs."""

    kind = ErrorKind.INVALID
    code = "redis_is_no_broker"

    def __init__(self) -> None:
        super().__init__(
            "不支持用 Redis 作消息代理：进程被杀后任务要 93 秒才会重新执行（实测），请使用 RabbitMQ（amqp://…）",
            "Redis is not accepted as the broker: it took 93 s to give a killed worker's task back (measured). "
            "Use RabbitMQ (amqp://…)",
        )


class BrokerUrlRequired(JiedaiError):
    """The Celery driver needs a RabbitMQ URL."""

    kind = ErrorKind.INVALID
    code = "broker_url_required"

    def __init__(self) -> None:
        super().__init__(
            "请用 JIEDAI_JOBS__BROKER_URL 指定 RabbitMQ（amqp://…）",
            "Set JIEDAI_JOBS__BROKER_URL to a RabbitMQ URL (amqp://…)",
        )


class ServerDatabaseRequired(JiedaiError):
    """Several processes need a database server."""

    kind = ErrorKind.INVALID
    code = "server_database_required"

    def __init__(self) -> None:
        super().__init__(
            "Celery 模式需要 PostgreSQL，请设置 JIEDAI_DATABASE_URL",
            "The Celery driver needs PostgreSQL: set JIEDAI_DATABASE_URL",
        )
