"""TC-06: from sightings to the facts of a case."""

from dataclasses import replace

import pytest

from intake.extraction.service import ExtractionService
from kit.ai.ports import Box
from tickets.schemas import Observation, PersonStatement, PictureRegion, TextSpan
from tickets.words import AttachmentId, FieldName, FieldState, MessageId, Verdict


def seen(
    value: str, message: str = "m1", *, name: FieldName = FieldName.MODEL, method: str = "catalogue", sure: float = 0.9
) -> Observation:
    return Observation(name, value, value, Verdict.VALID, sure, TextSpan(MessageId(message), 0, 5), method)


def order(value: str, message: str = "m1", verdict: Verdict = Verdict.VALID, method: str = "pattern") -> Observation:
    return replace(seen(value, message, name=FieldName.ORDER_NO, method=method), verdict=verdict)


def code(value: str, message: str = "m1", method: str = "context") -> Observation:
    return seen(value, message, name=FieldName.FAULT_CODE, method=method)


def typed(value: str, name: FieldName, method: str = "customer") -> Observation:
    return replace(seen(value, name=name, method=method), evidence=PersonStatement("customer"), confidence=1.0)


class TestSeveralSightings:
    def test_of_one_value_make_one_field_with_all_evidence(self, extraction: ExtractionService) -> None:
        box = PictureRegion(AttachmentId("a1"), Box(1, 2, 3, 4))
        sightings = [seen("WX75G"), replace(seen("WX75G"), evidence=box)]

        fields, _ = extraction.resolve(sightings)

        assert fields[FieldName.MODEL].evidence == (TextSpan(MessageId("m1"), 0, 5), box)
        assert 0.9 < fields[FieldName.MODEL].confidence < 1

    def test_of_two_orders_make_the_first_the_cases_and_the_second_another_case(
        self, extraction: ExtractionService
    ) -> None:
        fields, others = extraction.resolve([order("LT1"), order("LT2", "m2")])

        assert fields[FieldName.ORDER_NO].normal == "LT1"
        assert [f.normal for f in others] == ["LT2"]

    def test_of_two_orders_the_one_that_exists_is_the_cases(self, extraction: ExtractionService) -> None:
        fields, _ = extraction.resolve([order("LT1", verdict=Verdict.UNKNOWN), order("LT2", "m2")])

        assert fields[FieldName.ORDER_NO].normal == "LT2"

    def test_of_two_codes_make_the_latest_the_one_at_hand(self, extraction: ExtractionService) -> None:
        fields, _ = extraction.resolve([code("E1"), code("E2", "m2")])

        assert (fields[FieldName.FAULT_CODE].normal, fields[FieldName.FAULT_CODE].state) == ("E2", FieldState.PROPOSED)

    def test_of_two_models_leave_the_choice_to_the_customer(self, extraction: ExtractionService) -> None:
        fields, _ = extraction.resolve([seen("WX75G"), seen("BX320T", "m2")])

        model = fields[FieldName.MODEL]
        assert (model.state, model.candidates, model.normal) == (FieldState.CONFLICT, ("WX75G", "BX320T"), "")

    def test_all_values_stay_visible_for_several_cases(self, extraction: ExtractionService) -> None:
        fields = extraction.resolve_cases([seen("WX75G"), seen("BX320T", "m2")])

        assert [f.normal for f in fields[FieldName.MODEL]] == ["WX75G", "BX320T"]

    def test_nothing_seen_is_nothing_known(self, extraction: ExtractionService) -> None:
        assert extraction.resolve([]) == ({}, ())


