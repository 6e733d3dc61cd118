from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.articles import CODES, FAQ, POLICY, SOP, article_text, make_article
from knowledge.errors import ArticleUnreadable
from knowledge.markdown import chunks, sentences
from knowledge.parsing import MAX_PASSAGE_CHARS, content_hash, passages_of, read_article, steps_of
from knowledge.schemas import ArticleKind, ArticleStatus, Audience

DEMO = Path(__file__).parents[2] / "api" / "demo" / "shop" / "articles"


class TestReadArticle:
    def test_front_matter_becomes_fields(self) -> None:
        article = read_article(article_text("sop-x", "sop", SOP, products="washer, tv", audience="agent"), "x.md")

        assert (article.id, article.version, article.kind) == ("sop-x", 1, ArticleKind.SOP)
        assert article.products == ("washer", "tv")
        assert article.audience is Audience.AGENT
        assert article.labels == (("quality_issue", "malfunction", "no_power"),)
        assert article.status is ArticleStatus.PUBLISHED

    def test_last_day_is_in_force_to_its_end_in_the_shop(self) -> None:
        """KB-02: 2026-06-30 in Shanghai ends at 16:00 UTC."""
        article = read_article(article_text("p", "policy", POLICY, end="2026-06-30"), "x.md")

        assert article.effective_from == datetime(2025, 12, 31, 16, 0, tzinfo=UTC)
        assert article.effective_to == datetime(2026, 6, 30, 16, 0, tzinfo=UTC)

    def test_nobody_approved_is_a_draft(self) -> None:
        article = read_article(article_text("p", "policy", POLICY, approved_by=""), "x.md")

        assert article.status is ArticleStatus.DRAFT

    @pytest.mark.parametrize(
        ("spoilt", "field"),
        [
            (("id: p", "id: 'a b'"), "id"),
            (("id: p", "id: ../../etc"), "id"),
            (("version: 1", "version: x"), "version"),
            (("version: 1", "version: 0"), "version"),
            (("kind: policy", "kind: song"), "kind"),
            (("title: 标题", "title: ''"), "title"),
            (("audience: customer", "audience: everybody"), "audience"),
            (("products: []", "products: washer"), "products"),
            (("effective_from: 2026-01-01", "effective_from: soon"), "date"),
            (("effective_from: 2026-01-01", "x: 1"), "effective_from"),
            (("effective_from: 2026-01-01", "effective_from: 2026-13-45"), "front matter"),
            (("---\nid", "id"), "front matter"),
            (("lang: zh", "lang: [zh"), "front matter"),
        ],
    )
    def test_wrong_field_is_named(self, spoilt: tuple[str, str], field: str) -> None:
        text = article_text("p", "policy", POLICY).replace(*spoilt, 1)

        with pytest.raises(ArticleUnreadable) as caught:
            read_article(text, "a.md")
        assert caught.value.field == field
        assert "a.md" in caught.value.message_zh

    def test_questions_are_read_once_each(self) -> None:
        text = article_text("p", "faq", FAQ, questions=["怎么开票", " 要发票 ", "怎么开票", "P9: 是什么"])

        assert read_article(text, "x.md").questions == ("怎么开票", "要发票", "P9: 是什么")

    @pytest.mark.parametrize(
        "spoilt",
        [
            "questions: 怎么开票",
            "questions: [3]",
            "questions: ['']",
            "questions: [{a: b}]",
            f"questions: [{'长' * 201}]",
            f"questions: [{', '.join(f'问{n}' for n in range(51))}]",
        ],
    )
    def test_wrong_questions_are_named(self, spoilt: str) -> None:
        text = article_text("p", "faq", FAQ).replace("questions: []", spoilt, 1)

        with pytest.raises(ArticleUnreadable) as caught:
            read_article(text, "a.md")
        assert caught.value.field == "questions"

    def test_questions_are_no_passages_and_no_content(self) -> None:
        asked = make_article(questions=("发票去哪儿要",))

        assert not any("发票去哪儿要" in passage.text for passage in passages_of(asked))
        assert content_hash(asked) == content_hash(make_article())

    def test_empty_body_is_refused(self) -> None:
        with pytest.raises(ArticleUnreadable):
            read_article(article_text("p", "policy", " \n\n"), "x.md")

    def test_yaml_tags_make_no_objects(self) -> None:
        text = article_text("p", "policy", POLICY).replace("lang: zh", "lang: !!python/object/apply:os.getcwd []")

        with pytest.raises(ArticleUnreadable):
            read_article(text, "x.md")

    def test_nul_and_lone_surrogates_are_replaced(self) -> None:
        article = read_article(article_text("p", "policy", "1. 甲\0乙\ud83d丙。"), "x.md")

        article.body.encode()  # would raise
        assert "\0" not in article.body


