from datetime import UTC, datetime, timedelta

import pytest

from fakes.articles import FAQ, NOW, POLICY, article_text, make_article
from knowledge.errors import ArticleNotFound, ArticleNotReleasable, ArticleVersionChanged
from knowledge.events import ArticlesChanged
from knowledge.schemas import ArticleStatus, ImportReport, Scope


class TestImport:
    def test_again_changes_nothing(self, shelf) -> None:
        report = shelf.load()

        assert (report.added, report.new_versions, report.unchanged, report.refused) == (0, 0, 7, ())

    def test_files_are_counted_by_what_they_were(self, empty) -> None:
        empty.write(a=article_text("a", "faq", FAQ), a__2=article_text("a", "faq", FAQ + "。", version=2))

        report = empty.load()

        assert report == ImportReport(added=1, new_versions=1)
        assert report.total == 2

    def test_released_version_never_changes(self, shelf, customer: Scope) -> None:
        """A citation must stay true: other words under the same number are refused, by name and reason."""
        (shelf.folder / "faq-invoice.md").write_text(article_text("faq-invoice", "faq", "## x\n新的说法。"))

        report = shelf.load()

        (refusal,) = report.refused
        assert refusal.source == "faq-invoice.md"
        assert "版本号" in refusal.reason_zh
        with shelf.database.reading() as session:
            assert shelf.service.get_passage(session, "faq-invoice@1#1").text == "「我的订单—申请开票」填写抬头即可。"

    def test_one_bad_file_stops_no_other(self, empty) -> None:
        empty.write(bad="no article", good=article_text("good", "faq", FAQ))
        (empty.folder / "latin.md").write_bytes(b"\xff\xfe\x00")

        report = empty.load()

        assert report.added == 1
        assert [r.source for r in report.refused] == ["bad.md", "latin.md"]

    def test_draft_file_may_change_until_approved(self, empty, customer: Scope) -> None:
        """KB-02."""
        empty.write(a=article_text("a", "faq", FAQ, approved_by=""))
        empty.load()
        empty.write(a=article_text("a", "faq", "## x\n改过的草稿。", approved_by=""))

        report = empty.load()

        assert report.refused == ()
        with empty.database.reading() as session:
            assert empty.service.search(session, "改过的草稿", customer) == []
            assert empty.service.article(session, "a", 1).status is ArticleStatus.DRAFT

    def test_approval_releases_a_draft(self, empty, customer: Scope) -> None:
        empty.write(a=article_text("a", "faq", FAQ, approved_by=""))
        empty.load()
        empty.write(a=article_text("a", "faq", FAQ))

        empty.load()

        with empty.database.reading() as session:
            assert len(empty.service.search(session, "申请开票", customer)) == 2

    def test_change_is_told_once(self, empty) -> None:
        empty.write(a=article_text("a", "faq", FAQ))
        empty.load()

        empty.load()

        assert [type(event) for event in empty.bus.events] == [ArticlesChanged]

    def test_single_file_and_list_of_files(self, empty) -> None:
        empty.write(a=article_text("a", "faq", FAQ), b=article_text("b", "faq", FAQ))
        with empty.database.transaction() as session:
            one = empty.service.import_articles(session, empty.folder / "a.md")
            both = empty.service.import_articles(session, [empty.folder / "a.md", empty.folder / "b.md"])

        assert (one.added, both.added, both.unchanged) == (1, 1, 1)


class TestVersionsInForce:
    """KB-02: retrieval uses the version in force."""

    def _clause(self, shelf, at: datetime) -> set[int]:
        with shelf.database.reading() as session:
            hits = shelf.service.search(session, "无理由退货 期限", Scope(at=at), 20)
        return {hit.passage.version for hit in hits if hit.passage.article_id == "policy-return"}

    @pytest.mark.parametrize(
        ("at", "version"),
        [
            (datetime(2026, 6, 30, 15, 59, tzinfo=UTC), 1),
            (datetime(2026, 6, 30, 16, 0, tzinfo=UTC), 2),
            (NOW, 2),
        ],
    )
    def test_one_instant_has_one_rule(self, shelf, at: datetime, version: int) -> None:
        assert self._clause(shelf, at) == {version}

    def test_nothing_is_in_force_before_the_first_day(self, shelf) -> None:
        assert self._clause(shelf, datetime(2025, 12, 31, 15, 0, tzinfo=UTC)) == set()

    def test_newer_version_ends_the_older_one(self, empty, customer: Scope) -> None:
        empty.write(
            p=article_text("p", "policy", "1. 旧规则：退货期限七天。"),
            p__2=article_text("p", "policy", "1. 新规则：退货期限七天。", version=2, start="2026-10-01"),
        )
        empty.load()

        with empty.database.reading() as session:
            now = empty.service.search(session, "退货期限", customer)
            before = empty.service.search(session, "退货期限", Scope(at=NOW - timedelta(days=90)))

        assert [hit.passage.version for hit in now] == [2]
        assert [hit.passage.version for hit in before] == [1]


