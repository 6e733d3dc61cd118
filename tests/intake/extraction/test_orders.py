"""TC-02: order numbers and what is none."""

from collections.abc import Callable

import pytest

from fakes.reader import FakeReader
from intake.extraction.errors import CatalogInvalid
from intake.extraction.lookalikes import letter_head, loose_pattern, squeezed_pattern, variants
from intake.extraction.orders import OrderFinder
from intake.extraction.passages import passage_of
from intake.extraction.schemas import ShopCatalog
from intake.extraction.service import ExtractionService
from kit.errors import ErrorKind, JiedaiError
from tickets.schemas import Message, OrderFacts, TextSpan
from tickets.words import FieldName, Verdict

ORDER = "LT20261103004821"


class SilentOrderBook:
    """Cannot be asked."""

    def find(self, order_no: str) -> OrderFacts | None:
        error = JiedaiError("订单系统暂不可用", "The order system cannot be reached")
        error.kind = ErrorKind.UNAVAILABLE
        raise error


class BrokenOrderBook:
    """Fails in a way nobody expects."""

    def find(self, order_no: str) -> OrderFacts | None:
        raise JiedaiError("坏了", "broken")


def service(catalog: ShopCatalog, book: object) -> ExtractionService:
    return ExtractionService(catalog, book, FakeReader({}))  # type: ignore[arg-type] - scripted books


class TestVerdict:
    def test_an_order_the_book_knows_is_valid(self, catalog, book, message) -> None:
        (found,) = service(catalog, book(ORDER)).from_message(message(f"订单 {ORDER}"))

        assert (found.normal, found.verdict, found.method) == (ORDER, Verdict.VALID, "pattern")

    def test_a_well_formed_order_the_book_does_not_know_is_unknown_and_less_sure(self, catalog, book, message) -> None:
        (known,) = service(catalog, book(ORDER)).from_message(message(ORDER))
        (unknown,) = service(catalog, book()).from_message(message(ORDER))

        assert unknown.verdict is Verdict.UNKNOWN
        assert unknown.confidence < known.confidence

    def test_a_book_that_cannot_say_is_not_the_same_as_an_unknown_order(self, catalog, message) -> None:
        (found,) = service(catalog, SilentOrderBook()).from_message(message(ORDER))

        assert (found.verdict, found.method) == (Verdict.UNKNOWN, "pattern+unverified")

    def test_another_failure_of_the_book_is_not_hidden(self, catalog, message) -> None:
        with pytest.raises(JiedaiError):
            service(catalog, BrokenOrderBook()).from_message(message(ORDER))


class TestLookalikes:
    def test_letters_in_place_of_digits_are_exchanged_and_lower_the_confidence(self, catalog, book, message) -> None:
        (found,) = service(catalog, book(ORDER)).from_message(message("单号 LT2O26llO3OO482I"))

        assert (found.normal, found.method) == (ORDER, "pattern+lookalike")
        assert found.confidence < 0.8

    def test_of_several_readings_only_one_that_the_book_knows_is_taken(self, book, message) -> None:
        catalog = ShopCatalog((r"[A-Z0-9]{2}\d{8}",), (), ())

        (found,) = service(catalog, book("AB12345678")).from_message(message("order AB1234567B"))

        assert found.normal == "AB12345678"

    def test_of_several_readings_none_is_guessed(self, book, message) -> None:
        catalog = ShopCatalog((r"[A-Z]{2}\d{8}",), (), ())

        assert service(catalog, book()).from_message(message("order 1112345678")) == []

    def test_variants_are_bounded(self) -> None:
        assert sum(1 for _ in variants("OILSBZ" * 6)) < 512


