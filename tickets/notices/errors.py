"""What notices refuse."""

from kit.errors import ErrorKind, JiedaiError
from tickets.notices.schemas import Audience, Channel


class NoticeNotFound(JiedaiError):
    """No such notice, or one that is still on its way."""

    kind = ErrorKind.NOT_FOUND
    code = "notice_not_found"

    def __init__(self) -> None:
        super().__init__("找不到这条通知，或它仍在发送中", "There is no such notice, or it is still on its way")


class TemplateNotFound(JiedaiError):
    """The book has no such template."""

    kind = ErrorKind.NOT_FOUND
    code = "template_not_found"

    def __init__(self) -> None:
        super().__init__("找不到这个通知模板", "There is no such template")


class PlaceNotFound(JiedaiError):
    """Nothing of that name is registered for the channel."""

    code = "notice_place_not_found"

    def __init__(self, name: str) -> None:
        super().__init__(f"没有登记名为「{name}」的接收处", f"No place named {name!r} is registered", field="target")


class PlaceKnown(JiedaiError):
    """The name is taken."""

    kind = ErrorKind.CONFLICT
    code = "notice_place_known"

    def __init__(self, name: str) -> None:
        super().__init__(f"名称「{name}」已被使用", f"The name {name!r} is taken", field="name")


class PlaceNameRefused(JiedaiError):
    """A name that a template could not refer to."""

    code = "notice_place_name_refused"

    def __init__(self) -> None:
        super().__init__(
            "名称须为文字、数字、- 或 _，最多 40 个字符",
            "A name has letters, digits, - or _, 40 characters at most",
            field="name",
        )


class SecretRequired(JiedaiError):
    """A signed robot without its secret."""

    code = "notice_secret_required"

    def __init__(self) -> None:
        super().__init__("请填写机器人的加签密钥", "Give the robot's signing secret", field="secret")


class WrongChannel(JiedaiError):
    """A channel that does not reach such an audience, or needs another kind of target."""

    code = "notice_wrong_channel"

    def __init__(self, channel: Channel, target: Audience | str) -> None:
        super().__init__(
            f"渠道 {channel} 不能发给 {target}", f"The channel {channel} does not reach {target}", field="channel"
        )


class AddressRefused(JiedaiError):
    """No mail address, no phone number."""

    code = "notice_address_refused"

    def __init__(self, channel: Channel) -> None:
        what = ("邮箱地址", "a mail address") if channel is Channel.MAIL else ("手机号", "a phone number")
        super().__init__(f"这不是有效的{what[0]}", f"This is not {what[1]}", field="address")


class AlwaysTold(JiedaiError):
    """Escalations reach everybody they concern."""

    code = "notice_always_told"

    def __init__(self) -> None:
        super().__init__("升级通知不能关闭", "Notices of escalations cannot be switched off", field="event")


class NoAddress(JiedaiError):
    """A test has nowhere to go."""

    kind = ErrorKind.CONFLICT
    code = "notice_no_address"

    def __init__(self) -> None:
        super().__init__(
            "您还没有填写接收测试的邮箱或手机号（在收件箱页设置）",
            "You have no address for a test of this channel yet; set one on your inbox page",
            field="address",
        )
