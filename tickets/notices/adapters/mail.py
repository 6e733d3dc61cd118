"""Notices by mail: one SMTP submission each (RFC 5321, 6409); the server's own word decides whether to try again."""

import smtplib
import ssl
from contextlib import suppress
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from kit.settings import MailSettings, MailTls
from tickets.notices.schemas import Outcome, Parcel

_PERMANENT = 500
_OFF = Outcome("mail_off", final=True)


class MailCarrier:
    """Carries mail.

    Args:
        settings: The server that takes our mail; without a host nothing is sent.
        context: What it is trusted by, where it speaks TLS.
    """

    def __init__(self, settings: MailSettings, context: ssl.SSLContext | None = None) -> None:
        self._settings = settings
        self._context = context or ssl.create_default_context()

    def carry(self, parcel: Parcel) -> Outcome:
        """Try once; see ``tickets.notices.ports.Carrier``."""
        if not self._settings.host:
            return _OFF
        try:
            self._send(self._message(parcel))
        except (smtplib.SMTPException, OSError) as error:
            return _outcome(error)
        return Outcome()

    def _send(self, message: EmailMessage) -> None:
        mail = self._settings
        if mail.tls is MailTls.IMPLICIT:
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                mail.host, mail.port, timeout=mail.timeout_seconds, context=self._context
            )
        else:
            server = smtplib.SMTP(mail.host, mail.port, timeout=mail.timeout_seconds)
        try:
            if mail.tls is MailTls.STARTTLS:
                server.starttls(context=self._context)
            if mail.user:
                server.login(mail.user, mail.password.get_secret_value())
            server.send_message(message)
        finally:
            # What the server said to the message counts, not how it says goodbye.
            with suppress(smtplib.SMTPException, OSError):
                server.quit()

    def _message(self, parcel: Parcel) -> EmailMessage:
        sender = self._settings.sender or self._settings.user
        message = EmailMessage(policy=SMTP)
        message["From"] = Address(self._settings.sender_name, addr_spec=sender)
        message["To"] = Address(addr_spec=parcel.to)
        # Values are one line by then; a template's own line break must not end a header either (A43).
        message["Subject"] = " ".join(parcel.text.subject.split())
        message["Date"] = format_datetime(parcel.at)
        message["Message-ID"] = f"<{parcel.id}@{sender.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(parcel.text.body)
        return message


def _outcome(error: Exception) -> Outcome:
    """Return what an error says: 5xx is for good, 4xx for now (RFC 5321, 4.2.1); all else may pass."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return _refusal(max(code for code, _ in error.recipients.values()))
    if isinstance(error, smtplib.SMTPResponseException):
        return _refusal(error.smtp_code)
    if isinstance(error, smtplib.SMTPNotSupportedError | ssl.SSLError):
        return Outcome("smtp_tls")
    return Outcome("timeout" if isinstance(error, TimeoutError) else "connect")


def _refusal(code: int) -> Outcome:
    return Outcome(f"smtp_{code}", final=code >= _PERMANENT)
