"""TC-02 to TC-06: messages, pictures and typed values through the service's face."""

import pytest

from fakes.reader import FakeReader, content_key, picture_of
from intake.extraction.schemas import Flag, has
from intake.extraction.service import ExtractionService
from kit.ai.ports import Box, PictureRefused, ReadLine, ReadPicture
from tickets.schemas import PersonStatement, PictureRegion, TextSpan
from tickets.words import AttachmentId, FieldName, FieldState, Verdict

PHOTO = AttachmentId("a1")


def facts(observations) -> list[tuple[FieldName, str, Verdict]]:
    return [(o.name, o.normal, o.verdict) for o in observations]


class TestFromMessage:
    def test_only_customers_state_facts(self, extraction, message) -> None:
        assert extraction.from_message(message("agent: 您的订单是LT20261103004821")) == []

    @pytest.mark.parametrize(
        "raw", ["", " ", "\0", "\ud800", "\u200b\u200b", "😀", "🤷‍♂️", "。。。", "?", "e\u0301" * 50]
    )
    def test_texts_without_words_hold_nothing(self, extraction, message, raw: str) -> None:
        assert extraction.from_message(message(raw)) == []

    def test_a_code_no_appliance_has_is_seen_but_invalid(self, extraction, message) -> None:
        assert facts(extraction.from_message(message("洗衣机显示E99"))) == [
            (FieldName.FAULT_CODE, "E99", Verdict.INVALID)
        ]

    def test_a_model_that_is_not_listed_is_seen_but_unsure(self, extraction, message) -> None:
        (found,) = extraction.from_message(message("型号WX75H-B"))

        assert (found.normal, found.verdict, found.method) == ("WX75HB", Verdict.UNKNOWN, "unlisted")
        assert found.confidence < 0.5

    def test_an_answer_is_marked_as_one(self, extraction, dialogue) -> None:
        *before, answer = dialogue("bot[fault_code]: 显示什么代码？", "h6")

        (found,) = extraction.from_message(answer, before)

        assert (found.normal, found.method) == ("H6", "context+answer")

    def test_a_question_answered_by_another_question_is_no_longer_asked(self, extraction, dialogue) -> None:
        *before, last = dialogue("bot[fault_code]: 显示什么代码？", "E是哪个", "bot: 屏幕左上角的", "F2楼的快递到了吗")

        assert extraction.from_message(last, before) == []

    def test_what_an_agent_named_and_the_customer_affirms_is_evidence_in_the_agents_words(
        self, extraction, dialogue
    ) -> None:
        turns = dialogue("agent: 是WX75G这台吗？", "对的")

        (found,) = extraction.from_turns(turns)

        assert (found.normal, found.method) == ("WX75G", "catalogue+affirmed")
        assert found.evidence == TextSpan(turns[0].id, 1, 6)

    def test_yes_to_a_card_repeats_no_fact(self, extraction, dialogue, message) -> None:
        card = message("bot[model]: 型号WX75G，请确认，对吗？")

        assert extraction.from_message(message("对", 2), [card]) == []

    def test_a_denial_of_something_never_said_leaves_no_trace(self, extraction, message) -> None:
        assert extraction.from_message(message("不是E3")) == []

    def test_a_denial_of_something_said_before_is_an_observation(self, extraction, dialogue) -> None:
        *before, last = dialogue("报E3", "不是E3")

        (found,) = extraction.from_message(last, before)

        assert has(found.method, Flag.DENIED)

    def test_the_appliance_of_earlier_turns_decides_whether_a_code_exists(self, extraction, dialogue) -> None:
        washer, fridge = dialogue("WX75G坏了", "显示E4"), dialogue("BX320T坏了", "显示E4")

        assert facts(extraction.from_message(washer[1], washer[:1]))[0][2] is Verdict.VALID
        assert facts(extraction.from_message(fridge[1], fridge[:1]))[0][2] is Verdict.INVALID