class TestCorrections:
    def test_a_correction_replaces_what_was_said_before(self, extraction: ExtractionService) -> None:
        fields = extraction.resolve_cases([order("LT1"), order("LT2", "m2", method="pattern+correction")])

        assert [f.normal for f in fields[FieldName.ORDER_NO]] == ["LT2"]

    def test_one_correction_may_name_two_values(self, extraction: ExtractionService) -> None:
        corrected = [code("E1", "m2", "context+correction"), code("E2", "m2", "context+correction")]

        fields = extraction.resolve_cases([code("E4"), *corrected])

        assert [f.normal for f in fields[FieldName.FAULT_CODE]] == ["E1", "E2"]

    def test_a_denial_removes_that_value_alone(self, extraction: ExtractionService) -> None:
        fields = extraction.resolve_cases([code("E1"), code("E2"), code("E1", "m2", "context+denied")])

        assert [f.normal for f in fields[FieldName.FAULT_CODE]] == ["E2"]

    def test_an_answer_replaces_an_order_no_record_knows(self, extraction: ExtractionService) -> None:
        unknown = order("LT1", verdict=Verdict.UNKNOWN)

        fields = extraction.resolve_cases([unknown, order("LT2", "m2", method="pattern+answer")])

        assert [f.normal for f in fields[FieldName.ORDER_NO]] == ["LT2"]

    def test_an_answer_leaves_an_order_that_is_known(self, extraction: ExtractionService) -> None:
        fields = extraction.resolve_cases([order("LT1"), order("LT2", "m2", method="pattern+answer")])

        assert [f.normal for f in fields[FieldName.ORDER_NO]] == ["LT1", "LT2"]

    def test_a_value_said_again_by_itself_settles_a_contradiction(self, extraction: ExtractionService) -> None:
        either = [seen("WX75G", method="catalogue+either"), seen("WX100-HD", method="catalogue+either")]

        open_fields = extraction.resolve_cases(either)[FieldName.MODEL]
        settled = extraction.resolve_cases([*either, seen("WX100-HD", "m2")])[FieldName.MODEL]

        assert [f.state for f in open_fields] == [FieldState.CONFLICT]
        assert [f.normal for f in settled] == ["WX100-HD"]


class TestPersons:
    @pytest.mark.parametrize(
        ("method", "state"), [("customer", FieldState.CORRECTED), ("confirmed", FieldState.CONFIRMED)]
    )
    def test_what_a_person_typed_or_confirmed_replaces_every_guess(
        self, extraction: ExtractionService, method: str, state: FieldState
    ) -> None:
        fields, _ = extraction.resolve([seen("WX75G"), typed("WM30K", FieldName.MODEL, method), seen("WX75G", "m3")])

        assert (fields[FieldName.MODEL].normal, fields[FieldName.MODEL].state) == ("WM30K", state)

    def test_a_code_typed_by_a_person_stays_whatever_the_catalogue_says(self, extraction: ExtractionService) -> None:
        strange = replace(typed("X9", FieldName.FAULT_CODE), verdict=Verdict.INVALID)

        fields, _ = extraction.resolve([strange])

        assert fields[FieldName.FAULT_CODE].verdict is Verdict.INVALID


class TestVerdicts:
    def test_invalid_codes_and_unlisted_models_are_no_facts(self, extraction: ExtractionService) -> None:
        sightings = [replace(code("E99"), verdict=Verdict.INVALID), replace(seen("WX9"), verdict=Verdict.UNKNOWN)]

        assert extraction.resolve(sightings) == ({}, ())

    def test_an_order_without_a_record_is_a_fact_that_says_so(self, extraction: ExtractionService) -> None:
        fields, _ = extraction.resolve([order("LT1", verdict=Verdict.UNKNOWN)])

        assert fields[FieldName.ORDER_NO].verdict is Verdict.UNKNOWN

    def test_a_code_that_the_models_family_lacks_falls_away_when_the_model_becomes_known(
        self, extraction: ExtractionService
    ) -> None:
        assert FieldName.FAULT_CODE in extraction.resolve([code("E4")])[0]
        assert FieldName.FAULT_CODE not in extraction.resolve([code("E4"), seen("BX320T", "m2")])[0]

    def test_a_code_takes_the_spelling_of_the_models_family(self, other_extraction: ExtractionService) -> None:
        fields, _ = other_extraction.resolve([code("E7"), seen("KD 55X", "m2")])

        assert fields[FieldName.FAULT_CODE].normal == "E-07"
