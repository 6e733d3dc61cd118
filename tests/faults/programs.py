"""Where the servers' programs are on this machine."""

import getpass
import os
import shutil
import subprocess
from pathlib import Path


class ServerMissing(RuntimeError):
    """A server's programs are not installed."""


def program(name: str, *folders: str) -> str:
    """Return a program's path, looked for in these folders first.

    Raises:
        ServerMissing: It is not installed.
    """
    found = shutil.which(name, path=os.pathsep.join([*folders, os.environ.get("PATH", "")]))
    if found is None:
        message = f"no {name} on this machine"
        raise ServerMissing(message)
    return found


def postgres_bin() -> Path:
    """Return the folder of the server's programs; Debian keeps them off the path, one folder a version."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name), reverse=True)
    asked = shutil.which("pg_config")
    if asked is not None:
        answer = subprocess.run([asked, "--bindir"], capture_output=True, text=True, check=False)
        folders.append(Path(answer.stdout.strip()))
    found = next((f for f in folders if (f / "initdb").exists() and (f / "postgres").exists()), None)
    if found is None:
        raise ServerMissing("no PostgreSQL server on this machine")
    return found


def plain_env() -> dict[str, str]:
    """Return an environment without anything of ours in it."""
    return {"PATH": os.environ.get("PATH", ""), "LANG": "C.UTF-8", "HOME": str(Path.home()), "USER": getpass.getuser()}
