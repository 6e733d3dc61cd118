"""What forms refuse."""

from collections.abc import Sequence

from kit.errors import ErrorKind, Issue, JiedaiError


class FormIncomplete(JiedaiError):
    """A form that is not what its template asks for; each place is named (FM-03)."""

    code = "form_incomplete"

    def __init__(self, issues: Sequence[Issue]) -> None:
        first = issues[0]
        super().__init__(
            f"还有 {len(issues)} 处需要补充或更正：{first.reason_zh}",
            f"{len(issues)} places need attention: {first.reason_en}",
            field=first.field,
            issues=issues,
        )


class FileRefused(JiedaiError):
    """A file that a field of a form does not take."""

    code = "file_refused"

    def __init__(self, field: str, zh: str, en: str) -> None:
        super().__init__(zh, en, field=field)


class FieldNotFound(JiedaiError):
    """The form has no such field, or nothing in it."""

    kind = ErrorKind.NOT_FOUND
    code = "form_field_not_found"

    def __init__(self, name: str) -> None:
        super().__init__("表单没有这个字段或没有填写", "The form has no such field, or it is empty", field=name[:80])


class FormFileNotFound(JiedaiError):
    """No such file in this ticket's form."""

    kind = ErrorKind.NOT_FOUND
    code = "form_file_not_found"

    def __init__(self) -> None:
        super().__init__("找不到这个文件", "This file does not exist")


class FormNotWaiting(JiedaiError):
    """There is nothing to decide about this form: it is not in the queue, or somebody was faster."""

    kind = ErrorKind.CONFLICT
    code = "form_not_waiting"

    def __init__(self) -> None:
        super().__init__("这份资料不在待核队列中", "This form is not waiting for a decision")


class FormChanged(JiedaiError):
    """Somebody handed in a newer version since this one was read."""

    kind = ErrorKind.CONFLICT
    code = "form_changed"

    def __init__(self) -> None:
        super().__init__("资料刚有更新，请刷新后再提交", "The form has a newer version; reload and try again")


class ReasonMissing(JiedaiError):
    """A form is sent back without saying why."""

    code = "reason_missing"

    def __init__(self) -> None:
        super().__init__("请写明退回原因", "Say why it is sent back", field="reason")


class TooManyFiles(JiedaiError):
    """More files waiting on a ticket's form than anybody needs."""

    kind = ErrorKind.TOO_MANY
    code = "too_many_form_files"

    def __init__(self, limit: int) -> None:
        super().__init__(f"文件太多，最多 {limit} 个", f"Too many files: at most {limit}", field="file")


class TemplateNotFound(JiedaiError):
    """The book has no such form."""

    kind = ErrorKind.NOT_FOUND
    code = "form_template_not_found"

    def __init__(self) -> None:
        super().__init__("找不到这份表单", "This form does not exist")
