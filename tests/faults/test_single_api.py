"""The API killed around its COMMIT (P1; F01, F02)."""

import httpx
import pytest
from faults.house import House, HouseMaker
from faults.probe import Talk, open_talk

ALL_DUE_SECONDS = 60.0


class TestKilledApi:
    """F01, F02: an acknowledgement follows the COMMIT, and the same id is the same message."""

    def test_a_kill_between_commit_and_answer_leaves_one_message(self, make_house: HouseMaker) -> None:
        talk = self._kill_at_the_first_message(make_house(serve="dies_after_commit"))
        assert len(talk.rows()) == 1

        again = [talk.send_until_acknowledged("message-once").json() for _ in range(2)]

        assert {a["message_id"] for a in again} == set(talk.rows())
        assert talk.wait_understood(ALL_DUE_SECONDS) <= ALL_DUE_SECONDS

    def test_a_kill_before_commit_leaves_nothing_and_a_retry_works(self, make_house: HouseMaker) -> None:
        talk = self._kill_at_the_first_message(make_house(serve="dies_before_commit"))
        assert talk.rows() == []

        again = [talk.send_until_acknowledged("message-once").json() for _ in range(2)]

        assert {a["message_id"] for a in again} == set(talk.rows())
        assert len(talk.rows()) == 1

    def _kill_at_the_first_message(self, house: House) -> Talk:
        talk = open_talk(house)
        with pytest.raises(httpx.HTTPError):
            talk.send("message-once")
        house.api.wait()
        house.api.start()
        house.wait_api()
        return talk
