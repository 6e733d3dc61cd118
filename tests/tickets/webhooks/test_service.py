"""Deliveries from the fact to the receiver's answer, on both databases, over real HTTP."""

from datetime import timedelta

import pytest

from fakes.language_model import Reply, StubEndpoint
from kit.jobs.schemas import JobState
from kit.outbound.errors import TargetRefused
from tickets.webhooks.errors import DeliveryNotFound, EndpointInactive, EndpointKnown, EndpointNotFound
from tickets.webhooks.schemas import RETRY_PAUSES, DeliveryState, EndpointState, WebhookEvent
from tickets.webhooks.signing import signed_headers

NOWHERE = "00000000-0000-7000-8000-000000000000"


class TestDelivery:
    def test_a_fact_arrives_signed_with_what_was_told(self, post, receiver) -> None:
        """WH-01, WH-02."""
        endpoint, secret = post.add(receiver.url)
        post.tell("f1", status="in_progress", tags=["洗衣机"])

        post.run()

        [delivery] = post.deliveries(endpoint)
        assert (delivery.state, delivery.attempts, delivery.status) == (DeliveryState.DELIVERED, 1, 204)
        [body] = receiver.requests
        now = post.clock.now()
        assert body == {
            "event": "ticket.updated",
            "status": "in_progress",
            "tags": ["洗衣机"],
            "timestamp": int(now.timestamp()),
        }
        [headers] = receiver.headers
        expected = signed_headers(f"msg_{delivery.id}", now, receiver.bodies[0], [secret])
        assert {name: headers[name] for name in expected if name.startswith("webhook")} == {
            name: value for name, value in expected.items() if name.startswith("webhook")
        }

    def test_the_same_fact_goes_to_an_endpoint_once(self, post, receiver) -> None:
        """WH-03: the job that tells may run twice."""
        endpoint, _ = post.add(receiver.url)
        post.tell("f1")
        post.tell("f1")

        post.run()

        assert len(post.deliveries(endpoint)) == len(receiver.requests) == 1

    def test_an_endpoint_gets_what_it_asked_for(self, post, receiver) -> None:
        endpoint, _ = post.add(receiver.url, WebhookEvent.QUALITY_FLAGGED)
        post.tell("f1", WebhookEvent.TICKET_UPDATED)
        post.tell("f2", WebhookEvent.QUALITY_FLAGGED)

        post.run()

        assert [d.event for d in post.deliveries(endpoint)] == [WebhookEvent.QUALITY_FLAGGED]
        assert [r["event"] for r in receiver.requests] == ["quality.flagged"]

    def test_without_endpoints_nothing_is_kept(self, post) -> None:
        post.tell()

        assert not post.runner.run_one()


