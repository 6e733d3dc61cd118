"""Starting where something is wrong: one clear sentence, in both languages."""

import fcntl
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from api.cli.context import DataFolderBusy, opened
from api.cli.serve import PortBusy, listening_socket
from kit.jobs.errors import ServerDatabaseRequired
from kit.settings import Settings


def test_a_second_process_on_the_same_data_folder_is_told_so(tmp_path: Path) -> None:
    (tmp_path / "owner.lock").touch()
    with (tmp_path / "owner.lock").open("a+") as held:
        fcntl.flock(held, fcntl.LOCK_EX)

        with pytest.raises(DataFolderBusy) as refused, opened(settings=Settings(data_dir=tmp_path)):
            pytest.fail("the folder is somebody else's")

    assert str(tmp_path) in refused.value.message("zh")
    assert "JIEDAI_DATA_DIR" in refused.value.message("en")


def test_a_busy_port_is_named_before_anything_heavy_is_loaded() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        with pytest.raises(PortBusy, match=str(port)):
            listening_socket(Settings.model_validate({"web": {"port": port}}))


def test_answers_do_not_wait_for_more_to_send() -> None:
    """Measured: a keep-alive client waited 45 ms for every answer, since asyncio did not know the socket for TCP."""
    with listening_socket(Settings.model_validate({"web": {"port": 0}})) as listener:
        assert listener.proto == socket.IPPROTO_TCP


def test_the_command_says_one_sentence_and_no_traceback(tmp_path: Path) -> None:
    environment = {**os.environ, "JIEDAI_DATA_DIR": str(tmp_path), "JIEDAI_SHOP_DIR": str(tmp_path / "nothing")}
    command = [sys.executable, "-c", "from api.cli import main; main()", "classify", "train"]

    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)

    assert done.returncode == 1
    assert done.stderr.startswith("jiedai: catalog.yaml")
    assert "Traceback" not in done.stderr


CELERY = {"driver": "celery", "broker_url": "amqp://guest:guest@127.0.0.1:9//"}


def test_several_processes_need_a_database_server(tmp_path: Path) -> None:
    settings = Settings.model_validate({"data_dir": tmp_path, "jobs": CELERY})

    with pytest.raises(ServerDatabaseRequired), opened(settings=settings):
        pytest.fail("SQLite is no server")


@pytest.mark.parametrize(
    ("command", "jobs", "sentence"),
    [
        ("worker", {}, "jiedai serve runs the jobs itself here"),
        ("beat", {}, "jiedai serve runs the jobs itself here"),
        ("worker", CELERY, "The Celery driver needs PostgreSQL"),
        ("beat", CELERY, "The Celery driver needs PostgreSQL"),
        ("worker", {**CELERY, "broker_url": "redis://127.0.0.1:9/0"}, "Redis is not accepted as the broker"),
        ("beat", {**CELERY, "broker_url": ""}, "Set JIEDAI_JOBS__BROKER_URL"),
    ],
)
def test_worker_processes_say_what_they_miss(tmp_path: Path, command: str, jobs: dict[str, str], sentence: str) -> None:
    environment = {**os.environ, "JIEDAI_DATA_DIR": str(tmp_path)}
    if jobs is not CELERY:
        environment["JIEDAI_DATABASE_URL"] = "postgresql+psycopg://nobody@127.0.0.1:9/none"
    environment |= {f"JIEDAI_JOBS__{name.upper()}": value for name, value in jobs.items()}

    done = subprocess.run(
        [sys.executable, "-m", "api.cli", command],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 1
    assert done.stderr.startswith(f"jiedai: {sentence}")
    assert "Traceback" not in done.stderr
