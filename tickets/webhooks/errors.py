"""What webhooks refuse."""

from kit.errors import ErrorKind, JiedaiError


class EndpointNotFound(JiedaiError):
    """No such endpoint."""

    kind = ErrorKind.NOT_FOUND
    code = "endpoint_not_found"

    def __init__(self) -> None:
        super().__init__("找不到这个接收地址", "There is no such endpoint")


class DeliveryNotFound(JiedaiError):
    """No such delivery, or one that is still on its way."""

    kind = ErrorKind.NOT_FOUND
    code = "delivery_not_found"

    def __init__(self) -> None:
        super().__init__("找不到这次投递，或它仍在投递中", "There is no such delivery, or it is still on its way")


class EndpointInactive(JiedaiError):
    """Nothing is sent to an endpoint that is switched off."""

    kind = ErrorKind.CONFLICT
    code = "endpoint_inactive"

    def __init__(self) -> None:
        super().__init__("该接收地址已停用，请先启用", "This endpoint is switched off; switch it on first")


class EndpointKnown(JiedaiError):
    """The address is an endpoint already."""

    kind = ErrorKind.CONFLICT
    code = "endpoint_known"

    def __init__(self) -> None:
        super().__init__("该地址已经登记过", "This address is an endpoint already", field="url")
