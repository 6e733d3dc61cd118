"""What can go wrong with knowledge, as facts with a sentence for the user."""

from kit.errors import ErrorKind, JiedaiError


class ArticleUnreadable(JiedaiError):
    """An article file is not what it should be; the sentences say where."""

    kind = ErrorKind.INVALID
    code = "article_unreadable"


class ArticleVersionChanged(JiedaiError):
    """A released version came again with another content; citations of it would no longer be true."""

    kind = ErrorKind.CONFLICT
    code = "article_version_changed"

    def __init__(self, article_id: str, version: int) -> None:
        super().__init__(
            f"文章 {article_id} 第 {version} 版已发布，内容不能再改；请把版本号加一",
            f"Version {version} of article {article_id} is released and cannot change; raise the version number",
        )


class ArticleNotFound(JiedaiError):
    """No such article or version."""

    kind = ErrorKind.NOT_FOUND
    code = "article_not_found"

    def __init__(self, article_id: str, version: int) -> None:
        super().__init__(
            f"没有这篇文章：{article_id} 第 {version} 版", f"No such article: {article_id} version {version}"
        )


class PassageNotFound(JiedaiError):
    """No such passage."""

    kind = ErrorKind.NOT_FOUND
    code = "passage_not_found"

    def __init__(self, passage_id: str) -> None:
        super().__init__(f"没有这段内容：{passage_id}", f"No such passage: {passage_id}")


class ArticleNotReleasable(JiedaiError):
    """The step is not allowed from where the article stands, e.g. releasing without a second person."""

    kind = ErrorKind.CONFLICT
    code = "article_not_releasable"
