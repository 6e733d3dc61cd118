"""Makes `.venv` and installs the locked packages; run by `make setup`, before anything else is there.

Standard library only, and only syntax and annotations that Python 3.6 can read: an old Python must get its one clear
sentence, not a SyntaxError.
"""
# ruff: noqa: INP001, S603, T201 - a script that speaks to a person and starts nothing but its own interpreters

import argparse
import hashlib
import json
import platform
import shutil
import subprocess
import sys
from collections import deque
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OLDEST_PYTHON = (3, 11)
# The wheels of onnxruntime and qdrant-edge-py are built for this C library and newer.
OLDEST_GLIBC = (2, 28)
NEEDED_BYTES = 1_500_000_000
SUPPORTED = {("Linux", "x86_64"), ("Linux", "aarch64"), ("Darwin", "arm64")}
STAMP = ".jiedai-setup.json"


class SetupProblem(Exception):
    """Why the set-up cannot go on, in one sentence that says what to do."""


def python_problem(version: tuple) -> str:
    """Say what is wrong with a Python of this version; empty where nothing is."""
    if tuple(version[:2]) >= OLDEST_PYTHON:
        return ""
    found = ".".join(str(part) for part in version[:3])
    return (
        f"Jiedai needs Python 3.11 or newer, this is {found}: "
        "install a newer one and name it, as in `make setup PYTHON=/path/to/python3.11`."
    )


def platform_problem(system: str, machine: str, libc: tuple) -> str:
    """Say why the locked packages have no wheels for a system; empty where they do.

    Args:
        system: As ``platform.system`` says it.
        machine: As ``platform.machine`` says it.
        libc: Name and version of the C library, as ``platform.libc_ver`` says them.
    """
    if (system, machine) not in SUPPORTED:
        return (
            f"Jiedai runs on Linux (x86-64, aarch64) and on macOS (Apple silicon), not on {system} {machine}: "
            "use one of these, or a virtual machine with one."
        )
    name, version = libc
    digits = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
    if system == "Linux" and (name != "glibc" or digits < OLDEST_GLIBC):
        return (
            f"Jiedai needs glibc 2.28 or newer, this system has {name or 'another C library'} {version}: "
            "use Debian 10, Ubuntu 20.04, RHEL 8 or newer."
        )
    return ""


def disk_problem(folder: Path, free_bytes: int) -> str:
    """Say that the packages would fill the disk; empty where there is room."""
    if free_bytes >= NEEDED_BYTES:
        return ""
    return (
        f"Jiedai needs 1.5 GB of free disk space for its packages, {folder} has {free_bytes / 1e9:.1f} GB: "
        "free some space or clone it to another disk."
    )


def venv_problem() -> str:
    """Say that this Python came without what makes virtual environments (Debian splits it off); else empty."""
    missing = [name for name in ("venv", "ensurepip") if find_spec(name) is None]
    if not missing:
        return ""
    return "This Python cannot make virtual environments: install `python3-venv` (Debian, Ubuntu) and try again."


def wanted_stamp(root: Path) -> dict:
    """Describe what a finished set-up of this checkout looks like."""
    return {
        "root": str(root),  # a moved folder has scripts that point to the old place
        "runtime": _digest(root / "requirements" / "runtime.lock"),
        "dev": _digest(root / "requirements" / "dev.lock"),
        "project": _digest(root / "pyproject.toml"),
    }