class TestFromPicture:
    """TC-05: the same facts from pictures, with boxes as evidence."""

    def test_a_nameplate_gives_the_model_and_no_order_from_its_serial_number(self, extraction) -> None:
        plate = picture_of(
            "LanTu", "型号 Model WX100-HD", "额定电压 220V~50Hz", "出厂编号 SN WM25A10234567890", "防水 IPX4"
        )

        found = extraction.from_picture(PHOTO, plate)

        assert facts(found) == [(FieldName.MODEL, "WX100-HD", Verdict.VALID)]
        assert found[0].evidence == PictureRegion(PHOTO, plate.lines[1].box)
        assert has(found[0].method, Flag.OCR)

    def test_the_readers_doubt_lowers_the_confidence(self, extraction) -> None:
        sure, unsure = (extraction.from_picture(PHOTO, picture_of("WX75G", confidence=c))[0] for c in (0.99, 0.6))

        assert unsure.confidence == pytest.approx(sure.confidence * 0.6 / 0.99, rel=1e-3)

    def test_a_display_gives_its_code_alone_on_its_line(self, extraction) -> None:
        found = extraction.from_picture(PHOTO, picture_of("程序已暂停", "E3", "电源", "启动"))

        assert facts(found) == [(FieldName.FAULT_CODE, "E3", Verdict.VALID)]

    def test_a_display_misread_is_put_right_where_one_code_looks_so(self, extraction) -> None:
        found = extraction.from_picture(PHOTO, picture_of("E-O7"), families={"washer"})

        assert facts(found) == [(FieldName.FAULT_CODE, "E-07", Verdict.VALID)]
        assert has(found[0].method, Flag.LOOKALIKE)

    def test_a_label_and_its_value_in_two_boxes_belong_together(self, extraction) -> None:
        lines = (
            ReadLine("故障代码", Box(10, 10, 100, 30), 0.9, "text"),
            ReadLine("E3", Box(200, 12, 60, 28), 0.9, "text"),
        )

        (found,) = extraction.from_picture(PHOTO, ReadPicture(400, 100, lines))

        assert (found.normal, found.evidence) == ("E3", PictureRegion(PHOTO, Box(200, 12, 60, 28)))

    def test_a_number_wrapped_over_two_lines_has_a_box_around_both(self, extraction) -> None:
        page = picture_of("订单编号", "LT20261103", "004821", width=300)

        (found,) = extraction.from_picture(PHOTO, page)

        assert found.normal == "LT20261103004821"
        assert found.evidence == PictureRegion(PHOTO, Box(0, 40, 300, 72))

    def test_a_parcel_label_gives_neither_tracking_number_nor_code(self, extraction) -> None:
        label = picture_of("运单号 SF1390027715846", "收件人 王*", "E3", barcodes=("SF1390027715846",))

        assert extraction.from_picture(PHOTO, label) == []

    def test_a_page_of_codes_is_a_manual_and_no_fault(self, extraction) -> None:
        page = picture_of("故障代码表", "E1 进水超时", "E2 排水超时", "E3 脱水不平衡", "E4 门未锁好")

        assert extraction.from_picture(PHOTO, page) == []

    def test_a_bar_code_is_read_by_itself(self, extraction) -> None:
        (found,) = extraction.from_picture(PHOTO, picture_of("随便", barcodes=("LT20261103004821",)))

        assert (found.normal, found.method) == ("LT20261103004821", "pattern+barcode")

    def test_an_empty_picture_holds_nothing(self, extraction) -> None:
        assert extraction.from_picture(PHOTO, ReadPicture(10, 10, ())) == []

    def test_a_code_of_another_family_is_invalid(self, extraction) -> None:
        (found,) = extraction.from_picture(PHOTO, picture_of("ERROR E4"), families={"fridge"})

        assert found.verdict is Verdict.INVALID

    def test_reading_goes_through_the_reader(self, catalog, book) -> None:
        png = b"no picture"
        service = ExtractionService(catalog, book(), FakeReader({content_key(png): picture_of("E3")}))

        with pytest.raises(PictureRefused):
            service.read(png)


class TestValidated:
    @pytest.mark.parametrize(
        ("typed", "normal", "verdict"),
        [
            ((FieldName.ORDER_NO, " lt-20261103-004821 "), "LT20261103004821", Verdict.VALID),
            ((FieldName.ORDER_NO, "LT20261103004822"), "LT20261103004822", Verdict.UNKNOWN),
            ((FieldName.ORDER_NO, "12345"), "12345", Verdict.INVALID),
            ((FieldName.MODEL, "wx100 hd"), "WX100-HD", Verdict.VALID),
            ((FieldName.MODEL, "大滚筒"), "WX100-HD", Verdict.VALID),
            ((FieldName.MODEL, "WX9"), "WX9", Verdict.UNKNOWN),
            ((FieldName.FAULT_CODE, "e07"), "E-07", Verdict.VALID),
            ((FieldName.FAULT_CODE, "E99"), "E99", Verdict.INVALID),
            ((FieldName.FAULT_CODE, "？？"), "？？", Verdict.INVALID),
        ],
    )
    def test_what_a_person_typed_is_judged_and_kept(
        self, catalog, book, typed: tuple[FieldName, str], normal: str, verdict: Verdict
    ) -> None:
        service = ExtractionService(catalog, book("LT20261103004821"), FakeReader({}))
        by = PersonStatement("customer")

        field = service.validated(*typed, by)

        assert (field.normal, field.verdict, field.state, field.evidence) == (
            normal,
            verdict,
            FieldState.CORRECTED,
            (by,),
        )


class TestFamiliesOf:
    def test_models_that_stand_tell_the_family(self, extraction, message) -> None:
        observations = extraction.from_message(message("WX75G坏了"))

        assert extraction.families_of(observations) == {"washer"}
