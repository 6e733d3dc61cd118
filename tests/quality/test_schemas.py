"""Values of the package."""

from quality.schemas import FindingStatus, RuleCount, TurnEvidence, quoted


def test_quoted_fills_in_words_of_known_turns_only(transcript):
    talk = transcript("a: 随便你")

    places = quoted((TurnEvidence(0, 0, 2), TurnEvidence(7, 0, 2)), talk)

    assert [place.quote for place in places] == ["随便", ""]


def test_precision_of_a_rule_without_reviews_is_unknown():
    assert RuleCount("banned_word", "default.v1", {FindingStatus.OPEN: 3}).precision is None
    assert RuleCount("banned_word", "default.v1", {FindingStatus.REJECTED: 2}).precision == 0
