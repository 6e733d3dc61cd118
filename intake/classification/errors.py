"""What can go wrong with the taxonomy and the classifier."""

from kit.errors import ErrorKind, JiedaiError
from tickets.words import LabelPath


class TaxonomyInvalid(JiedaiError):
    """The taxonomy file cannot be used."""

    code = "taxonomy_invalid"

    def __init__(self, reason: str) -> None:
        super().__init__(f"分类体系无法使用：{reason}", f"The taxonomy cannot be used: {reason}", field="taxonomy")


class LabelOutsideTaxonomy(JiedaiError):
    """A training example carries a label that is no leaf of the taxonomy (CL-06)."""

    code = "label_outside_taxonomy"

    def __init__(self, label: LabelPath) -> None:
        path = "/".join(label)
        super().__init__(f"样本的分类不在分类体系的末级中：{path}", f"No leaf of the taxonomy: {path}", field="label")


class TooFewExamples(JiedaiError):
    """There is too little to learn from: fewer than two rows, or fewer than two labels."""

    code = "too_few_examples"

    def __init__(self) -> None:
        super().__init__(
            "训练样本太少：至少需要两个分类的样本", "Too few examples: at least two labels are needed", field="examples"
        )


class ClassifierNotCurrent(JiedaiError):
    """The stored classifier was made by another encoder or for another taxonomy."""

    kind = ErrorKind.UNAVAILABLE
    code = "classifier_not_current"

    def __init__(self) -> None:
        super().__init__(
            "分类模型与当前编码器或分类体系不符，请重新训练",
            "The classifier belongs to another encoder or taxonomy; train it again",
        )