class TestPassagesOf:
    def test_each_step_is_one_passage_with_its_number(self) -> None:
        passages = passages_of(make_article(body=SOP, kind=ArticleKind.SOP))

        assert [p.step for p in passages] == [None, None, 1, 2, 3, None]
        assert passages[2].heading == "步骤 1"
        assert passages[2].text == "关闭水龙头、断电\n预期：能看出先湿的位置\n否则：直接报修。"

    def test_each_row_of_a_code_table_is_one_passage(self) -> None:
        passages = passages_of(make_article(body=CODES, kind=ArticleKind.CODE_TABLE, products=("washer",)))

        rows = [p for p in passages if p.code]
        assert [(p.code, p.family) for p in rows] == [("E1", "washer"), ("E-07", "washer"), ("5E", "washer")]
        assert rows[1].text == "E-07 溢水保护\n客户自查：关闭水龙头\n处理：断电停用"
        assert [p.text for p in passages if not p.code] == ["适用型号：WX75G。", "断电 10 分钟后再试。"]

    def test_each_clause_is_one_passage(self) -> None:
        passages = passages_of(make_article(body=POLICY, kind=ArticleKind.POLICY))

        assert [p.heading for p in passages] == ["1 期限", "2 取件费"]
        assert passages[0].text == "期限：自签收次日起 7 天内可申请无理由退货。"

    def test_each_section_of_a_faq_is_one_passage(self) -> None:
        passages = passages_of(make_article(body=FAQ))

        assert [p.heading for p in passages] == ["在哪里申请", "多久开好"]

    def test_headings_make_a_path(self) -> None:
        passages = passages_of(make_article(body="# 甲\n一。\n## 乙\n二。\n# 丙\n三。"))

        assert [p.heading for p in passages] == ["甲", "甲 > 乙", "丙"]

    def test_ids_name_article_version_and_place(self) -> None:
        passages = passages_of(make_article("faq-a", 3))

        assert [p.id for p in passages] == ["faq-a@3#1", "faq-a@3#2"]

    def test_table_in_a_faq_is_kept_as_words(self) -> None:
        passages = passages_of(make_article(body="| 型号 | 价格 |\n|---|---|\n| A | 25 元 |"))

        assert passages[0].text == "型号：A；价格：25 元"

    def test_long_text_is_cut_at_sentences(self) -> None:
        passages = passages_of(make_article(body="一句话说明一件事情。" * 100))

        assert len(passages) == 3
        assert all(len(p.text) <= MAX_PASSAGE_CHARS and p.text.endswith("。") for p in passages)

    def test_link_targets_and_marks_are_dropped(self) -> None:
        passages = passages_of(make_article(body="请看 **[说明](https://evil.example/x)** 和 `E1`。"))

        assert passages[0].text == "请看 说明 和 E1。"


class TestStepsOf:
    def test_branches_are_told_apart(self) -> None:
        steps = steps_of(make_article("sop-a", body=SOP, kind=ArticleKind.SOP))

        assert [(s.number, s.action, s.expected, s.otherwise) for s in steps] == [
            (1, "关闭水龙头、断电", "能看出先湿的位置", "直接报修。"),
            (2, "拧紧进水口接头", "不再渗水", "更换胶垫。"),
            (3, "跑一次漂洗", "不漏", ""),
        ]
        assert [s.passage_id for s in steps] == ["sop-a@1#3", "sop-a@1#4", "sop-a@1#5"]

    def test_english_words_are_understood(self) -> None:
        body = "## Steps\n1. Close the tap | Expected: it stops | Otherwise: call us."

        (step,) = steps_of(make_article(body=body, kind=ArticleKind.SOP, lang="en"))

        assert (step.action, step.expected, step.otherwise) == ("Close the tap", "it stops", "call us.")

    def test_other_kinds_have_none(self) -> None:
        assert steps_of(make_article(body=POLICY, kind=ArticleKind.POLICY)) == []


class TestContentHash:
    def test_every_word_and_the_scope_count(self) -> None:
        article = make_article()

        others = [
            make_article(body=FAQ + "。"),
            make_article(title="x"),
            make_article(products=("tv",)),
            make_article(audience=Audience.AGENT),
        ]

        assert content_hash(article) == content_hash(make_article())
        assert len({content_hash(a) for a in [article, *others]}) == 5


@pytest.mark.parametrize("path", sorted(DEMO.glob("*.md")), ids=lambda p: p.stem)
def test_demo_article_is_read_whole(path: Path) -> None:
    """Nothing of an article is lost: every word of its body is in some passage."""
    article = read_article(path.read_text(encoding="utf-8"), path.name)

    words = "".join(p.heading + p.text for p in passages_of(article))
    for sentence in sentences(article.body.replace("**", "").replace("｜", "\n").replace("|", "\n")):
        text = sentence.lstrip("#- ").partition(". ")[2] if sentence[:1].isdigit() else sentence.lstrip("#- ")
        assert text.rstrip("：") in words or text in {"代码", "含义"} or set(text) <= set("- ")
    if article.kind is ArticleKind.SOP:
        assert all(step.action and step.expected and step.otherwise for step in steps_of(article))


class TestMarkdownPieces:
    @given(st.text(max_size=300), st.integers(min_value=1, max_value=50))
    def test_chunks_keep_every_visible_character(self, text: str, size: int) -> None:
        kept = "".join("".join(chunks(text, size)).split())

        assert kept == "".join(text.split())

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("一。二！三", ["一。", "二！", "三"]),
            ("「好。」然后", ["「好。」", "然后"]),
            ("It works. Call us at 2.4 GHz.", ["It works.", "Call us at 2.4 GHz."]),
            ("", []),
        ],
    )
    def test_sentences(self, text: str, expected: list[str]) -> None:
        assert sentences(text) == expected
