"""The service on labelled dialogues, on drafts, and with its store."""

from datetime import timedelta
from pathlib import Path

import pytest
import yaml

from growth import assert_linear
from kit.db import Database
from quality.errors import FindingNotFound, FindingNotOpen
from quality.ruleset import RuleSet, load_rules
from quality.schemas import FindingStatus, Severity, Transcript, Verdict, quoted
from quality.service import QualityService
from tickets.words import Role

_DRAFTS = [
    (rule, text)
    for rule, texts in yaml.safe_load((Path(__file__).parent / "drafts.yaml").read_text(encoding="utf-8")).items()
    for text in texts
]


class TestScan:
    def test_finds_exactly_what_the_dialogue_is_labelled_with(self, service, labelled):
        """QA-01, QA-02, QA-03, QA-04, QA-10, QA-12."""
        findings = service.scan(labelled.transcript)

        assert {f.rule: [e.quote for e in f.evidence] for f in findings} == labelled.expected

    def test_evidence_is_in_code_points_of_the_raw_text(self, service, transcript):
        talk = transcript("a: 🔧您好　不归\u200b我管，再见", "c: 好")

        [finding] = service.scan(talk)

        [place] = finding.evidence
        assert (place.start, place.end) == (4, 9)
        assert talk.turns[0].text[place.start : place.end] == place.quote == "不归\u200b我管"

    def test_finding_says_who_what_and_by_which_rules(self, service, transcript):
        [finding] = service.scan(transcript("c: 坏了", "a: 您好", "b: 随便你", "a: 不归我管，感谢您的咨询"))[:1]

        assert (finding.rule, finding.severity, finding.rule_version) == ("banned_word", Severity.HIGH, "default.v1")
        assert finding.roles == (Role.BOT, Role.AGENT)
        assert "禁语" in finding.explanation_zh
        assert "建议：" in finding.explanation_zh
        assert "Better:" in finding.explanation_en

    def test_explanation_holds_no_words_of_the_conversation(self, service, transcript):
        talk = transcript("c: 订单号 LT20261103004821", "a: 您好，请提供订单号", "c: 给了", "a: 再见")

        [finding] = service.scan(talk)

        assert "订单号" in finding.explanation_zh
        assert "LT2026" not in finding.explanation_zh + finding.explanation_en

    def test_same_transcript_gives_the_same_findings(self, service, labelled):
        assert service.scan(labelled.transcript) == service.scan(labelled.transcript)

    @pytest.mark.parametrize("text", ["", "\0", "\ud800", "\u200b", "。", "🔧" * 10])
    def test_hostile_text_does_no_harm(self, service, transcript, text):
        talk = transcript(f"c: {text}", f"a: {text}", f"b: {text}", closed=True)
        lengths = {turn.index: len(turn.text) for turn in talk.turns}

        places = [place for finding in service.scan(talk) for place in finding.evidence]

        assert all(0 <= p.start <= p.end <= lengths[p.turn_index] for p in places)

    def test_empty_transcript_has_no_findings(self, service):
        assert service.scan(Transcript("t", ())) == []

    @pytest.mark.parametrize("unit", ["一定退款", "不用密码发我", "尽快给您处理,3天无理由", "SF1234567890123 ", "?"])
    def test_long_hostile_text_takes_linear_time(self, service, transcript, unit):
        """A35."""
        assert_linear(
            lambda text: service.scan(transcript(f"c: {text}", f"a: {text}", "a: 订单号发我")), unit, chars=80_000
        )


class TestReport:
    def test_score_is_what_the_findings_leave(self, service, transcript):
        report = service.report(transcript("a: 您好", "a: 随便你，保证全额退款，再见"))

        assert [f.rule for f in report.findings] == ["banned_word", "over_promise"]
        assert report.score == 100 - 20 - 15

    def test_clean_talk_scores_a_hundred(self, service, transcript):
        assert service.report(transcript("a: 您好", "c: 好了谢谢", "a: 不客气，再见")).score == 100


