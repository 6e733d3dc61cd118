"""What every carrier of notices promises, real ones against real servers, and the fake that stands in for them."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from fakes.carrier import FakeCarrier
from fakes.language_model import Reply, StubEndpoint
from fakes.smtp import SmtpServer
from kit.outbound.adapters.http_poster import HttpPoster
from kit.settings import MailSettings, MailTls
from tickets.notices.adapters.mail import MailCarrier
from tickets.notices.adapters.posting import PostingCarrier, dingtalk_signature, feishu_signature
from tickets.notices.ports import Carrier
from tickets.notices.schemas import Channel, NoticeText, Outcome, Parcel
from tickets.webhooks.signing import new_secret, signed_headers

AT = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
ROBOTS = (Channel.WECOM, Channel.DINGTALK, Channel.FEISHU)
POSTED = (*ROBOTS, Channel.SMS, Channel.WEBHOOK)
TEXT = NoticeText("工单 T-1042", "已分派 https://s.example/desk/tickets/1042")
FACTS = {"ticket": "T-1042", "event": "assigned"}


def parcel(channel: Channel, url: str = "", *, to: str = "wang@x.example", text: NoticeText = TEXT) -> Parcel:
    secret = new_secret() if channel is Channel.WEBHOOK else "this is secret"
    return Parcel("01a2", channel, url, secret, to, text, FACTS, AT)


def poster() -> PostingCarrier:
    return PostingCarrier(HttpPoster({"127.0.0.1"}, total_seconds=5))


def good_body(channel: Channel) -> bytes:
    return json.dumps({"code": 0, "msg": "success"} if channel is Channel.FEISHU else {"errcode": 0}).encode()


def mail(port: int, **more: object) -> MailCarrier:
    settings = MailSettings.model_validate(
        {"host": "127.0.0.1", "port": port, "tls": MailTls.NONE, "sender": "service@s.example", **more}
    )
    return MailCarrier(settings)


@dataclass
class Bench:
    """A carrier and the parcel that fits it."""

    carrier: Carrier
    parcel: Parcel


@contextmanager
def bench(kind: str, mood: str) -> Iterator[Bench]:
    """Return a carrier whose other side is well, refuses for good, refuses for now, or isn't there."""
    if kind == "fake":
        said = {"well": Outcome(), "final": Outcome("no", final=True), "later": Outcome("busy"), "away": Outcome("x")}
        yield Bench(FakeCarrier([said[mood]]), parcel(Channel.MAIL))
    elif kind == "mail":
        answers = {"well": {}, "final": {"RCPT": "550 nobody"}, "later": {"RCPT": "451 later"}, "away": {}}[mood]
        with SmtpServer(**answers) as server:
            port = server.port
            if mood != "away":
                yield Bench(mail(port), parcel(Channel.MAIL))
        if mood == "away":
            yield Bench(mail(port), parcel(Channel.MAIL))
    else:
        channel = Channel(kind)
        reply = {
            "well": Reply(200, good_body(channel)),
            "final": Reply(404),
            "later": Reply(503),
            "away": Reply(200),
        }[mood]
        with StubEndpoint(reply) as server:
            url = server.url
            if mood != "away":
                yield Bench(poster(), parcel(channel, url))
        if mood == "away":
            yield Bench(poster(), parcel(channel, url))


@pytest.mark.parametrize("kind", ["fake", "mail", *POSTED])
class TestCarrier:
    """NT-01: every channel's carrier says the same of the same fate."""

    def test_what_arrived_has_no_error(self, kind: str) -> None:
        with bench(kind, "well") as b:
            assert b.carrier.carry(b.parcel).arrived

    def test_a_refusal_for_good_is_final(self, kind: str) -> None:
        with bench(kind, "final") as b:
            outcome = b.carrier.carry(b.parcel)
        assert (outcome.arrived, outcome.final) == (False, True)

    @pytest.mark.parametrize("mood", ["later", "away"])
    def test_trouble_that_may_pass_is_not(self, kind: str, mood: str) -> None:
        with bench(kind, mood) as b:
            outcome = b.carrier.carry(b.parcel)
        assert (outcome.arrived, outcome.final) == (False, False)


