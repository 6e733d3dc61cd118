"""What surveys refuse."""

from kit.errors import ErrorKind, JiedaiError


class SurveyNotFound(JiedaiError):
    """No such survey, or not this customer's: the two are not told apart."""

    kind = ErrorKind.NOT_FOUND
    code = "survey_not_found"

    def __init__(self) -> None:
        super().__init__("找不到这份评价", "This survey does not exist")


class SurveyOver(JiedaiError):
    """The time to answer is over."""

    kind = ErrorKind.CONFLICT
    code = "survey_over"

    def __init__(self) -> None:
        super().__init__("评价时间已过，谢谢您", "The time to answer is over. Thank you")


class ScoreRequired(JiedaiError):
    """An answer without a score from 1 to 5."""

    code = "score_required"

    def __init__(self) -> None:
        super().__init__("请选择 1 到 5 分", "Please choose a score from 1 to 5", field="score")
