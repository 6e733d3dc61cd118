"""Rule sets are data that is checked before it is used."""

import copy
from pathlib import Path

import pytest
import yaml

from quality.errors import RuleSetInvalid
from quality.ruleset import load_rules
from quality.service import QualityService
from tickets.words import Role

SHIPPED = Path(load_rules.__code__.co_filename).parent / "rules" / "default.v1.yaml"
NAMES = [
    "banned_word",
    "no_greeting",
    "no_closing",
    "repeated_asking",
    "customer_unanswered",
    "promise_without_due_time",
    "over_promise",
    "asks_personal_data",
]


@pytest.fixture
def data() -> dict:
    return copy.deepcopy(yaml.safe_load(SHIPPED.read_text(encoding="utf-8")))


@pytest.fixture
def load(tmp_path):
    def load_data(data: object):
        path = tmp_path / "rules.yaml"
        path.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
        return load_rules(path)

    return load_data


def rule(data: dict, name: str) -> dict:
    return next(item for item in data["rules"] if item["name"] == name)


class TestShippedRules:
    def test_eight_rules_judge_agents_and_bots(self):
        """QA-10."""
        rules = load_rules()

        assert sorted(r.name for r in rules.rules) == sorted(NAMES)
        assert all(set(r.applies_to) == {Role.AGENT, Role.BOT} for r in rules.rules)

    @pytest.mark.parametrize("name", NAMES)
    def test_hints_and_explanations_are_in_both_languages(self, name):
        [found] = [r for r in load_rules().rules if r.name == name]

        for words in (found.hint, found.explanation):
            assert any("\u4e00" <= c <= "\u9fff" for c in words.zh)
            assert words.en.isascii()

    def test_no_phrase_is_listed_twice(self, data):
        for item in data["rules"]:
            for key in ("phrases", "exceptions", "negations", "unless"):
                for phrases in item.get(key, {}).values():
                    assert sorted({p for p in phrases if phrases.count(p) > 1}) == [], (item["name"], key)


class TestLoadRules:
    def test_phrases_may_be_listed_by_language_or_plainly(self, data, load):
        rule(data, "banned_word")["phrases"] = ["不归我管"]

        assert next(r for r in load(data).rules if r.name == "banned_word").phrases == ("不归我管",)

    def test_norms_of_a_bot_may_differ(self, data, load, transcript):
        rule(data, "no_closing")["applies_to"] = ["agent"]
        service = QualityService(load(data))

        assert [f.rule for f in service.scan(transcript("b: 您好", "b: 六个月。"))] == []
        assert [f.rule for f in service.scan(transcript("a: 您好", "a: 六个月。"))] == ["no_closing"]

    def test_tuned_rule_changes_the_findings(self, data, load):
        """QA-11."""
        rule(data, "banned_word")["exceptions"]["zh"].append("随便你选")
        service = QualityService(load(data))

        assert service.check_draft("颜色随便你选", Role.AGENT) == []
        assert [f.rule for f in service.check_draft("随便你", Role.AGENT)] == ["banned_word"]

    @pytest.mark.parametrize(
        "spoil",
        [
            lambda d: d.update(unknown=1),
            lambda d: d["rules"][0].update(unknown=1),
            lambda d: rule(d, "no_greeting")["parameters"].update(unknown=1),
            lambda d: d["rules"][0].pop("hint"),
            lambda d: d["rules"][0].update(score=101),
            lambda d: d["rules"][0].update(severity="fatal"),
            lambda d: d["rules"][0].update(check="magic"),
            lambda d: d["rules"][0].update(applies_to=[]),
            lambda d: d["rules"].append(d["rules"][0]),
            lambda d: d["asking"]["forms"].append("no place for the thing"),
            lambda d: d.update(version="latest"),
        ],
    )
    def test_malformed_rules_are_refused(self, data, load, spoil):
        spoil(data)

        with pytest.raises(RuleSetInvalid) as raised:
            load(data)
        assert raised.value.message("zh").startswith("质检规则无效")

    @pytest.mark.parametrize("pattern", ["(?<=不)会", r"(a)\1", "a(?!b)", "[", "x{2000}"])
    def test_pattern_that_re2_refuses_is_refused(self, data, load, pattern):
        """A35: nothing that may take more than linear time."""
        rule(data, "over_promise")["patterns"].append({"triggers": ["会"], "re2": pattern})

        with pytest.raises(RuleSetInvalid, match="pattern"):
            load(data)

    @pytest.mark.parametrize("phrase", ["", " ", "\u200b", "两\n行", "长" * 61, "㌖" * 20])
    def test_phrase_that_cannot_match_is_refused(self, data, load, phrase):
        rule(data, "banned_word")["phrases"]["zh"].append(phrase)

        with pytest.raises(RuleSetInvalid, match="phrase"):
            load(data)

    def test_asking_form_that_grows_too_large_with_its_names_is_refused(self, data, load):
        data["asking"]["forms"].append("(?:{noun}.{0,900}){1,900}")

        with pytest.raises(RuleSetInvalid):
            QualityService(load(data))

    def test_file_that_is_no_rule_set_is_refused(self, tmp_path):
        for number, content in enumerate([b"[", b"\xff\xfe\x00", b"- a", b""]):
            path = tmp_path / f"{number}.yaml"
            path.write_bytes(content)

            with pytest.raises(RuleSetInvalid):
                load_rules(path)

        with pytest.raises(RuleSetInvalid):
            load_rules(tmp_path / "missing.yaml")
