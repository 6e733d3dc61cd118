"""What keeping staff and tokens refuses."""

from kit.errors import ErrorKind, JiedaiError


class PersonNotFound(JiedaiError):
    """No such member of staff."""

    kind = ErrorKind.NOT_FOUND
    code = "person_not_found"

    def __init__(self) -> None:
        super().__init__("找不到这个人员", "There is no such person", field="username")


class PersonKnown(JiedaiError):
    """The user name is taken."""

    kind = ErrorKind.CONFLICT
    code = "person_known"

    def __init__(self) -> None:
        super().__init__("该用户名已被使用", "This user name is taken", field="username")


class UsernameRefused(JiedaiError):
    """Not a user name."""

    code = "username_refused"

    def __init__(self) -> None:
        super().__init__(
            "用户名由 2 到 40 个小写字母、数字、点、横线或下划线组成，以字母或数字开头，且不能是系统保留的名称",
            "A user name has 2 to 40 small letters, digits, dots, dashes or underscores, begins with a letter or digit "
            "and is none of the house's own words",
            field="username",
        )


class NameRequired(JiedaiError):
    """A name without anything to read."""

    code = "name_required"

    def __init__(self) -> None:
        super().__init__("请填写名称", "Please give a name", field="name")


class GroupNotFound(JiedaiError):
    """No such group."""

    code = "group_not_found"

    def __init__(self) -> None:
        super().__init__("没有这个小组", "There is no such group", field="group")


class UnknownLine(JiedaiError):
    """A product line that the shop has not."""

    code = "unknown_line"

    def __init__(self) -> None:
        super().__init__("没有这条产品线", "There is no such product line", field="lines")


class LastAdministrator(JiedaiError):
    """Without this one nobody could keep people any more."""

    kind = ErrorKind.CONFLICT
    code = "last_administrator"

    def __init__(self) -> None:
        super().__init__(
            "这是最后一位管理员，不能停用或更改角色；请先指定另一位管理员",
            "This is the last administrator and can be neither deactivated nor demoted; make another one first",
        )


class PasswordTooWeak(JiedaiError):
    """A password that is guessed first."""

    code = "password_too_weak"

    @classmethod
    def short(cls, least: int) -> "PasswordTooWeak":
        """Return the refusal of a short one."""
        return cls(f"密码至少 {least} 个字符", f"A password has at least {least} characters", field="password")

    @classmethod
    def name(cls) -> "PasswordTooWeak":
        """Return the refusal of the user name."""
        return cls("密码不能与用户名相同", "The password must not be the user name", field="password")

    @classmethod
    def common(cls) -> "PasswordTooWeak":
        """Return the refusal of one that everybody tries."""
        return cls(
            "这个密码太常见，请换一个", "This password is tried first by everybody; choose another", field="password"
        )


class TokenNotFound(JiedaiError):
    """No such token."""

    kind = ErrorKind.NOT_FOUND
    code = "token_not_found"

    def __init__(self) -> None:
        super().__init__("找不到这个令牌，或它已被吊销", "There is no such token, or it was revoked")


class ScopeTooWide(JiedaiError):
    """A token would do what its owner may not, or what no program may."""

    code = "scope_too_wide"

    def __init__(self) -> None:
        super().__init__(
            "令牌的权限不能为空，也不能超出其所有者可授予的权限",
            "A token needs rights, and only such as its owner has and may pass on",
            field="scopes",
        )


class ExpiryPassed(JiedaiError):
    """A token that would have ended already."""

    code = "expiry_passed"

    def __init__(self) -> None:
        super().__init__("到期时间必须在将来", "The expiry must lie ahead", field="expires")


class OldPasswordWrong(JiedaiError):
    """Somebody who wants a new password does not know the old one."""

    code = "old_password_wrong"

    def __init__(self) -> None:
        super().__init__("当前密码不正确", "The present password is wrong", field="old")
