"""TC-03, TC-04: the shop's catalogue and how people's spellings find their way in it."""

import pytest

from intake.extraction.catalogue import CodeIndex, ModelIndex
from intake.extraction.errors import CatalogInvalid
from intake.extraction.families import FamilyWords
from intake.extraction.schemas import CatalogCode, CatalogModel, Flag, Method, catalog_from_mapping


class TestCatalogFromMapping:
    def test_reads_the_evaluation_format(self) -> None:
        catalog = catalog_from_mapping(
            {
                "order_patterns": [r"LT\d{14}"],
                "models": [{"model": "WX75G", "family": "washer", "aliases": ["小波轮"]}],
                "fault_codes": [{"family": "washer", "code": 105}],
            }
        )

        assert catalog.models == (CatalogModel("WX75G", "washer", ("小波轮",)),)
        assert catalog.fault_codes == (CatalogCode("washer", "105"),)

    def test_reads_a_shops_own_file_with_lines_for_families(self) -> None:
        catalog = catalog_from_mapping(
            {"lines": [{"id": "w", "zh": "洗衣机", "en": "Washer"}], "models": [{"model": "A1", "line": "w"}]}
        )

        assert (catalog.models[0].family, catalog.families[0].words) == ("w", ("洗衣机", "Washer"))

    @pytest.mark.parametrize(
        "data",
        [{"models": [{"family": "w"}]}, {"models": ["WX75G"]}, {"models": {"a": 1}}, {"fault_codes": [{"code": " "}]}],
    )
    def test_an_entry_without_its_name_is_refused(self, data: dict[str, object]) -> None:
        with pytest.raises(CatalogInvalid):
            catalog_from_mapping(data)


class TestModelIndex:
    @pytest.fixture
    def index(self) -> ModelIndex:
        return ModelIndex(
            [
                CatalogModel("WX100-HD", "washer", ("wx100", "大滚筒", "岚风")),
                CatalogModel("WX75G", "washer", ("岚风", "WX100-HD", "x")),
                CatalogModel("B5S", "scale"),
                CatalogModel("B55", "scale"),
                CatalogModel("KS80", "kettle"),
            ]
        )

    @pytest.mark.parametrize("writing", ["WX100-HD", "wx100hd", "ＷＸ１００－ＨＤ", "wx 100 hd", "W-X-1-0-0-H-D"])
    def test_separators_case_and_width_do_not_matter(self, index: ModelIndex, writing: str) -> None:
        hit = index.find(writing)

        assert hit is not None
        assert (hit.model.model, hit.method, hit.flags) == ("WX100-HD", Method.CATALOGUE, frozenset())

    def test_a_nickname_of_one_model_is_an_alias(self, index: ModelIndex) -> None:
        hit = index.find("大滚筒")

        assert hit is not None
        assert (hit.model.model, hit.method) == ("WX100-HD", Method.ALIAS)

    def test_a_nickname_that_two_models_share_says_nothing(self, index: ModelIndex) -> None:
        assert index.find("岚风") is None

    def test_a_models_own_name_is_never_anothers_alias(self, index: ModelIndex) -> None:
        hit = index.find("WX100-HD")

        assert hit is not None
        assert hit.model.model == "WX100-HD"

    def test_a_familys_name_alone_is_no_alias(self) -> None:
        """TC-03: 冰箱 says which family, never which model."""
        index = ModelIndex([CatalogModel("BX320T", "fridge", ("冰箱", "三门冰箱"))], ["冰箱", "FRIDGE"])

        assert index.find("冰箱") is None
        assert index.find("三门冰箱") is not None

    def test_an_alias_of_one_letter_is_ignored(self, index: ModelIndex) -> None:
        assert index.exact("X") is None

    def test_of_two_models_spelt_alike_but_for_a_sign_the_plain_one_keeps_the_name(self) -> None:
        index = ModelIndex([CatalogModel("S8+", "f"), CatalogModel("S8", "f")])

        hit = index.find("s8")

        assert hit is not None
        assert hit.model.model == "S8"

    def test_lookalikes_count_only_where_one_model_looks_so(self, index: ModelIndex) -> None:
        hit = index.find("K58O")

        assert hit is not None
        assert (hit.model.model, hit.flags) == ("KS80", frozenset({Flag.LOOKALIKE}))
        assert index.lookalike("BSS") is None


class TestCodeIndex:
    @pytest.fixture
    def index(self) -> CodeIndex:
        pairs = [("washer", "E3"), ("washer", "E-07"), ("washer", "5E"), ("washer", "Er05"), ("fridge", "E7")]
        pairs += [("scale", "E7"), ("scale", "E-7"), ("scale", "E03"), ("scale", "E3")]
        return CodeIndex(CatalogCode(family, code) for family, code in pairs)

    @pytest.mark.parametrize(
        ("writing", "family", "code"),
        [
            ("E3", "washer", "E3"),
            ("e 3", "washer", "E3"),
            ("E-03", "washer", "E3"),
            ("E7", "washer", "E-07"),
            ("E07", "fridge", "E7"),
            ("er 05", "washer", "Er05"),
            ("E7", "scale", "E7"),
            ("E-7", "scale", "E-7"),
            ("E03", "scale", "E03"),
        ],
    )
    def test_the_familys_own_spelling_is_found(self, index: CodeIndex, writing: str, family: str, code: str) -> None:
        hit = index.find(writing, {family})

        assert hit is not None
        assert hit.code == code

    @pytest.mark.parametrize(
        ("writing", "families"),
        [("E 07", {"scale"}), ("E 7", {"scale"}), ("E99", set()), ("E7", {"nothing"}), ("E07", {"washer", "fridge"})],
    )
    def test_no_or_several_matches_are_none(self, index: CodeIndex, writing: str, families: set[str]) -> None:
        hit = index.find(writing, families)

        assert hit is None or (writing, hit.code) == ("E07", "E-07")

    def test_zeros_are_flagged(self, index: CodeIndex) -> None:
        hit = index.find("E003", {"washer"})

        assert hit is not None
        assert hit.flags == {Flag.ZEROS}

    def test_characters_are_exchanged_only_where_allowed(self, index: CodeIndex) -> None:
        assert index.find("SE", {"washer"}) is None
        hit = index.find("SE", {"washer"}, lookalike=True)

        assert hit is not None
        assert (hit.code, hit.flags) == ("5E", frozenset({Flag.LOOKALIKE}))

    def test_codes_of_unusual_form_are_found_with_or_without_separators(self) -> None:
        pattern = CodeIndex([CatalogCode("c", "E1-03"), CatalogCode("c", "UE"), CatalogCode("c", "105")]).odd_pattern

        assert pattern is not None
        assert [m.group() for m in pattern.finditer("E1-03 E103 UE 105 1050 UEX")] == ["E1-03", "E103", "UE", "105"]


class TestFamilyWords:
    def test_common_appliances_are_known_by_any_of_their_names(self) -> None:
        words = FamilyWords({"冰箱", "washer"}, {})

        assert [f for _, _, f in words.find("THE FRIDGE AND 洗衣机")] == ["冰箱", "washer"]

    def test_a_shop_adds_words_of_its_own(self) -> None:
        words = FamilyWords({"w"}, {"w": ("泡泡机",)})

        assert words.find("我的泡泡机") == [(2, 5, "w")]

    def test_latin_words_count_only_whole(self) -> None:
        assert FamilyWords({"tv"}, {}).find("TV65Q ATV") == []
