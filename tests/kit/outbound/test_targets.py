"""Which addresses may be called."""

import pytest

from kit.outbound.errors import TargetRefused
from kit.outbound.targets import check_url, is_public


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",  # carrier-grade NAT
        "169.254.169.254",  # a cloud's metadata
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fd00::1",
        "::ffff:127.0.0.1",
        "::ffff:8.8.8.8",
        "64:ff9b::7f00:1",  # NAT64 of 127.0.0.1
        "64:ff9b:1::7f00:1",
        "2002:7f00:1::",  # 6to4 of 127.0.0.1
        "2001::1",  # Teredo
        "ff02::1",
    ],
)
def test_an_address_that_leads_inside_is_not_public(address: str) -> None:
    """A26."""
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "114.114.114.114", "2606:4700:4700::1111", "2400:3200::1"])
def test_an_address_of_the_open_internet_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "hooks.example.com",
        "http://hooks.example.com/in",
        "ftp://hooks.example.com/",
        "file:///etc/passwd",
        "gopher://hooks.example.com/",
        "https://",
        "https:///path",
        "https://user:secret@hooks.example.com/",
        "https://user@hooks.example.com/",
        "https://hooks.example.com:0/",
        "https://hooks.example.com:99999/",
        "https://hooks.example.com:x/",
        "https://hooks.example.com/#part",
        "https://hooks.example.com/ in",
        "https://hooks.example.com/\n",
        "https://hooks.exämple.com/",
        "https://[::1/",
        "https://hooks.example.com/" + "a" * 500,
        "javascript:alert(1)",
    ],
)
def test_what_is_no_https_address_is_refused(url: str) -> None:
    if url.endswith("\n"):
        assert check_url(url, ()) == url.strip()  # what surrounds it is cut, what is inside is refused
        url = "https://hooks.example\n.com/"
    with pytest.raises(TargetRefused) as refused:
        check_url(url, ())

    assert refused.value.field == "url"


def test_plain_http_is_for_hosts_that_the_settings_list() -> None:
    assert check_url(" http://crm.internal:8080/in ", {"crm.internal"}) == "http://crm.internal:8080/in"
    with pytest.raises(TargetRefused):
        check_url("http://crm.internal:8080/in", {"erp.internal"})