def read_stamp(venv: Path) -> dict:
    """Return what the last set-up wrote; empty where there is none or it cannot be read."""
    try:
        stamp = json.loads((venv / STAMP).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def missing_parts(found: dict, wanted: dict, lock: str) -> list:
    """Return what is still to be installed: ``venv``, ``packages``, ``project``; each includes those after it.

    Args:
        found: The stamp of the last set-up.
        wanted: The stamp of a finished one.
        lock: ``runtime`` or ``dev``; the second holds everything of the first.
    """
    if found.get("root", wanted["root"]) != wanted["root"]:
        return ["venv", "packages", "project"]
    if found.get(lock) != wanted[lock]:
        return ["packages", "project"]
    return [] if found.get("project") == wanted["project"] else ["project"]


def new_stamp(found: dict, wanted: dict, lock: str) -> dict:
    """Return the stamp after a set-up with ``lock``."""
    stamp = dict(wanted)
    if lock == "runtime" and found.get("dev") != wanted["dev"]:
        del stamp["dev"]
    return stamp


def works(python: Path) -> bool:
    """Return whether an environment's Python starts, is new enough and has pip."""
    code = f"import sys, pip; sys.exit(sys.version_info < {OLDEST_PYTHON})"
    try:
        done = subprocess.run(
            [str(python), "-I", "-c", code], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False
        )
    except OSError:
        return False
    return done.returncode == 0


def install(python: Path, arguments: list, total: int) -> None:
    """Run pip and show how far it is.

    Args:
        python: The environment's interpreter.
        arguments: Of ``pip install``.
        total: How many packages are expected, for the counter.

    Raises:
        SetupProblem: pip failed; its last words have been printed.
    """
    command = [str(python), "-I", "-m", "pip", "install", "--disable-pip-version-check", *arguments]
    last_words = deque(maxlen=12)
    seen = 0
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True
    ) as process:
        for line in process.stdout:
            last_words.append(line.rstrip())
            if line.startswith(("Collecting ", "Requirement already satisfied")):
                seen += 1
                _show(f"  {seen}/{max(total, seen)} {line.split()[1].split('=')[0]}")
            elif line.startswith("Installing collected"):
                _show("  unpacking …")
    _show("")
    if process.returncode != 0:
        print("\n".join(last_words))
        raise SetupProblem(
            "Installing the packages failed, see pip's last words above: is the package index within reach? "
            "Run the same command again to go on."
        )


def first_problem(root: Path, parts: list) -> str:
    """Say what stands in the way of installing these parts; empty where nothing does."""
    problems = []
    if "venv" in parts:
        problems += [python_problem(sys.version_info), venv_problem()]
        problems.append(disk_problem(root, shutil.disk_usage(str(root)).free))
    if "packages" in parts:
        libc = platform.libc_ver() if platform.system() == "Linux" else ("", "")
        problems.append(platform_problem(platform.system(), platform.machine(), libc))
    return next(filter(None, problems), "")


def set_up(root: Path, lock: str) -> None:
    """Bring ``.venv`` to what the lock file says; does nothing where it is there already.

    Args:
        root: The checkout.
        lock: ``runtime`` or ``dev``.

    Raises:
        SetupProblem: What stands in the way.
    """
    venv = root / ".venv"
    python = venv / "bin" / "python"
    found, wanted = read_stamp(venv), wanted_stamp(root)
    parts = missing_parts(found, wanted, lock) if works(python) else ["venv", "packages", "project"]
    if not parts:
        return
    problem = first_problem(root, parts)
    if problem:
        raise SetupProblem(problem)
    if "venv" in parts:
        found = {}
        subprocess.check_call([sys.executable, "-m", "venv", "--clear", str(venv)])
    if found:
        (venv / STAMP).unlink()  # a set-up that is cut short must not look finished
    if "packages" in parts:
        lock_file = root / "requirements" / f"{lock}.lock"
        print(f"Installing the packages of requirements/{lock}.lock; the first time that downloads about 350 MB.")
        install(python, ["--require-hashes", "--no-deps", "-r", str(lock_file)], _packages(lock_file))
    install(python, ["--no-deps", "--no-build-isolation", "--editable", str(root)], 1)
    (venv / STAMP).write_text(json.dumps(new_stamp(found, wanted, lock), indent=1), encoding="utf-8")
    print(f"Ready: {venv / 'bin' / 'jiedai'}")


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description="Make .venv and install the locked packages.")
    parser.add_argument("--dev", action="store_true", help="with what the checks and tests need")
    options = parser.parse_args()
    try:
        set_up(ROOT, "dev" if options.dev else "runtime")
    except SetupProblem as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _packages(lock_file: Path) -> int:
    """Count a lock file's packages; a few belong to other systems and are skipped by pip."""
    return sum("==" in line for line in lock_file.read_text(encoding="utf-8").splitlines())


def _show(text: str) -> None:
    """Overwrite the line on a terminal; a log gets nothing."""
    if sys.stdout.isatty():
        print(f"\r\033[K{text}", end="", flush=True)


if __name__ == "__main__":
    sys.exit(main())
