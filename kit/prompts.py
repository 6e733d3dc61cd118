"""Prompts as files: a header, a Jinja2 body, and every text from outside fenced as data when it is rendered.

A prompt is ``<package>/prompts/<name>.v<N>.md``. Its hash stands in ``prompts.lock`` beside it, and a test compares the
two: whoever changes a body without a new version breaks the build.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import yaml
from jinja2 import Environment, StrictUndefined, TemplateError

from kit.errors import ErrorKind, JiedaiError

LOCK_NAME = "prompts.lock"
_FILE = re.compile(r"[a-z][a-z0-9_]{0,60}\.v\d{1,4}\.md")
_SYSTEM, _USER = "\n=== system ===\n", "\n=== user ===\n"
_MARK_DIGITS = 12


class PromptInvalid(JiedaiError):
    """A prompt file that cannot be used, or values that do not fit it."""

    kind = ErrorKind.INVALID
    code = "prompt_invalid"

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"提示词 {name} 无法使用：{reason}", f"Prompt {name} cannot be used: {reason}")


class Trusted(str):
    """Words of our own, rendered as they are; every other string is fenced."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Rendered:
    """A prompt ready to be sent.

    Attributes:
        prompt: ``<id>.v<version>``, recorded with what came of it.
        sha256: Hash of the prompt's file, 64 hexadecimal digits.
    """

    prompt: str
    sha256: str
    system: str
    user: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt file.

    Attributes:
        purpose: What it is for, in one sentence.
        max_tokens: Longest answer asked for.
        sha256: Hash of the whole file.
    """

    id: str
    version: int
    purpose: str
    max_tokens: int
    sha256: str
    system: str
    user: str

    def render(self, values: Mapping[str, object]) -> Rendered:
        """Fill in values.

        Args:
            values: Numbers and ``Trusted`` words are rendered as they are, all other strings fenced as data.

        Raises:
            PromptInvalid: A value the body uses is missing.
        """
        environment = _environment()
        try:
            system, user = (environment.from_string(part).render(values) for part in (self.system, self.user))
        except TemplateError as error:
            raise PromptInvalid(self.id, str(error)) from error
        return Rendered(f"{self.id}.v{self.version}", self.sha256, system.strip(), user.strip())


def load_prompt(path: Path) -> Prompt:
    """Read a prompt file.

    Raises:
        PromptInvalid: Its name, header or parts are not as they should be.
    """
    if not _FILE.fullmatch(path.name):
        raise PromptInvalid(path.name, "name")
    text = path.read_text(encoding="utf-8")
    head, system, user = _parts(path.name, text)
    name, version = head.get("id"), head.get("version")
    if path.name != f"{name}.v{version}.md":
        raise PromptInvalid(path.name, "id or version differ from the file's name")
    purpose, max_tokens = head.get("purpose"), head.get("max_tokens")
    if not isinstance(purpose, str) or not isinstance(version, int) or not isinstance(max_tokens, int):
        raise PromptInvalid(path.name, "header")
    return Prompt(str(name), version, purpose, max_tokens, _hash(text), system, user)


def fenced(text: str) -> str:
    """Put text of strangers between two marks that it cannot contain.

    The mark holds a hash of the text itself, so nobody can write a text that closes its own fence.
    """
    mark = sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_MARK_DIGITS]
    return f"<data {mark}>\n{text}\n</data {mark}>"


def lock_of(folder: Path) -> str:
    """Return what the folder's lock file should say: a line a prompt, ``<sha256>  <file>``."""
    files = sorted(path for path in folder.glob("*.md"))
    return "".join(f"{_hash(path.read_text(encoding='utf-8'))}  {path.name}\n" for path in files)


def _parts(name: str, text: str) -> tuple[dict[str, object], str, str]:
    opened, _, rest = text.replace("\r\n", "\n").partition("---\n")
    head, closed, body = rest.partition("\n---")
    before, system_mark, rest = body.partition(_SYSTEM)
    system, user_mark, user = rest.partition(_USER)
    if opened or not (closed and system_mark and user_mark) or before.strip():
        raise PromptInvalid(name, "header, system part or user part is missing")
    try:
        loaded = yaml.safe_load(head)
    except yaml.YAMLError as error:
        raise PromptInvalid(name, "header") from error
    if not isinstance(loaded, dict):
        raise PromptInvalid(name, "header")
    return loaded, system, user


def _environment() -> Environment:
    return Environment(
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 - a prompt is no HTML; strings from outside are fenced instead
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalise,
    )


def _finalise(value: object) -> object:
    return fenced(value) if isinstance(value, str) and not isinstance(value, Trusted) else value


def _hash(text: str) -> str:
    return sha256(text.replace("\r\n", "\n").encode()).hexdigest()
