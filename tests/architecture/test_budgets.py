"""Files and functions stay within their budgets, and the script that says so can count."""

from pathlib import Path

import pytest

from scripts.budgets import FILE_MAX, FUNCTION_MAX, ROOT, functions_of, measure, percentile


def test_the_house_is_within_its_budgets() -> None:
    report = measure(ROOT)

    assert report.broken == ()
    assert len(report.files) > 50  # it did look


def _function(lines: int) -> str:
    return "def f():\n" + "    x = 1\n" * (lines - 1)


class TestMeasure:
    def test_long_file_is_reported(self, tmp_path: Path) -> None:
        _write(tmp_path, "kit/long.py", "x = 1\n" * (FILE_MAX + 1))

        assert any("kit/long.py: 501 lines" in sentence for sentence in measure(tmp_path).broken)

    def test_long_function_is_reported(self, tmp_path: Path) -> None:
        _write(tmp_path, "api/long.py", _function(FUNCTION_MAX + 1))

        assert any("api/long.py:1 f: 61 lines" in sentence for sentence in measure(tmp_path).broken)

    def test_many_long_functions_break_the_percentile(self, tmp_path: Path) -> None:
        _write(tmp_path, "api/long.py", _function(41) * 6)
        _write(tmp_path, "api/short.py", _function(2) * 94)

        assert measure(tmp_path).broken == ("95 % of the functions are within 41 lines, the budget is 40",)

    def test_short_things_break_nothing(self, tmp_path: Path) -> None:
        _write(tmp_path, "kit/short.py", _function(FUNCTION_MAX))
        _write(tmp_path, "kit/others.py", _function(3) * 30)

        assert measure(tmp_path).broken == ()

    @pytest.mark.parametrize(
        ("where", "lines"),
        [("tests/kit/test_x.py", 601), ("api/web/templates/x.html", 151), ("api/web/static/x.js", 121)],
    )
    def test_other_kinds_have_their_own_limit(self, tmp_path: Path, where: str, lines: int) -> None:
        _write(tmp_path, where, "x\n" * lines)

        assert [sentence.split(":")[0] for sentence in measure(tmp_path).broken] == [where]

    def test_vendored_and_generated_files_do_not_count(self, tmp_path: Path) -> None:
        _write(tmp_path, "api/web/static/vendor/htmx.js", "x\n" * 5000)
        _write(tmp_path, "api/migrations/versions/0001.py", "x = 1\n" * 5000)

        assert measure(tmp_path).broken == ()


class TestFunctionsOf:
    def test_self_is_no_argument_that_a_caller_gives(self) -> None:
        (method,) = functions_of("x.py", "class A:\n    def m(self, a, b, *, c):\n        pass\n")

        assert (method.where, method.lines, method.positional) == ("x.py:2 m", 2, 2)

    def test_a_framework_calls_an_endpoint_by_name(self) -> None:
        (route,) = functions_of("x.py", "@router.get('/')\ndef page(a, b, c, d, e, f):\n    pass\n")

        assert route.positional == 0


@pytest.mark.parametrize(("share", "expected"), [(0.5, 10), (0.95, 19), (1.0, 20)])
def test_percentile_is_the_nearest_rank(share: float, expected: int) -> None:
    assert percentile(list(range(1, 21)), share) == expected


def _write(root: Path, where: str, text: str) -> None:
    (root / where).parent.mkdir(parents=True, exist_ok=True)
    (root / where).write_text(text, encoding="utf-8")
