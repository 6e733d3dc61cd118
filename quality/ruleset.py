"""The schema of a rule set and its loading. Rules are data (``quality/rules/<name>.v<N>.yaml``); checks are code.

A rule names the check that reads it. Unknown keys are refused, and so is a pattern that RE2 cannot run in linear time,
so that nobody can slow the service down by a rule.
"""

from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from kit.patterns import compile_pattern
from kit.phrases import fold
from quality.errors import RuleSetInvalid
from quality.schemas import Severity
from tickets.words import Role

NOUN = "{noun}"
PHRASE_CHARS = 60  # longest phrase
_DEFAULT = Path(__file__).parent / "rules" / "default.v1.yaml"


def _checked(pattern: str) -> str:
    compile_pattern(pattern.replace(NOUN, "x"))
    return pattern


def _flat(value: object) -> object:
    """Let phrases be listed by language: ``{zh: [...], en: [...]}`` means the same as one list."""
    if isinstance(value, dict) and value.keys() <= {"zh", "en"}:
        return [phrase for part in value.values() for phrase in part]
    return value


def _readable(phrase: str) -> str:
    folded = fold(phrase).text
    if "\n" in folded or not folded.strip() or len(folded) > PHRASE_CHARS:
        message = f"phrase {phrase!r} is blank, has a line break, or is longer than {PHRASE_CHARS} characters"
        raise ValueError(message)
    return phrase


PatternText = Annotated[str, Field(min_length=1, max_length=1_000), AfterValidator(_checked)]
Phrase = Annotated[str, AfterValidator(_readable)]
Phrases = Annotated[tuple[Phrase, ...], BeforeValidator(_flat)]


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Words(_Data):
    """A sentence in both languages."""

    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)


class Pattern(_Data):
    """A pattern that is tried only where one of its triggers stands, so that most turns cost nothing."""

    triggers: Phrases = Field(min_length=1, description="Phrases of which one is in every match.")
    re2: PatternText = Field(description="On folded text: NFKC, lower case, half-width punctuation.")


class Filters(_Data):
    """What makes a hit none."""

    exceptions: Phrases = Field(default=(), description="A hit that touches one of these is none.")
    negations: Phrases = Field(default=(), description="A hit with one of these just before it is none.")
    unless: Phrases = Field(default=(), description="A hit whose sentence has one of these is none.")


class _Rule(Filters):
    name: str = Field(pattern=r"^[a-z][a-z_]{2,40}$", description="Stable name, used in reports.")
    severity: Severity
    score: int = Field(ge=0, le=100, description="Points taken off a scorecard of 100.")
    applies_to: tuple[Role, ...] = Field(min_length=1, description="Whose turns are judged.")
    explanation: Words = Field(description="What happened; {detail} is replaced by the check.")
    hint: Words = Field(description="What to do better.")
    phrases: Phrases = Field(default=(), description="What the check looks for.")
    patterns: tuple[Pattern, ...] = Field(default=(), description="The same, where words alone do not say it.")


class PhraseParameters(_Data):
    """Parameters of ``phrases`` and ``asking``."""

    negation_reach: int = Field(default=6, ge=0, le=40, description="How far before a hit a negation may end, chars.")


class PhraseRule(_Rule):
    """Something that must not be said."""

    check: Literal["phrases"]
    parameters: PhraseParameters = PhraseParameters()


class AskingRule(_Rule):
    """Something that must not be asked for; ``phrases`` are its names."""

    check: Literal["asking"]
    parameters: PhraseParameters = PhraseParameters()


class CourtesyParameters(_Data):
    """Parameters of ``courtesy``."""

    at: Literal["opening", "closing"]
    within_turns: int = Field(ge=1, le=20, description="Among how many of the speaker's first or last turns.")


class CourtesyRule(_Rule):
    """A courtesy that must be there; ``phrases`` are its forms, ``unless`` excuses the last turn of a talk."""

    check: Literal["courtesy"]
    parameters: CourtesyParameters


