import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.intents import OIL, WATER
from growth import assert_linear
from intake.classification.preparation import label_texts, prepare
from intake.classification.schemas import Taxonomy
from tickets.words import FieldName


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("LT20261103004821 漏水", "单号 漏水"),
        ("lt 2026 1103 004821漏水", "单号 漏水"),
        ("单号JD-0098123377，漏水", "单号 单号 ,漏水"),
        ("ＷＸ７５Ｇ 报Ｅ３", "型号 报 故障码"),
        ("wx100-hd报E-07", "型号 报 故障码"),
        ("KF35GW Er05", "型号 故障码"),
        ("屏上写5E", "屏上写 故障码"),
        ("支持5G和4K吗", "支持5g和4k吗"),
        ("hdmi2接口，60度，3天", "hdmi2接口,60度,3天"),
        ("SN: A1B2C3D4E5F6G7", "sn: 单号"),
        ("漏\u200b水\x00了", "漏水了"),
        ("Leaking   AGAIN", "leaking again"),
    ],
)
def test_codes_become_words_and_writing_becomes_one(raw: str, expected: str) -> None:
    assert prepare(raw).text == expected


@pytest.mark.parametrize(
    ("raw", "usable"),
    [
        ("漏水", True),
        ("E3", True),  # a bare code says what the matter is
        ("LT20261103004821", False),
        ("WX75G", False),
        ("", False),
        (" \u200b\n", False),
        ("？？", False),
        ("😡😡", False),
    ],
)
def test_text_without_a_matter_is_unusable(raw: str, usable: bool) -> None:
    assert prepare(raw).usable is usable


def test_fault_code_read_off_a_picture_counts_as_said() -> None:
    prepared = prepare("LT20261103004821", {FieldName.FAULT_CODE: "E3"})

    assert prepared.text == "单号 故障码"
    assert prepared.usable


def test_fault_code_is_not_said_twice() -> None:
    assert prepare("显示E3", {FieldName.FAULT_CODE: "E3"}).text == "显示 故障码"


def test_long_story_keeps_its_beginning_and_its_end() -> None:
    prepared = prepare("开头" + "水" * 5000 + "结尾")

    assert len(prepared.text) <= 1001
    assert prepared.text.startswith("开头")
    assert prepared.text.endswith("结尾")


@given(st.text(alphabet=st.characters(codec=None), max_size=200))
def test_any_text_can_be_prepared(raw: str) -> None:
    text = prepare(raw).text

    text.encode("utf-8")
    assert "\0" not in text


def test_hostile_digits_take_linear_time() -> None:
    """A35."""
    assert_linear(lambda text: prepare(text + "a" * len(text)), "1 2-", chars=200_000)


class TestLabelTexts:
    def test_names_definition_and_clauses_speak_for_their_leaf(self, taxonomy: Taxonomy) -> None:
        texts = label_texts(taxonomy)

        assert [text for text, path in texts if path == WATER] == ["漏水", "water leak", "水流到外面"]
        assert [text for text, path in texts if path == OIL] == ["漏油", "oil leak"]

    def test_what_follows_the_semicolon_is_about_other_labels(self, taxonomy: Taxonomy) -> None:
        assert not any("漏电" in text for text, _ in label_texts(taxonomy))
