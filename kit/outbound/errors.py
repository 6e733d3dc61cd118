"""Why a request was not made or not answered."""

from enum import StrEnum

from kit.errors import ErrorKind, JiedaiError


class TargetRefused(JiedaiError):
    """An address inside our own network, or no web address at all."""

    code = "target_refused"

    def __init__(self) -> None:
        super().__init__(
            "不能向这个地址发送：只允许公网的 https 地址，或设置中列出的内网主机",
            "Nothing is sent to this address: only public https addresses, or private hosts that the settings list",
            field="url",
        )


class Unreachable(StrEnum):
    """How a request failed."""

    CONNECT = "connect"
    TIMEOUT = "timeout"
    BAD_ANSWER = "bad_answer"  # TLS that cannot be trusted, or no HTTP


class TargetUnreachable(JiedaiError):
    """A server that may be called, but did not answer."""

    kind = ErrorKind.UNAVAILABLE
    code = "target_unreachable"

    def __init__(self, how: Unreachable) -> None:
        super().__init__("对方服务器没有应答", "The other server did not answer")
        self.how = how
