"""``jiedai demo``: seed the demo shop, start the service, play the conversations, say what each became."""

import os
import shutil
import threading
import time
from pathlib import Path
from typing import Annotated

import typer
import uvicorn
from rich.console import Console

from api.app import create_app
from api.cli.context import opened
from api.cli.progress import bars
from api.cli.serve import listening_socket
from api.demo.player import Player, visitor_of
from api.demo.printing import print_story
from api.demo.stories import load_stories
from api.seed import seed, seed_staff
from api.wiring import Services
from kit.settings import Settings

_DEMO_AGENT = "he.qing"
_DEMO_LEAD = "gao.yuan"  # answers in the stories: an agent sees the own group's tickets only
_QUIET_MS = 300  # nobody types here: a shorter quiet window, the same way through the house
_SETTLE_SECONDS = 120.0


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def demo(
        *,
        once: Annotated[bool, typer.Option(help="End after the print.")] = False,
        reset: Annotated[bool, typer.Option(help="Forget the demo's data and end.")] = False,
    ) -> None:
        """Play the demo shop's conversations through the public API and stay up."""
        settings = Settings()
        if reset:
            shutil.rmtree(settings.data_dir, ignore_errors=True)
            typer.echo(f"{settings.data_dir} is gone")
            return
        quick = settings.intake.model_copy(update={"quiet_window_ms": min(_QUIET_MS, settings.intake.quiet_window_ms)})
        run_demo(settings.model_copy(update={"intake": quick}), once=once)


def run_demo(settings: Settings, *, once: bool) -> None:
    """Run the demo.

    Args:
        settings: Where, and on which data folder.
        once: End after the print instead of staying up.
    """
    console = Console(soft_wrap=True, highlight=False)
    begun = time.monotonic()
    listener = listening_socket(settings)
    host, port = listener.getsockname()[:2]
    url = f"http://{host}:{port}"
    with opened(settings=settings) as services:
        with bars(console) as report:
            seed(services, report)
        password = _password(services, settings.data_dir / "demo-sign-in.txt")
        server = uvicorn.Server(uvicorn.Config(create_app(services), log_config=None))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        _play(services, console, url, password)
        console.print(f"\nready after {time.monotonic() - begun:.0f} s")
        _addresses(console, url, password)
        try:
            while thread.is_alive() and not once:
                thread.join(1.0)
        except KeyboardInterrupt:
            console.print("stopping")
        server.should_exit = True
        thread.join(_SETTLE_SECONDS)


def _play(services: Services, console: Console, url: str, password: str) -> None:
    stories = load_stories()
    known = _played(services)
    missing = [s for s in stories if s.id not in known]
    with bars(console) as report:
        played: list[str] = []

        def done(_: object) -> None:
            played.append("")
            report("conversations", len(played), len(missing))

        known |= Player(url, (_DEMO_LEAD, password)).play_all(missing, done)
    settle(services)
    for story in stories:
        print_story(console, services, story, known[story.id])
    with services.database.reading() as session:
        filed = services.tickets.figures(session)["all"]["total"]
    console.print(f"{len(stories)} conversations, {filed} tickets")


def settle(services: Services, patience_seconds: float = _SETTLE_SECONDS) -> None:
    """Wait until no job is due or running any more."""
    end = time.monotonic() + patience_seconds
    while time.monotonic() < end:
        with services.database.reading() as session:
            if services.queue.idle(session):
                return
        time.sleep(0.1)


def _played(services: Services) -> dict[str, str]:
    with services.database.reading() as session:
        found = {
            s.id: services.conversations.find(session, channel="web", account="default", external_user=visitor_of(s))
            for s in load_stories()
        }
    return {story_id: conversation_id for story_id, conversation_id in found.items() if conversation_id}


def _password(services: Services, path: Path) -> str:
    """Return the demo staff's password, made on the first start and kept where only the user can read it."""
    made = seed_staff(services)
    if made:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(made)
        return made
    return path.read_text(encoding="ascii") if path.exists() else ""


def _addresses(console: Console, url: str, password: str) -> None:
    console.print(f"customer  {url}/chat")
    for page in ("desk", "quality", "reports"):
        console.print(f"staff     {url}/{page}")
    console.print(f"sign in as {_DEMO_AGENT} (agent), or a QA lead or team lead of people.yaml; password: {password}")
