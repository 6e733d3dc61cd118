"""Which addresses may be called: the address that is connected to is judged, never only its name (RELIABILITY A26)."""

from collections.abc import Collection
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from kit.outbound.errors import TargetRefused

_MAX_CHARS = 500
_DISGUISES = tuple(
    ip_network(net)
    # Each carries an IPv4 address inside, and `ipaddress` calls some of them global: mapped, NAT64 (RFC 6052, 8215),
    # 6to4 (RFC 3056), Teredo (RFC 4380).
    for net in ("::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")
)


def is_public(address: str) -> bool:
    """Say whether an IP address belongs to the open internet.

    Args:
        address: As a resolver returned it, without a zone.
    """
    parsed: IPv4Address | IPv6Address = ip_address(address)
    disguised = any(parsed in net for net in _DISGUISES if net.version == parsed.version)
    return parsed.is_global and not parsed.is_multicast and not disguised


def check_url(url: str, private_hosts: Collection[str]) -> str:
    """Return a web address that may be stored as a target; what it resolves to is judged again at each connection.

    Args:
        url: As a person typed it.
        private_hosts: Names and addresses inside our own network that may be called, over plain http too.

    Raises:
        TargetRefused: Not https, no host, a name and password in it, or not printable.
    """
    url = url.strip()
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise TargetRefused from None
    schemes = {"https", "http"} if parts.hostname in private_hosts else {"https"}
    bad = (
        len(url) > _MAX_CHARS
        or not url.isascii()
        or not url.isprintable()
        or " " in url
        or parts.scheme not in schemes
        or not parts.hostname
        or parts.username is not None
        or parts.password is not None
        or port == 0
        or bool(parts.fragment)
    )
    if bad:
        raise TargetRefused
    return url
