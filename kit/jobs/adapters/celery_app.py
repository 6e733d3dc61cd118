"""The Celery application: settings under which a killed worker or broker loses nothing but time.

Each one that differs from Celery's default is there because the default lost work when it was measured: early
acknowledgement (task gone after ``kill -9``), unconfirmed publishing (3,000 of 3,000 "ok" messages gone), Redis as the
broker (93 s until a task came back).
"""

from celery import Celery
from kombu.entity import Exchange, Queue

from kit.jobs.errors import BrokerUrlRequired, RedisIsNoBroker
from kit.jobs.schemas import QueueName
from kit.settings import JobSettings

RUN_TASK = "jiedai.jobs.run"
_AMQP = ("amqp://", "amqps://", "pyamqp://")
_CONNECT_SECONDS = 4


def broker_queue(app: Celery, queue: QueueName) -> str:
    """Return what a queue is called at the broker; the prefix keeps installations on one broker apart."""
    return f"{app.main}.{queue}"


def make_celery(settings: JobSettings) -> Celery:
    """Build the application.

    Args:
        settings: The broker's URL and the prefix of its queues.

    Raises:
        RedisIsNoBroker: A Redis URL.
        BrokerUrlRequired: No RabbitMQ URL.
    """
    broker_url = settings.broker_url.get_secret_value()
    if broker_url.startswith(("redis", "sentinel")):
        raise RedisIsNoBroker
    if not broker_url.startswith(_AMQP):
        raise BrokerUrlRequired
    app = Celery(settings.broker_prefix, broker=broker_url, set_as_current=False)
    app.conf.update(
        accept_content=["json"],
        task_serializer="json",
        task_ignore_result=True,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_create_missing_queues=False,
        task_queues=[_queue(app, queue) for queue in QueueName],
        task_publish_retry=False,  # the bell's own thread retries, with what is still due by then
        broker_transport_options={"confirm_publish": True},
        broker_connection_timeout=_CONNECT_SECONDS,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_heartbeat=10,
        # A message is a ring; what a lost connection interrupts is kept by its lease and written all the same.
        worker_cancel_long_running_tasks_on_connection_loss=False,
        worker_consumer="kit.jobs.adapters.celery_consumer:RejectingConsumer",
        worker_prefetch_multiplier=1,
        worker_proc_alive_timeout=30.0,
        worker_enable_remote_control=False,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
    )
    return app


def dead_letters(app: Celery) -> Queue:
    """Return the queue that rejected messages go to; a worker declares it, without it the broker would drop them."""
    name = f"{app.main}.dead"
    return Queue(name, Exchange(name, type="fanout", durable=True), durable=True)


def _queue(app: Celery, queue: QueueName) -> Queue:
    """Durable; what no worker can read goes to the dead letters instead of round in circles."""
    return Queue(
        broker_queue(app, queue),
        Exchange(app.main, type="direct", durable=True),
        routing_key=queue,
        durable=True,
        queue_arguments={"x-dead-letter-exchange": dead_letters(app).name},
    )