class TestLabels:
    @pytest.mark.parametrize("label", ["SN：", "快递单号", "序列号是", "S/N: ", "Serial number "])
    def test_a_number_said_to_be_something_else_is_no_order(self, catalog, book, message, label: str) -> None:
        assert service(catalog, book()).from_message(message(label + ORDER)) == []

    def test_the_order_book_outweighs_a_wrong_label(self, catalog, book, message) -> None:
        (found,) = service(catalog, book(ORDER)).from_message(message(f"SN：{ORDER}"))

        assert found.normal == ORDER

    def test_digits_alone_are_an_order_where_asked_for_and_known(self, catalog, book, dialogue) -> None:
        turns = dialogue("bot[order_no]: 订单号？", "20261103004821")

        (found,) = service(catalog, book(ORDER)).from_turns(turns)

        assert (found.normal, found.method) == (ORDER, "pattern+answer")

    def test_digits_alone_are_no_order_where_the_book_does_not_know_them(self, catalog, book, dialogue) -> None:
        turns = dialogue("bot[order_no]: 订单号？", "20261103004821")

        assert service(catalog, book()).from_turns(turns) == []


class TestRawOffsets:
    """RELIABILITY A56: hostile characters inside a number change neither the find nor the evidence."""

    @pytest.mark.parametrize(
        ("raw", "shown"),
        [
            ("\0订单LT2026\x0011030048\u200b21。", "LT2026\x0011030048\u200b21"),
            ("\ud83d订单ＬＴ２０２６１１０３００４８２１\udc00", "ＬＴ２０２６１１０３００４８２１"),
            ("订单LT20261103\r\n004821", "LT20261103\r\n004821"),
            ("😀😀lt-2026-1103-004821😀", "lt-2026-1103-004821"),
            ("\u202eLT20261103004821\u202c", "LT20261103004821"),
            ("ﬁ㎏ LT2026⑪0③004821", "LT2026⑪0③004821"),
        ],
    )
    def test_span_covers_the_number_as_it_was_sent(self, catalog, book, message, raw: str, shown: str) -> None:
        (found,) = service(catalog, book()).from_message(message(raw))

        assert (found.normal, found.value) == (ORDER, shown)
        assert isinstance(found.evidence, TextSpan)
        assert raw[found.evidence.start : found.evidence.end] == shown


class TestPatterns:
    def test_a_pattern_re2_refuses_is_an_error_of_the_catalogue(self, book) -> None:
        with pytest.raises(CatalogInvalid):
            OrderFinder((r"(?<=LT)\d+",), book())

    def test_without_patterns_nothing_is_an_order(self, book, message) -> None:
        assert OrderFinder((), book()).find(passage_of(message(ORDER))) == []

    @pytest.mark.parametrize(
        ("pattern", "squeezed"),
        [
            (r"LT20\d{6}\d{6}", r"LT20\d{6}\d{6}"),
            (r"\d{4}-\d{7}-\d{7}", r"\d{4}\d{7}\d{7}"),
            (r"LT[- ]?\d{8}\-?\d{6}", r"LT\d{8}\d{6}"),
            (r"[A-Z-]\s*\d{3}", r"[A-Z-]\d{3}"),
        ],
    )
    def test_separators_leave_a_pattern(self, pattern: str, squeezed: str) -> None:
        assert squeezed_pattern(pattern) == squeezed

    def test_loose_pattern_takes_every_lookalike(self) -> None:
        assert loose_pattern(r"LT2[A-Z]\d{3}") == "[L1][T][2Z][A-Z01258][0-9OILZSB]{3}"

    @pytest.mark.parametrize(("pattern", "head"), [(r"^LT20\d+", "LT"), (r"\d+", ""), ("B[0-9]{9}", "B")])
    def test_letter_head(self, pattern: str, head: str) -> None:
        assert letter_head(pattern) == head

    def test_a_long_hostile_text_is_read_in_bounded_time(self, catalog, book, message: Callable[..., Message]) -> None:
        """ReDoS and window explosion: 8,000 characters of separated digits and look-alikes."""
        extraction = service(catalog, book())

        for piece in ("1 ", "O ", "LT2O ", "E3 ", "报E", "不是", "-", "LT20261103OO4821 "):
            found = extraction.from_message(message(piece * (8_000 // len(piece))))
            assert all(o.name in set(FieldName) for o in found)