class TestRetries:
    def test_a_failed_try_comes_again_under_the_same_id_and_with_the_same_bytes(self, post) -> None:
        """WH-03."""
        with StubEndpoint(Reply(status=500), Reply(status=200)) as receiver:
            endpoint, _ = post.add(receiver.url)
            post.tell()
            post.run()
            assert len(receiver.requests) == 1  # not before its time
            post.clock.instant += RETRY_PAUSES[0]
            post.run()

            [delivery] = post.deliveries(endpoint)
            assert (delivery.state, delivery.attempts) == (DeliveryState.DELIVERED, 2)
            assert len({h["webhook-id"] for h in receiver.headers}) == 1
            assert len(set(receiver.bodies)) == 1
            assert len({h["webhook-timestamp"] for h in receiver.headers}) == 2  # each try is fresh to its receiver

    def test_the_schedule_ends_within_a_day_and_then_a_dead_endpoint_is_switched_off(self, post) -> None:
        """F22: the full schedule, then disabled."""
        with StubEndpoint(Reply(status=503)) as receiver:
            endpoint, _ = post.add(receiver.url)
            begun = post.clock.now()
            post.clock.instant += timedelta(seconds=1)
            post.tell()
            post.run()
            for pause in RETRY_PAUSES:
                post.clock.instant += pause
                post.run()

            [delivery] = post.deliveries(endpoint)
            assert (delivery.state, delivery.attempts) == (DeliveryState.FAILED, len(RETRY_PAUSES) + 1)
            assert len(receiver.requests) == len(RETRY_PAUSES) + 1
            assert post.clock.now() - begun < timedelta(hours=24)
            assert post.endpoint(endpoint).state is EndpointState.FAILING
            post.tell("later")
            assert not post.runner.run_one()

    def test_a_receiver_that_asks_for_time_gets_it(self, post) -> None:
        """A48: 429 with Retry-After."""
        with StubEndpoint(Reply(status=429, headers={"Retry-After": "600"}), Reply(status=200)) as receiver:
            endpoint, _ = post.add(receiver.url)
            post.tell()
            post.run()
            post.clock.instant += timedelta(seconds=599)
            post.run()
            assert len(receiver.requests) == 1
            post.clock.instant += timedelta(seconds=1)
            post.run()

            assert post.deliveries(endpoint)[0].state is DeliveryState.DELIVERED

    def test_a_dead_endpoint_holds_back_its_own_news_and_nobody_else_s(self, post, receiver) -> None:
        """F22."""
        with StubEndpoint(Reply(status=500), Reply(status=500), Reply(status=200)) as dead:
            failing, _ = post.add(dead.url)
            healthy, _ = post.add(receiver.url)
            post.tell("f1")
            post.run()
            post.clock.instant += RETRY_PAUSES[0]
            post.run()
            post.tell("f2")
            post.run()

            assert len(dead.requests) == 2
            assert [d.state for d in post.deliveries(healthy)] == [DeliveryState.DELIVERED] * 2
            post.clock.instant += RETRY_PAUSES[1]
            post.run()
            assert [d.state for d in post.deliveries(failing)] == [DeliveryState.DELIVERED] * 2

    def test_what_was_queued_before_the_trouble_is_held_back_too(self, post) -> None:
        """F22: a hundred waiting deliveries cost a dead receiver's workers one try, not a hundred."""
        with StubEndpoint(Reply(status=500)) as dead:
            endpoint, _ = post.add(dead.url)
            post.tell("f1")
            post.run()
            post.clock.instant += RETRY_PAUSES[0]
            for n in range(5):
                post.tell(f"later{n}")
            post.run()

            tried = [d.attempts for d in post.deliveries(endpoint)]
            assert sum(tried) == len(dead.requests) == 2
            assert {d.state for d in post.deliveries(endpoint)} == {DeliveryState.PENDING}

    def test_one_failure_holds_back_nothing_else(self, post) -> None:
        """A receiver that stumbles now and then keeps its pace."""
        with StubEndpoint(Reply(status=500), Reply(status=200)) as receiver:
            endpoint, _ = post.add(receiver.url)
            post.tell("f1")
            post.run()
            post.tell("f2")
            post.run()

            assert sorted(d.state for d in post.deliveries(endpoint)) == ["delivered", "pending"]

    def test_a_receiver_that_is_gone_is_switched_off_at_once(self, post) -> None:
        """A48: 410."""
        with StubEndpoint(Reply(status=410)) as receiver:
            endpoint, _ = post.add(receiver.url)
            post.tell("f1")
            post.tell("f2")
            post.run()

            assert post.endpoint(endpoint).state is EndpointState.GONE
            assert sorted(d.state for d in post.deliveries(endpoint)) == ["cancelled", "failed"]
            assert len(receiver.requests) == 1

    def test_nobody_listening_is_a_failed_try_not_a_failed_job(self, post) -> None:
        with StubEndpoint(Reply()) as receiver:
            url = receiver.url
        endpoint, _ = post.add(url)
        post.tell()
        post.run()

        [delivery] = post.deliveries(endpoint)
        assert (delivery.state, delivery.status, delivery.error) == (DeliveryState.PENDING, 0, "connect")
        assert delivery.next_at == post.clock.now() + RETRY_PAUSES[0]
        with post.database.reading() as session:
            assert not post.queue.listing(session, {JobState.DEAD}, 5)


