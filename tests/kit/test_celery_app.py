"""What the broker's settings accept, and under which settings nothing is lost."""

import pytest

from kit.jobs.adapters.celery_app import broker_queue, make_celery
from kit.jobs.errors import BrokerUrlRequired, RedisIsNoBroker
from kit.jobs.schemas import QueueName
from kit.settings import JobSettings


def _settings(url: str) -> JobSettings:
    return JobSettings.model_validate({"broker_url": url, "broker_prefix": "shop-a"})


@pytest.mark.parametrize("url", ["redis://127.0.0.1:6379/0", "rediss://h/0", "sentinel://h:26379"])
def test_redis_is_refused_with_its_reason(url: str) -> None:
    with pytest.raises(RedisIsNoBroker) as caught:
        make_celery(_settings(url))

    assert "93" in caught.value.message_zh
    assert "RabbitMQ" in caught.value.message_en


@pytest.mark.parametrize("url", ["", "http://h", "memory://"])
def test_anything_but_rabbitmq_is_refused(url: str) -> None:
    with pytest.raises(BrokerUrlRequired):
        make_celery(_settings(url))


def test_the_settings_that_lose_nothing_are_set() -> None:
    """RELIABILITY §0 1, 2: each was measured to lose work when it is at Celery's default."""
    app = make_celery(_settings("amqp://guest:guest@127.0.0.1:5672//"))

    assert app.conf.task_acks_late
    assert app.conf.task_reject_on_worker_lost
    assert app.conf.broker_transport_options["confirm_publish"]
    assert app.conf.accept_content == ["json"]
    assert app.conf.result_backend is None
    assert app.conf.worker_prefetch_multiplier == 1
    assert all(queue.durable for queue in app.conf.task_queues)
    assert broker_queue(app, QueueName.FAST) == "shop-a.fast"