class Fact(_Data):
    """A fact that is asked for once."""

    fact: str = Field(pattern=r"^[a-z_]{2,40}$")
    label: Words
    nouns: Phrases = Field(default=(), description="Its names; fill {noun} in the forms of asking.")
    asks: tuple[Pattern, ...] = Field(default=(), description="Further ways to ask for it.")
    exceptions: Phrases = Field(default=(), description="Names of other things that contain one of its names.")
    reasons: Phrases = Field(default=(), description="Further good reasons to ask for it again.")
    values: tuple[PatternText, ...] = Field(min_length=1, description="What an answer looks like.")
    not_values: tuple[PatternText, ...] = Field(default=(), description="What looks like an answer and is none.")
    picture: bool = Field(default=False, description="A picture sent with a message is an answer.")


class RepetitionParameters(_Data):
    """Parameters of ``repetition``."""

    facts: tuple[Fact, ...] = Field(min_length=1)
    customer_reasons: Phrases = Field(default=(), description="Good reasons to ask again, said by the customer.")
    crossing_seconds: int = Field(ge=0, description="A question sent this soon after the answer crossed it.")


class RepetitionRule(_Rule):
    """A fact asked for after it was given; ``phrases`` are good reasons of the asking side to do so."""

    check: Literal["repetition"]
    parameters: RepetitionParameters


class WaitingParameters(_Data):
    """Parameters of ``waiting``."""

    minutes: dict[Role, int] = Field(description="Longest wait by who is in charge.")
    acknowledgements: Phrases = Field(description="A message of nothing else needs no answer.")
    withdrawals: Phrases = Field(description="Said last, they take a question back.")


class WaitingRule(_Rule):
    """A customer left waiting; ``phrases`` mark a question or a request."""

    check: Literal["waiting"]
    parameters: WaitingParameters


class PromiseParameters(_Data):
    """Parameters of ``promises``."""

    due: tuple[PatternText, ...] = Field(min_length=1, description="Words that say by when.")
    not_due: tuple[PatternText, ...] = Field(default=(), description="What looks like a time and is none.")
    negation_reach: int = Field(default=4, ge=0, le=40, description="How far before a promise a negation may end.")


class PromiseRule(_Rule):
    """A follow-up promised without a time; ``patterns`` find promises."""

    check: Literal["promises"]
    parameters: PromiseParameters


Rule = Annotated[
    PhraseRule | AskingRule | CourtesyRule | RepetitionRule | WaitingRule | PromiseRule, Field(discriminator="check")
]


class Asking(Filters):
    """How things are asked for, shared by the rules that look at questions."""

    forms: tuple[PatternText, ...] = Field(min_length=1, description="Patterns with {noun}.")

    @model_validator(mode="after")
    def _has_noun(self) -> "Asking":
        if missing := [form for form in self.forms if NOUN not in form]:
            message = f"no {NOUN} in {missing[0]!r}"
            raise ValueError(message)
        return self


class RuleSet(_Data):
    """A version of all rules."""

    version: str = Field(pattern=r"^[a-z][a-z0-9_]*\.v\d+$")
    asking: Asking
    rules: tuple[Rule, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _names_are_unique(self) -> "RuleSet":
        names = [rule.name for rule in self.rules]
        if len(set(names)) != len(names):
            message = "two rules of one name"
            raise ValueError(message)
        return self


def load_rules(path: Path = _DEFAULT) -> RuleSet:
    """Read a rule set.

    Args:
        path: A YAML file; the shipped rules where none is given.

    Returns:
        The checked rules.

    Raises:
        RuleSetInvalid: It cannot be read, has unknown keys, or a pattern that RE2 refuses.
    """
    try:
        return RuleSet.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise RuleSetInvalid(place + ": " + first["msg"]) from error
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise RuleSetInvalid(str(error).splitlines()[0]) from error