class TestEndpoints:
    @pytest.mark.parametrize("url", ["http://example.com/", "https://a:b@example.com/", "ftp://x", ""])
    def test_an_address_that_may_not_be_called_is_refused(self, post, url) -> None:
        """A26."""
        with pytest.raises(TargetRefused):
            post.add(url)

    def test_an_address_is_an_endpoint_once(self, post, receiver) -> None:
        post.add(receiver.url)

        with pytest.raises(EndpointKnown):
            post.add(f" {receiver.url} ")

    def test_a_replaced_secret_signs_for_a_day_beside_the_new_one(self, post, receiver) -> None:
        """A49."""
        endpoint, old = post.add(receiver.url)
        new = post.act("rotate", endpoint.id)
        assert old != new
        post.tell("f1")
        post.run()
        post.clock.instant += timedelta(hours=24)
        post.tell("f2")
        post.run()

        during, after = (headers["webhook-signature"].split(" ") for headers in receiver.headers)
        assert (len(during), len(after)) == (2, 1)
        first, second = post.deliveries(endpoint)[::-1]
        assert during == [_signature(first, receiver, 0, secret) for secret in (new, old)]
        assert after == [_signature(second, receiver, 1, new)]

    def test_a_paused_endpoint_gets_nothing_and_nothing_of_the_pause_later(self, post, receiver) -> None:
        endpoint, _ = post.add(receiver.url)
        post.tell("before")
        post.act("pause", endpoint.id)
        post.tell("during")
        post.run()
        post.act("resume", endpoint.id)
        post.tell("after")
        post.run()

        assert [d.state for d in post.deliveries(endpoint)] == [DeliveryState.DELIVERED, DeliveryState.CANCELLED]
        assert len(receiver.requests) == 1

    def test_a_delivery_that_ended_can_be_sent_again_under_its_id(self, post, receiver) -> None:
        endpoint, _ = post.add(receiver.url)
        post.tell()
        post.run()
        [delivery] = post.deliveries(endpoint)

        post.act("resend", delivery.id)
        with pytest.raises(DeliveryNotFound):  # it is on its way
            post.act("resend", delivery.id)
        post.run()

        assert [h["webhook-id"] for h in receiver.headers] == [f"msg_{delivery.id}"] * 2
        assert post.deliveries(endpoint)[0].attempts == 1

    def test_a_test_goes_to_one_endpoint_at_once(self, post, receiver) -> None:
        endpoint, _ = post.add(receiver.url, WebhookEvent.QUALITY_FLAGGED)

        post.act("test", endpoint.id)
        post.run()

        assert [r["event"] for r in receiver.requests] == ["test"]

    def test_a_switched_off_endpoint_is_not_tested_nor_sent_to_again(self, post, receiver) -> None:
        endpoint, _ = post.add(receiver.url)
        post.tell()
        post.run()
        post.act("pause", endpoint.id)

        with pytest.raises(EndpointInactive):
            post.act("test", endpoint.id)
        with pytest.raises(EndpointInactive):
            post.act("resend", post.deliveries(endpoint)[0].id)

    @pytest.mark.parametrize("act", ["rotate", "pause", "resume", "test"])
    def test_an_endpoint_that_does_not_exist_is_said(self, post, act) -> None:
        with pytest.raises(EndpointNotFound):
            post.act(act, NOWHERE)

    def test_old_deliveries_are_forgotten(self, post, receiver) -> None:
        endpoint, _ = post.add(receiver.url)
        post.tell("old")
        post.run()
        post.clock.instant += timedelta(days=31)
        post.tell("new")
        post.run()

        assert [d.created_at for d in post.deliveries(endpoint)] == [post.clock.now()]

    def test_a_page_of_deliveries_goes_on_after_its_last(self, post, receiver) -> None:
        endpoint, _ = post.add(receiver.url)
        for n in range(5):
            post.tell(f"f{n}")
        everything = [d.id for d in post.deliveries(endpoint)]

        first = [d.id for d in post.act("deliveries", endpoint.id, 3)]
        rest = [d.id for d in post.act("deliveries", endpoint.id, 3, first[-1])]

        assert first + rest == everything == sorted(everything, reverse=True)


def _signature(delivery, receiver, n: int, secret: str) -> str:
    headers = signed_headers(f"msg_{delivery.id}", delivery.created_at, receiver.bodies[n], [secret])
    return headers["webhook-signature"]