class TestCheckDraft:
    @pytest.mark.parametrize(("rule", "text"), _DRAFTS)
    def test_draft_breaks_only_the_rule_it_is_filed_under(self, service, rule, text):
        rules = {finding.rule for finding in service.check_draft(text, Role.AGENT)}

        assert rules == (set() if rule == "clean" else {rule})

    def test_rules_that_need_the_talk_are_left_out(self, service):
        assert service.check_draft("冰箱保修两年", Role.BOT) == []

    def test_words_of_a_customer_are_not_judged(self, service):
        assert service.check_draft("不归我管？保证全额退款！", Role.CUSTOMER) == []


class TestFindPromises:
    def test_lists_promises_with_and_without_a_time(self, service, transcript):
        """SU-05."""
        talk = transcript(
            "c: 没人联系我，我明天再来",
            "a: 您好！已反馈，专员明天下午3点前给您回电。还有其他可以帮您的吗？",
            "a: 我们会尽快给您处理的",
        )

        promises = service.find_promises(talk)

        assert [(p.turn_index, p.text, p.due) for p in promises] == [
            (1, "已反馈，专员明天下午3点前给您回电", "明天下午3点前"),
            (2, "我们会尽快给您处理的", None),
        ]
        assert talk.turns[1].text[promises[0].start : promises[0].end] == promises[0].text

    def test_english(self, service, transcript):
        talk = transcript("a: Hello. Our team will call you within 24 hours. Bye", "a: I'll look into it.")

        promises = service.find_promises(talk)

        assert [(p.text, p.due) for p in promises] == [
            ("Our team will call you within 24 hours", "within 24 hours"),
            ("I'll look into it", None),
        ]


@pytest.fixture
def findings_database(database: Database) -> Database:
    """The migrated database."""
    return database


@pytest.fixture
def keeping(clock) -> QualityService:
    return QualityService(load_rules(), clock)


BAD = ("c: 坏了", "a: 您好", "a: 随便你，保证全额退款，再见")