class TestSignatures:
    def test_dingtalk_s_is_that_of_its_vector(self) -> None:
        """RELIABILITY §4."""
        assert dingtalk_signature("this is secret", "1577262236757") == "hmPWwU+7lVdm3ZZz0r9tSfx0L4Q26jWOZr9+Gs6EZQM="

    def test_feishu_s_key_is_time_and_secret(self) -> None:
        """The value is that of Feishu's published Python sample (gen_sign) for these two arguments."""
        sample = hmac.new(b"1599360473\ndemo", digestmod=hashlib.sha256).digest()

        assert feishu_signature("demo", "1599360473") == base64.b64encode(sample).decode()


class TestRobots:
    @pytest.mark.parametrize("channel", ROBOTS)
    def test_they_get_a_text_in_their_own_form(self, channel: Channel) -> None:
        with StubEndpoint(Reply(200, good_body(channel))) as robot:
            poster().carry(parcel(channel, robot.url))
        [body] = robot.requests
        words = f"{TEXT.subject}\n{TEXT.body}"

        if channel is Channel.FEISHU:
            assert body["content"] == {"text": words}
            assert body["timestamp"] == str(int(AT.timestamp()))
            assert body["sign"] == feishu_signature("this is secret", body["timestamp"])
        else:
            assert body == {"msgtype": "text", "text": {"content": words}}

    def test_dingtalk_s_signature_is_in_the_address(self) -> None:
        asked = []

        class Spy(HttpPoster):
            def post(self, url, headers, body, *, read_bytes=0):
                asked.append(url)
                return super().post(url, headers, body, read_bytes=read_bytes)

        with StubEndpoint(Reply(200, good_body(Channel.DINGTALK))) as robot:
            PostingCarrier(Spy({"127.0.0.1"})).carry(parcel(Channel.DINGTALK, robot.url + "?access_token=t"))
        query = parse_qs(urlsplit(asked[0]).query)

        assert query["access_token"] == ["t"]
        assert query["sign"] == [dingtalk_signature("this is secret", query["timestamp"][0])]

    @pytest.mark.parametrize(
        ("channel", "body", "error", "final"),
        [
            (Channel.WECOM, b'{"errcode":93000,"errmsg":"invalid webhook url"}', "errcode_93000", True),
            (Channel.WECOM, b'{"errcode":45009,"errmsg":"api freq out of limit"}', "errcode_45009", False),
            (Channel.DINGTALK, b'{"errcode":310000,"errmsg":"sign not match"}', "errcode_310000", True),
            (Channel.DINGTALK, b'{"errcode":130101,"errmsg":"send too fast"}', "errcode_130101", False),
            (Channel.FEISHU, b'{"code":19021,"msg":"sign match fail"}', "code_19021", True),
            (Channel.FEISHU, b'{"code":11232,"msg":"frequency limited"}', "code_11232", False),
            (Channel.WECOM, b"<html>login</html>", "bad_answer", False),
            (Channel.WECOM, b'{"errcode":"0"}', "bad_answer", False),
            (Channel.WECOM, b"[]", "bad_answer", False),
            (Channel.WECOM, b"", "bad_answer", False),
        ],
    )
    def test_their_own_verdict_counts_not_the_200_around_it(
        self, channel: Channel, body: bytes, error: str, final: bool
    ) -> None:
        with StubEndpoint(Reply(200, body)) as robot:
            outcome = poster().carry(parcel(channel, robot.url))

        assert (outcome.error, outcome.final) == (error, final)

    def test_feishu_s_older_answer_counts_too(self) -> None:
        with StubEndpoint(Reply(200, b'{"StatusCode":0,"StatusMessage":"success"}')) as robot:
            assert poster().carry(parcel(Channel.FEISHU, robot.url)).arrived

    @pytest.mark.parametrize("channel", POSTED)
    def test_too_many_requests_may_pass_and_say_when(self, channel: Channel) -> None:
        with StubEndpoint(Reply(429, headers={"Retry-After": "90"})) as robot:
            outcome = poster().carry(parcel(channel, robot.url))

        assert (outcome.final, outcome.retry_after) == (False, timedelta(seconds=90))

    @pytest.mark.parametrize("channel", POSTED)
    def test_nothing_is_posted_into_our_own_network(self, channel: Channel) -> None:
        """A26: the address is judged as it is connected to."""
        with StubEndpoint(Reply(200, good_body(channel))) as robot:
            outcome = PostingCarrier(HttpPoster()).carry(parcel(channel, robot.url.replace("http:", "https:")))

        assert (outcome.error, outcome.final) == ("target_refused", True)
        assert robot.bodies == []

    def test_a_long_text_is_cut_between_characters(self) -> None:
        with StubEndpoint(Reply(200, good_body(Channel.WECOM))) as robot:
            poster().carry(parcel(Channel.WECOM, robot.url, text=NoticeText("", "长" * 1000)))

        assert set(robot.requests[0]["text"]["content"]) == {"长"}
        assert len(robot.requests[0]["text"]["content"].encode()) <= 2048


