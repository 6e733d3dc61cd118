"""Plain values of the knowledge base that other packages may hold: no database type, no behaviour to speak of."""

from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum


class ArticleKind(StrEnum):
    """What an article is; it decides how it is cut into passages."""

    FAQ = "faq"
    SOP = "sop"
    CODE_TABLE = "code_table"
    POLICY = "policy"


class Audience(StrEnum):
    """Who may see an article; an agent sees both kinds."""

    CUSTOMER = "customer"
    AGENT = "agent"


class ArticleStatus(StrEnum):
    """Where a version stands; only published ones are ever found."""

    DRAFT = "draft"
    REVIEW = "review"
    PUBLISHED = "published"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class Article:
    """One version of an article.

    Attributes:
        products: Product lines it is about; empty: all. The same holds for models, regions and channels.
        labels: Taxonomy paths that it helps with.
        effective_from: First instant in force.
        effective_to: First instant no longer in force; ``None``: open end.
        body: Markdown.
        approved_by: Who released it; empty: nobody yet.
        questions: How customers ask for it; they help to find it and are never shown, quoted or cited.
    """

    id: str
    version: int
    kind: ArticleKind
    title: str
    lang: str
    audience: Audience
    status: ArticleStatus
    effective_from: datetime
    effective_to: datetime | None
    body: str
    products: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    labels: tuple[tuple[str, ...], ...] = ()
    approved_by: str = ""
    questions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Passage:
    """The smallest thing that is found and cited: a section, a step, a row of a code table, a clause.

    Attributes:
        id: ``<article>@<version>#<ordinal>``; a citation of it stays true, because a version never changes.
        heading: Path of headings above it, e.g. ``步骤 3``.
        code: The fault code of a code-table row, else empty.
        family: The product line of a code-table row, else empty.
        step: The step's number in an SOP, else ``None``.
    """

    id: str
    article_id: str
    version: int
    title: str
    heading: str
    text: str
    kind: ArticleKind
    ordinal: int
    lang: str = "zh"
    code: str = ""
    family: str = ""
    step: int | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """A step of an SOP.

    Attributes:
        expected: What should then be so; empty where the article does not say.
        otherwise: What to do when it is not; empty where the article does not say.
    """

    number: int
    action: str
    expected: str
    otherwise: str
    passage_id: str


@dataclass(frozen=True, slots=True)
class Scope:
    """For whom, about what and when; a side that is ``None`` or empty is left open.

    Attributes:
        at: The instant whose rules apply: usually now, for an old order its date.
    """

    at: datetime
    audience: Audience = Audience.CUSTOMER
    product: str | None = None
    model: str | None = None
    region: str | None = None
    channel: str | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """A found passage.

    Attributes:
        score: Fused z-score; comparable within one search only.
        dense_score: Cosine, ``None`` where the passage was not among the dense arm's candidates.
        lexical_score: BM25, 0 where no term is shared.
        degraded: Whether only words were compared because encoder or index were unavailable.
    """

    passage: Passage
    score: float
    dense_score: float | None
    lexical_score: float
    degraded: bool = False


class CodeVerdict(StrEnum):
    """What the code tables say of a code."""

    FOUND = "found"
    AMBIGUOUS = "ambiguous"  # several rows fit; the candidates are listed, none is chosen
    NO_SUCH_CODE = "no_such_code"  # the tables in scope do not have it; never the nearest one instead
    NO_TABLE = "no_table"  # there is no code table in scope to look in


@dataclass(frozen=True, slots=True)
class CodeAnswer:
    """The outcome of an exact code lookup.

    Attributes:
        asked: The code as it was asked for.
        passage: The row, where the verdict is ``FOUND``.
        folded: Whether the spelling differed from the table's in more than case (``E07`` for ``E-07``).
        candidates: Rows that fit equally well, where the verdict is ``AMBIGUOUS``.
    """

    verdict: CodeVerdict
    asked: str
    passage: Passage | None = None
    folded: bool = False
    candidates: tuple[Passage, ...] = ()


class Support(StrEnum):
    """Whether a passage bears a sentence out."""

    SUPPORTED = "supported"
    UNSUPPORTED = "unsupported"  # the passage does not say it
    CONTRADICTED = "contradicted"  # the passage says it otherwise: another number, the opposite


@dataclass(frozen=True, slots=True)
class GroundingVerdict:
    """The judgement of one sentence against one passage.

    Attributes:
        score: 0 to 1, share of the sentence's words that the best place of the passage has.
        reason: What decided, for a person: ``number``, ``code``, ``negation``, ``opposite``, ``words`` or empty.
    """

    support: Support
    score: float
    reason: str = ""

    @property
    def supported(self) -> bool:
        """Whether the sentence may be said."""
        return self.support is Support.SUPPORTED


@dataclass(frozen=True, slots=True)
class CitedSentence:
    """A sentence of an answer and the passage it comes from."""

    text: str
    passage_id: str


@dataclass(frozen=True, slots=True)
class Citation:
    """Where an answer comes from: a passage of a version, which never changes."""

    passage_id: str
    article_id: str
    version: int
    title: str
    heading: str

    def as_json(self) -> dict[str, object]:
        """Return the values by name."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Answer:
    """An extracted answer: every sentence stands word for word in a passage in force.

    Attributes:
        probability: Calibrated, 0 to 1, that the first passage answers the question.
        citations: The passages of the sentences, each once, in order.
        hits: What was found, best first; the answer is taken from the first.
    """

    sentences: tuple[CitedSentence, ...]
    probability: float
    citations: tuple[Citation, ...]
    hits: tuple[Hit, ...]

    @property
    def text(self) -> str:
        """The sentences, a line a passage."""
        lines: dict[str, str] = {}
        for sentence in self.sentences:
            lines[sentence.passage_id] = lines.get(sentence.passage_id, "") + _spaced(sentence.text)
        return "\n".join(line.strip() for line in lines.values())


@dataclass(frozen=True, slots=True)
class Refusal:
    """A file that was not imported, and why."""

    source: str
    reason_zh: str
    reason_en: str


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did, counted in files.

    Attributes:
        added: Articles that were not known.
        new_versions: Further versions of known ones.
        unchanged: Versions that were there already.
        questions_changed: Versions that were there already, now found by other questions.
        refused: Files that were left out.
    """

    added: int = 0
    new_versions: int = 0
    unchanged: int = 0
    refused: tuple[Refusal, ...] = ()
    questions_changed: int = 0

    @property
    def total(self) -> int:
        """Files read."""
        return self.added + self.new_versions + self.unchanged + self.questions_changed + len(self.refused)


def _spaced(sentence: str) -> str:
    """End a sentence so that the next one can follow: a full stop needs no space in Chinese, a heading a line break."""
    if sentence.endswith(("。", "！", "？", "；", "」", "）")):
        return sentence
    return f"{sentence} " if sentence.endswith((".", "!", "?")) else f"{sentence}\n"
