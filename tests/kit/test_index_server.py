import pytest

from kit.index.adapters.server import ServerIndex
from kit.index.ports import IndexQuery, IndexUnavailable, SparseVector

NOBODY = "http://127.0.0.1:9"  # the discard port: nothing listens there


def test_server_away_is_unavailable() -> None:
    """F14."""
    index = ServerIndex(NOBODY, "", 4)

    with pytest.raises(IndexUnavailable) as caught:
        index.search(IndexQuery(None, SparseVector((1,), (1.0,))))
    assert "检索索引" in caught.value.message_zh


def test_key_is_in_no_message() -> None:
    index = ServerIndex("https://127.0.0.1:9", "very-secret", 4)

    with pytest.raises(IndexUnavailable) as caught:
        index.inventory()
    assert "very-secret" not in f"{caught.value} {caught.value.__cause__}"


def test_encoders_do_not_share_a_collection() -> None:
    names = {ServerIndex(NOBODY, "", width, signature=name)._alias for width in (4, 8) for name in ("a", "b")}

    assert len(names) == 4