class TestStore:
    def test_finding_is_kept_open_with_places_and_no_words(self, findings_database, keeping, transcript, clock):
        talk = transcript(*BAD)

        with findings_database.transaction() as session:
            keeping.store(session, "conv-1", keeping.scan(talk), ticket_id="T-1")

        with findings_database.transaction() as session:
            [banned, over] = keeping.queue(session)
        assert (banned.finding.rule, over.finding.rule) == ("banned_word", "over_promise")
        assert (banned.status, banned.ticket_id, banned.created_at) == (FindingStatus.OPEN, "T-1", clock.now())
        assert [place.quote for place in banned.finding.evidence] == [""]
        assert [place.quote for place in quoted(banned.finding.evidence, talk)] == ["随便你"]

    def test_no_word_of_the_conversation_is_in_the_database(self, findings_database, keeping, transcript):
        with findings_database.transaction() as session:
            keeping.store(session, "conv-1", keeping.scan(transcript(*BAD)))

        with findings_database.reading() as session:
            rows = session.connection().exec_driver_sql("SELECT * FROM quality_findings").all()
        content = repr([tuple(row) for row in rows])
        assert "禁语" in content
        assert "随便你" not in content

    def test_second_scan_creates_nothing(self, findings_database, keeping, transcript):
        with findings_database.transaction() as session:
            first = keeping.store(session, "conv-1", keeping.scan(transcript(*BAD)))
        with findings_database.transaction() as session:
            second = keeping.store(session, "conv-1", keeping.scan(transcript(*BAD)))

            assert second == first
            assert len(keeping.queue(session)) == 2

    def test_later_scan_brings_open_findings_up_to_date(self, findings_database, keeping, transcript):
        with findings_database.transaction() as session:
            [first, _] = keeping.store(session, "conv-1", keeping.scan(transcript(*BAD)))
            [again, _] = keeping.store(session, "conv-1", keeping.scan(transcript(*BAD, "a: 爱买不买，再见")))

        assert again.id == first.id
        assert [place.turn_index for place in again.finding.evidence] == [2, 3]

    def test_reviewed_finding_is_not_replaced(self, findings_database, keeping, transcript):
        with findings_database.transaction() as session:
            [first, _] = keeping.store(session, "conv-1", keeping.scan(transcript(*BAD)))
            reviewed = keeping.review(session, first.id, Verdict.REJECT, "qa", "玩笑话")

            keeping.store(session, "conv-1", keeping.scan(transcript(*BAD, "a: 爱买不买，再见")))

            assert keeping.get(session, first.id) == reviewed

    def test_open_finding_that_a_scan_no_longer_makes_is_withdrawn_and_comes_back(
        self, findings_database, keeping, transcript
    ):
        with findings_database.transaction() as session:
            [first, _] = keeping.store(session, "conv-1", keeping.scan(transcript(*BAD)))
            keeping.store(session, "conv-1", [])
            withdrawn = keeping.get(session, first.id)
            keeping.store(session, "conv-1", keeping.scan(transcript(*BAD)))
            back = keeping.get(session, first.id)

        assert (withdrawn.status, back.status) == (FindingStatus.WITHDRAWN, FindingStatus.OPEN)

    def test_other_conversations_are_left_alone(self, findings_database, keeping, transcript):
        with findings_database.transaction() as session:
            keeping.store(session, "conv-1", keeping.scan(transcript(*BAD)))
            keeping.store(session, "conv-2", [])

            assert len(keeping.queue(session)) == 2

    def test_new_rule_version_makes_new_findings_and_keeps_reviews(self, findings_database, keeping, transcript):
        """QA-07."""
        rules = load_rules().model_copy(update={"version": "default.v2"})
        newer = QualityService(RuleSet.model_validate(rules.model_dump()))
        talk = transcript(*BAD)
        with findings_database.transaction() as session:
            [old, unreviewed] = keeping.store(session, "conv-1", keeping.scan(talk))
            keeping.review(session, old.id, Verdict.AGREE, "qa", "")

            new = newer.store(session, "conv-1", newer.scan(talk))

            assert {stored.finding.rule_version for stored in new} == {"default.v2"}
            assert keeping.get(session, old.id).status is FindingStatus.AGREED
            assert keeping.get(session, unreviewed.id).status is FindingStatus.WITHDRAWN
            assert [s.finding.rule_version for s in keeping.of_conversation(session, "conv-1")].count("default.v1") == 1


class TestReview:
    @pytest.mark.parametrize("verdict", Verdict)
    def test_verdict_closes_the_finding(self, findings_database, keeping, transcript, clock, verdict):
        """QA-08, QA-11."""
        status = {Verdict.AGREE: FindingStatus.AGREED, Verdict.REJECT: FindingStatus.REJECTED}[verdict]
        with findings_database.transaction() as session:
            [first, _] = keeping.store(session, "conv-1", keeping.scan(transcript(*BAD)))
            clock.instant += timedelta(hours=1)

            done = keeping.review(session, first.id, verdict, "qa", "看过")

            assert (done.status, done.reviewer, done.comment) == (status, "qa", "看过")
            assert done.reviewed_at == clock.now()
            assert first.id not in {stored.id for stored in keeping.queue(session)}
            assert first.id in {stored.id for stored in keeping.queue(session, status)}

    def test_same_review_again_is_accepted(self, findings_database, keeping, transcript, clock):
        with findings_database.transaction() as session:
            [first, _] = keeping.store(session, "conv-1", keeping.scan(transcript(*BAD)))
            done = keeping.review(session, first.id, Verdict.AGREE, "qa", "")
            clock.instant += timedelta(hours=1)

            assert keeping.review(session, first.id, Verdict.AGREE, "qa", "") == done

    @pytest.mark.parametrize("second", [(Verdict.REJECT, "qa"), (Verdict.AGREE, "lead")])
    def test_another_review_is_refused(self, findings_database, keeping, transcript, second):
        with findings_database.transaction() as session:
            [first, _] = keeping.store(session, "conv-1", keeping.scan(transcript(*BAD)))
            keeping.review(session, first.id, Verdict.AGREE, "qa", "")

            with pytest.raises(FindingNotOpen):
                keeping.review(session, first.id, second[0], second[1], "")

    def test_withdrawn_finding_is_not_reviewed(self, findings_database, keeping, transcript):
        with findings_database.transaction() as session:
            [first, _] = keeping.store(session, "conv-1", keeping.scan(transcript(*BAD)))
            keeping.store(session, "conv-1", [])

            with pytest.raises(FindingNotOpen):
                keeping.review(session, first.id, Verdict.AGREE, "qa", "")

    def test_unknown_finding(self, findings_database, keeping):
        with findings_database.transaction() as session:
            for act in (
                lambda: keeping.review(session, "none", Verdict.AGREE, "qa", ""),
                lambda: keeping.get(session, "none"),
                lambda: keeping.queue(session, after="none"),
            ):
                with pytest.raises(FindingNotFound):
                    act()


