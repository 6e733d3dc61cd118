"""What can be wrong with a shop's catalogue."""

from kit.errors import ErrorKind, JiedaiError


class CatalogInvalid(JiedaiError):
    """The shop's catalogue cannot be used: a pattern that RE2 refuses, or an entry without its name."""

    kind = ErrorKind.INVALID
    code = "catalog_invalid"

    def __init__(self, what: str) -> None:
        super().__init__(f"商品目录有误：{what}", f"The catalogue is wrong: {what}", field="catalog")
