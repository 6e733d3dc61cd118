"""Writing a result: JSON for programs, one HTML file for people, CSV of failures, JUnit for CI."""

import csv
import html
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from xml.etree import ElementTree as ET

from evals.gates import Verdict
from evals.schemas import Metric, SuiteResult

SCHEMA = 1
_MAX_FAILURES_SHOWN = 200
_STYLE = (
    "body{font:14px/1.6 system-ui,'Noto Sans CJK SC',sans-serif;max-width:1000px;margin:24px auto;padding:0 16px}"
    "table{border-collapse:collapse;width:100%}th,td{border-bottom:1px solid #ddd;padding:4px 8px;text-align:left}"
    "td.n{text-align:right;font-variant-numeric:tabular-nums}.bad{color:#b42318}.good{color:#1a7f37}"
)


def write_report(result: SuiteResult, verdicts: list[Verdict], folder: Path) -> None:
    """Write ``report.json``, ``report.html``, ``failures.csv`` and ``junit.xml`` into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "report.json").write_text(
        json.dumps(as_json(result), ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )
    (folder / "report.html").write_text(_html(result, verdicts), encoding="utf-8")
    _csv(result, folder / "failures.csv")
    _junit(result, verdicts, folder / "junit.xml")


def as_json(result: SuiteResult) -> dict[str, object]:
    """Return the result in the report's stable shape."""
    return {
        "schema": SCHEMA,
        "suite": result.suite,
        "metrics": {name: asdict(m) for name, m in result.metrics.items()},
        "versions": dict(result.versions),
        "slices": {key: {name: asdict(m) for name, m in many.items()} for key, many in result.slices.items()},
        "curves": {name: [list(point) for point in points] for name, points in result.curves.items()},
    }


def line(name: str, metric: Metric) -> str:
    """Return a metric as the command prints it: ``name value [low, high] n``."""
    return f"{name:28} {metric.value:8.4f} [{metric.low:.4f}, {metric.high:.4f}] {metric.n}"


def _csv(result: SuiteResult, path: Path) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["case", "expected", "got", "text"])
        writer.writerows([[_cell(v) for v in (f.case, f.expected, f.got, f.text)] for f in result.failures])


def _cell(value: str) -> str:
    """Keep a spreadsheet from running a cell as a formula (A41)."""
    return f"'{value}" if value[:1] in "=+-@\t\r＝" and value else value


def _junit(result: SuiteResult, verdicts: list[Verdict], path: Path) -> None:
    failed = [v for v in verdicts if not v.holds]
    root = ET.Element("testsuite", name=result.suite, tests=str(len(verdicts)), failures=str(len(failed)))
    for verdict in verdicts:
        case = ET.SubElement(root, "testcase", classname=result.suite, name=verdict.metric)
        if not verdict.holds:
            ET.SubElement(case, "failure", message=verdict.text)
    ET.ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)


def _html(result: SuiteResult, verdicts: list[Verdict]) -> str:
    bad = sum(not v.holds for v in verdicts)
    state = f"{bad} of {len(verdicts)} gates missed" if bad else f"all {len(verdicts)} gates hold"
    parts = [
        f"<!doctype html><html lang='en'><meta charset='utf-8'><title>{html.escape(result.suite)}</title>",
        f"<style>{_STYLE}</style><h1>{html.escape(result.suite)}</h1>",
        f"<p class='{'bad' if bad else 'good'}'>{state}</p>",
        _table("Metrics", result.metrics),
        *(_table(f"Slice: {name}", many) for name, many in result.slices.items()),
        "<h2>Gates</h2><ul>",
        *(f"<li class='{'good' if v.holds else 'bad'}'>{html.escape(v.text)}</li>" for v in verdicts),
        "</ul><h2>Versions</h2><ul>",
        *(f"<li>{html.escape(k)}: {html.escape(v)}</li>" for k, v in result.versions.items()),
        f"</ul><h2>Failures ({len(result.failures)})</h2>",
        "<table><tr><th>case</th><th>expected</th><th>got</th><th>text</th></tr>",
        *(
            "<tr>" + "".join(f"<td>{html.escape(v)}</td>" for v in (f.case, f.expected, f.got, f.text)) + "</tr>"
            for f in result.failures[:_MAX_FAILURES_SHOWN]
        ),
        "</table></html>",
    ]
    return "\n".join(parts)


def _table(title: str, metrics: Mapping[str, Metric]) -> str:
    rows = "".join(
        f"<tr><td>{html.escape(name)}</td><td class='n'>{m.value:.4f}</td>"
        f"<td class='n'>{m.low:.4f} – {m.high:.4f}</td><td class='n'>{m.n}</td></tr>"
        for name, m in metrics.items()
    )
    head = "<tr><th>metric</th><th>value</th><th>95 % interval</th><th>n</th></tr>"
    return f"<h2>{html.escape(title)}</h2><table>{head}{rows}</table>"
