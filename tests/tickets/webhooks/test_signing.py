"""Signatures by the Standard Webhooks rules."""

import base64
from datetime import UTC, datetime

from tickets.webhooks.signing import new_secret, signed_headers

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
AT = datetime.fromtimestamp(1614265330, UTC)
MESSAGE = "msg_p5jXN8AQM9LWM0D4loKWxJek"
BODY = b'{"test": 2432232314}'


def test_the_standard_s_own_example_is_signed_as_it_says() -> None:
    """WH-02."""
    headers = signed_headers(MESSAGE, AT, BODY, [SECRET])

    assert headers["webhook-id"] == MESSAGE
    assert headers["webhook-timestamp"] == "1614265330"
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_two_secrets_sign_while_one_replaces_the_other() -> None:
    """A49."""
    new = new_secret()

    both = signed_headers(MESSAGE, AT, BODY, [new, SECRET])["webhook-signature"].split(" ")

    assert both == [signed_headers(MESSAGE, AT, BODY, [one])["webhook-signature"] for one in (new, SECRET)]


def test_a_byte_more_is_another_signature() -> None:
    first, second = (signed_headers(MESSAGE, AT, body, [SECRET])["webhook-signature"] for body in (BODY, BODY + b" "))

    assert first != second


def test_secrets_are_as_long_as_the_standard_asks_and_never_the_same() -> None:
    secrets = {new_secret() for _ in range(20)}

    assert len(secrets) == 20
    assert all(24 <= len(base64.b64decode(s.removeprefix("whsec_"))) <= 64 for s in secrets)
