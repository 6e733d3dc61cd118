"""All settings in one frozen tree, read once by the composition root; no package reads the environment."""

from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class _Group(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class WebSettings(_Group):
    """Where the service listens and what it accepts."""

    host: str = Field(default="127.0.0.1", description="Address to listen on.")
    port: int = Field(default=8700, ge=0, le=65535, description="TCP port; 0 lets the system choose.")
    public_url: str = Field(default="", description="Base of links in messages; empty: http://host:port.")
    secure_cookies: bool = Field(default=False, description="Set behind HTTPS: cookies travel over HTTPS only.")
    max_message_chars: int = Field(default=8_000, ge=100, description="Longest text message accepted.")
    max_body_bytes: int = Field(default=12_000_000, ge=1_000, description="Largest request body accepted.")


class JobDriver(StrEnum):
    """Who runs the jobs."""

    EMBEDDED = "embedded"  # threads beside the web service
    CELERY = "celery"  # processes of their own, woken over RabbitMQ


class JobSettings(_Group):
    """Who runs the jobs, and how long a worker is trusted."""

    driver: JobDriver = Field(
        default=JobDriver.EMBEDDED, description="embedded: threads beside the service; celery: worker processes."
    )
    broker_url: SecretStr = Field(
        default=SecretStr(""), description="RabbitMQ for the celery driver, e.g. amqp://user:password@host:5672//."
    )
    broker_prefix: str = Field(
        default="jiedai",
        pattern=r"^[a-z][a-z0-9_-]{0,40}$",
        description="Begins our queues' names at the broker.",
    )
    threads: int = Field(default=2, ge=1, le=32, description="Worker threads; one encoder is shared behind a lock.")
    processes: int = Field(default=2, ge=1, le=64, description="Worker processes of one jiedai worker.")
    lease: timedelta = Field(default=timedelta(seconds=7), description="How long a worker owns a job unheard of.")
    max_attempts: int = Field(default=5, ge=1, description="Tries before a job is set aside as dead.")
    sweep_interval: timedelta = Field(
        default=timedelta(seconds=1), description="How often overdue rows are looked for."
    )
    keep: timedelta = Field(default=timedelta(days=7), description="How long ended jobs are kept.")


class IntakeSettings(_Group):
    """Conversation behaviour."""

    quiet_window_ms: int = Field(default=800, ge=0, le=10_000, description="Silence that ends a burst of messages.")
    picture_max_pixels: int = Field(default=25_000_000, ge=1_000_000, description="Largest picture decoded, in pixels.")
    picture_max_bytes: int = Field(default=10_000_000, ge=10_000, description="Largest picture file accepted.")


class TicketSettings(_Group):
    """How tickets go, and how long the service waits for customers."""

    scheme: Literal["full", "simple"] = Field(
        default="full", description="Lifecycle of new tickets: full, or simple with its five states."
    )
    confirm_window: timedelta = Field(
        default=timedelta(hours=72), gt=timedelta(), description="How long a resolved ticket may be reopened."
    )
    remind_after: timedelta = Field(
        default=timedelta(hours=24), gt=timedelta(), description="A customer's silence until they are reminded."
    )
    reminders: int = Field(default=2, ge=0, le=10, description="How often a silent customer is reminded.")
    silence_closes_after: timedelta = Field(
        default=timedelta(days=7), gt=timedelta(), description="A customer's silence until their ticket closes."
    )
    progress_every: timedelta = Field(
        default=timedelta(hours=48),
        ge=timedelta(),
        description="Longest time without a word to the customer of an open ticket; 0: no limit.",
    )
    keep_customers: timedelta = Field(
        default=timedelta(),
        ge=timedelta(),
        description="How long a customer's data are kept after the last word; 0: until somebody erases them.",
    )


class ModelSettings(_Group):
    """The optional language model: any OpenAI-compatible endpoint. Empty base URL: none is used."""

    base_url: str = Field(default="", description="Base URL of the endpoint, e.g. http://127.0.0.1:11434/v1.")
    api_key: SecretStr = Field(default=SecretStr(""), description="Its key; never logged.")
    name: str = Field(default="", description="Model name sent with each call.")
    connect_timeout_seconds: float = Field(default=3.0, gt=0, description="Cap on connecting.")
    total_timeout_seconds: float = Field(default=30.0, gt=0, description="Cap on a whole answer.")


class VectorSettings(_Group):
    """The vector index. Embedded unless a server's URL is given."""

    url: str = Field(default="", description="Qdrant server, e.g. http://127.0.0.1:6333; empty: embedded.")
    api_key: SecretStr = Field(default=SecretStr(""), description="The server's key.")


class WebhookSettings(_Group):
    """Facts sent to other systems."""

    private_hosts: tuple[str, ...] = Field(
        default=(), description="Hosts inside your own network that may be endpoints, as a JSON list."
    )
    total_timeout_seconds: float = Field(default=15.0, gt=0, description="Cap on one try of a delivery.")
    keep: timedelta = Field(default=timedelta(days=30), description="How long ended deliveries are kept.")


class MailTls(StrEnum):
    """How the connection to the mail server is protected."""

    NONE = "none"  # inside one machine or network only
    STARTTLS = "starttls"
    IMPLICIT = "implicit"


class MailSettings(_Group):
    """The server that takes outgoing mail. Empty host: no mail is sent."""

    host: str = Field(default="", description="SMTP server; empty: no mail is sent.")
    port: int = Field(default=587, ge=1, le=65535, description="Its port: usually 587, with implicit TLS 465.")
    user: str = Field(default="", description="Name to sign in with; empty: no sign-in.")
    password: SecretStr = Field(default=SecretStr(""), description="Its password; never logged.")
    tls: MailTls = Field(default=MailTls.STARTTLS, description="none, starttls or implicit.")
    sender: str = Field(default="", description="Address that mail comes from; empty: the user.")
    sender_name: str = Field(default="接待", description="Name beside that address.")
    timeout_seconds: float = Field(default=15.0, gt=0, description="Cap on each answer of the server.")


class NoticeSettings(_Group):
    """Notices to customers and staff."""

    private_hosts: tuple[str, ...] = Field(
        default=(), description="Hosts inside your own network that may take notices, as a JSON list."
    )
    total_timeout_seconds: float = Field(default=15.0, gt=0, description="Cap on one try of a notice.")
    keep: timedelta = Field(default=timedelta(days=90), description="How long ended notices are kept.")


class Settings(BaseSettings):
    """The whole of the configuration; variables are ``JIEDAI_…`` with ``__`` between group and name."""

    model_config = SettingsConfigDict(
        env_prefix="JIEDAI_", env_nested_delimiter="__", frozen=True, extra="forbid", env_file=None
    )

    data_dir: Path = Field(default=Path("var"), description="Database, index, attachments, keys and trained heads.")
    database_url: str = Field(default="", description="SQLAlchemy URL; empty: SQLite under data_dir.")
    secret_key: SecretStr = Field(default=SecretStr(""), description="Master key; empty: made once in data_dir.")
    log_json: bool = Field(default=False, description="One JSON object a line instead of readable text.")
    shop_dir: Path | None = Field(default=None, description="Folder of the shop's catalogue, taxonomy and articles.")
    web: WebSettings = WebSettings()
    jobs: JobSettings = JobSettings()
    intake: IntakeSettings = IntakeSettings()
    tickets: TicketSettings = TicketSettings()
    model: ModelSettings = ModelSettings()
    vectors: VectorSettings = VectorSettings()
    webhooks: WebhookSettings = WebhookSettings()
    mail: MailSettings = MailSettings()
    notices: NoticeSettings = NoticeSettings()

    def resolved_database_url(self) -> str:
        """Return the URL in force: the configured one, or SQLite under ``data_dir``."""
        return self.database_url or f"sqlite:///{self.data_dir / 'jiedai.db'}"
