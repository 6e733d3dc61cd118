"""What can be wrong with a measurement."""

from pathlib import Path

from kit.errors import JiedaiError


class DataMissing(JiedaiError):
    """A suite's folder lacks a file."""

    code = "data_missing"

    def __init__(self, folder: Path, name: str) -> None:
        super().__init__(
            f"{folder} 中缺少 {name}.jsonl（或 .jsonl.gz）", f"{folder} has no {name}.jsonl (or .jsonl.gz)", field=name
        )


class DataInvalid(JiedaiError):
    """A line of a data file has the wrong shape."""

    code = "data_invalid"

    def __init__(self, path: Path, line: int, reason: str) -> None:
        super().__init__(f"{path.name} 第 {line} 行：{reason}", f"{path.name} line {line}: {reason}", field=path.name)


class UnknownSuite(JiedaiError):
    """There is no such suite."""

    code = "unknown_suite"

    def __init__(self, name: str, known: str) -> None:
        super().__init__(f"没有「{name}」这个评测，可用：{known}", f"There is no suite {name!r}; there are: {known}")
