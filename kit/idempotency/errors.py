"""What can be wrong with an idempotency key."""

from kit.errors import ErrorKind, JiedaiError

FIELD = "Idempotency-Key"


class KeyReused(JiedaiError):
    """The key came before with something else."""

    code = "idempotency_key_reused"

    def __init__(self) -> None:
        super().__init__(
            "这个幂等键已用于另一个请求，请换一个新的键",
            "This idempotency key was used for another request; take a new one",
            field=FIELD,
        )


class KeyInUse(JiedaiError):
    """The first request with the key is still being worked on."""

    kind = ErrorKind.CONFLICT
    code = "idempotency_key_in_use"
    passing = True

    def __init__(self) -> None:
        super().__init__(
            "相同幂等键的请求正在处理，请稍后重试",
            "A request with this idempotency key is being worked on; try again shortly",
            field=FIELD,
        )


class KeyUnusable(JiedaiError):
    """A key of the wrong length or with characters that no header should have."""

    code = "idempotency_key_unusable"

    def __init__(self, longest: int) -> None:
        super().__init__(
            f"幂等键应为 1 到 {longest} 个可见的 ASCII 字符",
            f"An idempotency key has 1 to {longest} visible ASCII characters",
            field=FIELD,
        )
