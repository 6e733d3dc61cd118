"""Values of classification that others may hold: the taxonomy, examples, scores, the urgency vote."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from intake.classification.errors import TaxonomyInvalid
from kit.learn.calibration import Floats
from tickets.words import LabelPath, Priority

_CHILDREN = ("types", "causes", "details")  # the key that holds the nodes of each level


@dataclass(frozen=True, slots=True)
class Label:
    """A node of the taxonomy.

    Attributes:
        path: Ids from the type down to this node.
        zh: Its name.
        en: Its name in English.
        definition: What belongs here and, after a semicolon, what does not; may be empty.
    """

    path: LabelPath
    zh: str
    en: str
    definition: str = ""


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """The tree of labels of a shop: data, not code (CL-01, CL-02). Nothing outside it can ever be predicted.

    Attributes:
        labels: All nodes, parents before their children, in the order of the file.
        leaves: Paths without children, in the same order.
        paths: All paths, leaves and parents.
    """

    labels: tuple[Label, ...]
    leaves: tuple[LabelPath, ...] = field(init=False)
    paths: frozenset[LabelPath] = field(init=False)
    _by_path: Mapping[LabelPath, Label] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_path = {label.path: label for label in self.labels}
        parents = {path[:-1] for path in by_path}
        object.__setattr__(self, "leaves", tuple(path for path in by_path if path not in parents))
        object.__setattr__(self, "paths", frozenset(by_path))
        object.__setattr__(self, "_by_path", by_path)
        if not self.leaves:
            raise TaxonomyInvalid("it has no label")
        if len(by_path) != len(self.labels) or not parents <= {(), *by_path}:
            raise TaxonomyInvalid("a path occurs twice or lacks its parent")

    @classmethod
    def from_mapping(cls, data: Mapping[str, Any]) -> Self:
        """Read the shape of ``taxonomy.yaml``: types → causes → details, each ``{id, zh, en}``.

        Args:
            data: ``{"types": [{"id", "zh", "en", "causes": [{…, "details": [{…, "definition_zh"}]}]}]}``.

        Raises:
            TaxonomyInvalid: A key is missing, an id is empty or occurs twice, or a level has no nodes.
        """
        labels: list[Label] = []
        try:
            _collect(data[_CHILDREN[0]], (), labels)
        except (KeyError, TypeError, AttributeError) as error:
            reason = f"{type(error).__name__}: {error}"
            raise TaxonomyInvalid(reason) from error
        ids = [label.path[-1] for label in labels]
        if twice := sorted({name for name in ids if ids.count(name) > 1}):
            reason = f"ids occur twice: {', '.join(twice)}"
            raise TaxonomyInvalid(reason)
        return cls(tuple(labels))

    @classmethod
    def from_paths(cls, paths: Iterable[LabelPath]) -> Self:
        """Make a taxonomy from bare label paths, e.g. those of a public data set; names are the ids."""
        nodes = {path[:n]: None for path in paths for n in range(1, len(path) + 1)}
        return cls(tuple(Label(path, path[-1], path[-1]) for path in nodes))

    def contains(self, path: LabelPath) -> bool:
        """Tell whether a path, leaf or parent, belongs to the taxonomy."""
        return path in self.paths

    def name(self, path: LabelPath, lang: str = "zh") -> tuple[str, ...]:
        """Return the names along a path; an id that is unknown (an old ticket's) stands for itself."""
        nodes = [
            self._by_path.get(path[:n], Label(path[:n], path[n - 1], path[n - 1])) for n in range(1, len(path) + 1)
        ]
        return tuple(node.zh if lang.lower().startswith("zh") else node.en for node in nodes)

    def label(self, path: LabelPath) -> Label:
        """Return a node.

        Raises:
            KeyError: The taxonomy has no such path.
        """
        return self._by_path[path]

    @property
    def fingerprint(self) -> str:
        """SHA-256 over all nodes: another name or definition is another taxonomy."""
        content = json.dumps([[*label.path, label.zh, label.en, label.definition] for label in self.labels])
        return hashlib.sha256(content.encode()).hexdigest()


def _collect(nodes: Sequence[Mapping[str, Any]], above: LabelPath, labels: list[Label]) -> None:
    where = "/".join(above) or "the root"
    ids = [str(node["id"]).strip() for node in nodes]
    if not ids or not all(ids):
        reason = f"no label, or one without an id, below {where}"
        raise TaxonomyInvalid(reason)
    for node, name in zip(nodes, ids, strict=True):
        path = (*above, name)
        labels.append(Label(path, str(node["zh"]), str(node["en"]), str(node.get("definition_zh", ""))))
        if len(path) < len(_CHILDREN):
            _collect(node[_CHILDREN[len(path)]], path, labels)


@dataclass(frozen=True, slots=True)
class Example:
    """A labelled text.

    Attributes:
        text: A customer's words.
        label: The full path of a leaf; None: out of scope (small talk, spam, other matters).
    """

    text: str
    label: LabelPath | None


@dataclass(frozen=True, slots=True)
class Scored:
    """What the classifier thinks of some texts, before any threshold.

    Attributes:
        paths: The leaves, in the order of the columns.
        probabilities: Calibrated, shape (n, leaves); a row sums to 1 minus the chance of being out of scope.
        scope: Shape (n,), higher means more surely in scope; comparable within one model only.
    """

    paths: tuple[LabelPath, ...]
    probabilities: Floats
    scope: Floats

    def best(self) -> list[tuple[LabelPath, float]]:
        """Return the most probable leaf of each text with its probability."""
        columns = self.probabilities.argmax(axis=1)
        return [(self.paths[c], float(row[c])) for c, row in zip(columns, self.probabilities, strict=True)]


@dataclass(frozen=True, slots=True)
class UrgencyVote:
    """A rule's vote beside the classifier: these words make the case urgent (CL-15).

    Attributes:
        priority: What the rule proposes.
        rule: Which rule, e.g. ``fire``.
        words: The words as they were written.
        start: Where they begin in the raw text, in code points.
        end: Just past them.
        reason_zh: One sentence for a person.
        reason_en: The same in English.
    """

    priority: Priority
    rule: str
    words: str
    start: int
    end: int
    reason_zh: str
    reason_en: str