class TestQueue:
    def test_pages_follow_each_other_by_severity_and_age(self, findings_database, keeping, transcript):
        mixed = keeping.scan(transcript("c: 坏了", "a: 随便你", "a: 尽快给您处理，再见"))
        assert [f.severity for f in mixed] == [Severity.HIGH, Severity.LOW, Severity.MEDIUM]
        with findings_database.transaction() as session:
            for number in range(4):
                keeping.store(session, f"conv-{number}", mixed)

            seen, after = [], None
            while page := keeping.queue(session, FindingStatus.OPEN, 5, after):
                seen += page
                after = page[-1].id
            whole = keeping.queue(session)

        assert seen == whole
        assert [s.finding.severity for s in whole] == [Severity.HIGH] * 4 + [Severity.MEDIUM] * 4 + [Severity.LOW] * 4
        assert [s.conversation_id for s in whole[:4]] == [f"conv-{n}" for n in range(4)]

    def test_page_goes_on_after_a_finding_that_was_reviewed_meanwhile(self, findings_database, keeping, transcript):
        with findings_database.transaction() as session:
            for number in range(3):
                keeping.store(session, f"conv-{number}", keeping.scan(transcript("a: 您好，随便你，再见")))
            [first] = keeping.queue(session, limit=1)
            keeping.review(session, first.id, Verdict.AGREE, "qa", "")

            rest = keeping.queue(session, limit=10, after=first.id)

        assert [stored.conversation_id for stored in rest] == ["conv-1", "conv-2"]

    @pytest.mark.parametrize(("limit", "rows"), [(0, 1), (-5, 1), (2, 2), (10_000, 3)])
    def test_limit_is_kept_in_bounds(self, findings_database, keeping, transcript, limit, rows):
        with findings_database.transaction() as session:
            for number in range(3):
                keeping.store(session, f"conv-{number}", keeping.scan(transcript("a: 您好，随便你，再见")))

            assert len(keeping.queue(session, limit=limit)) == rows


class TestCounts:
    def test_rules_are_counted_by_status_with_their_precision(self, findings_database, keeping, transcript):
        """QA-06."""
        with findings_database.transaction() as session:
            for number in range(4):
                keeping.store(session, f"conv-{number}", keeping.scan(transcript("a: 您好，随便你，再见")))
            ids = [stored.id for stored in keeping.queue(session)]
            for finding_id, verdict in zip(ids, [Verdict.AGREE, Verdict.AGREE, Verdict.REJECT], strict=False):
                keeping.review(session, finding_id, verdict, "qa", "")

            [count] = keeping.counts(session)

        assert (count.rule, count.rule_version) == ("banned_word", "default.v1")
        assert count.by_status == {
            FindingStatus.OPEN: 1,
            FindingStatus.AGREED: 2,
            FindingStatus.REJECTED: 1,
            FindingStatus.WITHDRAWN: 0,
        }
        assert count.precision == pytest.approx(2 / 3)

    def test_nothing_stored(self, findings_database, keeping):
        with findings_database.transaction() as session:
            assert keeping.counts(session) == []