class TestGateways:
    def test_an_sms_gateway_gets_one_line_an_id_and_its_key(self) -> None:
        with StubEndpoint(Reply(200)) as gateway:
            text = NoticeText("ignored", "第一行\n第二行")
            poster().carry(parcel(Channel.SMS, gateway.url, to="13800138000", text=text))

        assert gateway.requests == [{"id": "01a2", "to": "13800138000", "text": "第一行 第二行"}]
        assert gateway.headers[0]["authorization"] == "Bearer this is secret"

    def test_a_webhook_is_signed_by_the_standard_s_rules(self) -> None:
        sent = parcel(Channel.WEBHOOK, "")
        with StubEndpoint(Reply(200)) as receiver:
            made = Parcel(sent.id, sent.channel, receiver.url, sent.secret, sent.to, sent.text, sent.facts, sent.at)
            poster().carry(made)

        [body], [headers] = receiver.bodies, receiver.headers
        expected = signed_headers("msg_01a2", AT, body, [sent.secret])
        assert headers["webhook-signature"] == expected["webhook-signature"]
        assert json.loads(body)["ticket"] == "T-1042"


class TestMail:
    def test_it_arrives_as_it_was_written(self) -> None:
        with SmtpServer() as server:
            mail(server.port, user="u", password="p").carry(parcel(Channel.MAIL))
        [got] = server.mails

        assert server.recipients == ["wang@x.example"]
        assert got["Subject"] == "工单 T-1042"
        assert got["From"].addresses[0].addr_spec == "service@s.example"
        assert got["Message-ID"] == "<01a2@s.example>"
        assert got["Auto-Submitted"] == "auto-generated"
        assert got.get_content().strip() == TEXT.body

    def test_no_header_comes_out_of_a_subject(self) -> None:
        """A43."""
        with SmtpServer() as server:
            text = NoticeText("x\r\nBcc: victim@x.example", "b")
            mail(server.port).carry(parcel(Channel.MAIL, text=text))

        assert server.mails[0]["Bcc"] is None
        assert server.recipients == ["wang@x.example"]

    @pytest.mark.parametrize(
        ("answers", "error", "final"),
        [
            ({"RCPT": "550 5.1.1 no such user"}, "smtp_550", True),
            ({"RCPT": "450 4.2.1 try later"}, "smtp_450", False),
            ({"MAIL": "553 not you"}, "smtp_553", True),
            ({"end": "554 spam"}, "smtp_554", True),
            ({"end": "452 disk full"}, "smtp_452", False),
            ({"AUTH": "535 wrong password"}, "smtp_535", True),
            ({"hello": "421 too many"}, "smtp_421", False),
            ({"hello": "554 go away"}, "smtp_554", True),
        ],
    )
    def test_the_server_s_own_code_says_whether_to_try_again(self, answers, error: str, final: bool) -> None:
        with SmtpServer(**answers) as server:
            outcome = mail(server.port, user="u", password="p").carry(parcel(Channel.MAIL))

        assert (outcome.error, outcome.final) == (error, final)
        assert server.mails == []

    def test_a_server_without_the_tls_that_was_asked_for_gets_nothing(self) -> None:
        with SmtpServer() as server:
            outcome = mail(server.port, tls="starttls").carry(parcel(Channel.MAIL))

        assert outcome.error == "smtp_tls"
        assert server.mails == []

    def test_without_a_server_it_says_so(self) -> None:
        assert MailCarrier(MailSettings()).carry(parcel(Channel.MAIL)) == Outcome("mail_off", final=True)