class TestLifecycle:
    def test_draft_is_found_only_once_published(self, empty, customer: Scope) -> None:
        """KB-05: a solved ticket becomes an article; four eyes release it."""
        service = empty.service
        with empty.database.transaction() as session:
            service.save_draft(session, make_article("case-1"), author="li")
            service.submit(session, "case-1", 1)
            service.sync_index(session)
            assert service.search(session, "申请开票", customer) == []

            service.publish(session, "case-1", 1, approved_by="wang")
            service.sync_index(session)
            assert len(service.search(session, "申请开票", customer)) == 2

    def test_author_may_not_release(self, empty) -> None:
        with empty.database.transaction() as session:
            empty.service.save_draft(session, make_article("case-1"), author="li")
            empty.service.submit(session, "case-1", 1)

            for name in ("li", ""):
                with pytest.raises(ArticleNotReleasable):
                    empty.service.publish(session, "case-1", 1, approved_by=name)

    def test_draft_skips_no_review(self, empty) -> None:
        with empty.database.transaction() as session:
            empty.service.save_draft(session, make_article("case-1"), author="li")

            with pytest.raises(ArticleNotReleasable):
                empty.service.publish(session, "case-1", 1, approved_by="wang")

    def test_only_a_draft_is_handed_in(self, shelf) -> None:
        with shelf.database.transaction() as session, pytest.raises(ArticleNotReleasable):
            shelf.service.submit(session, "faq-invoice", 1)

    def test_save_draft_cannot_overwrite_a_release(self, shelf) -> None:
        with shelf.database.transaction() as session, pytest.raises(ArticleVersionChanged):
            shelf.service.save_draft(session, make_article("faq-invoice", body="另一套说法。"), author="li")

    def test_retired_version_is_found_no_more_but_its_citation_opens(self, shelf, customer: Scope) -> None:
        with shelf.database.transaction() as session:
            shelf.service.retire(session, "faq-invoice", 1)

        with shelf.database.reading() as session:  # the index still has it: the database decides
            hits = shelf.service.search(session, "申请开票", customer, 20)
            assert "faq-invoice" not in {hit.passage.article_id for hit in hits}
            assert shelf.service.get_passage(session, "faq-invoice@1#1").text

    def test_retired_version_does_not_come_back_with_its_file(self, shelf) -> None:
        with shelf.database.transaction() as session:
            shelf.service.retire(session, "faq-invoice", 1)

        report = shelf.load()

        assert report.refused == ()
        with shelf.database.reading() as session:
            assert shelf.service.article(session, "faq-invoice", 1).status is ArticleStatus.RETIRED

    def test_unknown_version(self, empty) -> None:
        with empty.database.transaction() as session, pytest.raises(ArticleNotFound):
            empty.service.retire(session, "nothing", 1)


def test_articles_from_elsewhere_may_hold_what_no_database_stores(empty) -> None:
    with empty.database.transaction() as session:
        empty.service.add_articles(session, [make_article("a", body="甲\0乙\ud83d。", title="题\0目")])

    with empty.database.reading() as session:
        assert empty.service.get_passage(session, "a@1#1").text == "甲\ufffd乙\ufffd。"


def test_other_words_under_a_released_number_are_refused(empty) -> None:
    with empty.database.transaction() as session:
        empty.service.add_articles(session, [make_article("a", body=POLICY)])

        with pytest.raises(ArticleVersionChanged):
            empty.service.add_articles(session, [make_article("a", body=POLICY + "3. 新。")])
