"""Addresses that hide where they lead, and plain ones."""

import pytest

from outrider.policy.disguise import is_disguised


@pytest.mark.parametrize(
    "url",
    [
        "https://dora.example@evil.example/x",
        "https://ann:pw@evil.example",
        "dora.example@evil.example",
        "https://evil.example\\@dora.example",
        "https:\\\\evil.example",
        "https://xn--evl-pla.evil.example/",
        "https://dоra.example/",  # a Cyrillic letter
        "https://evil%2Eexample/",
        "https://do\u200bra.example/",
        "https://dora.example\n.evil.example/",
        "http://3232235521/",
        "http://0x7f.1/",
        "http://0177.0.0.1/",
        "https://73746167696e672d706173732d35353231.evil.example/",
        "https://mzxw6ytboi4dqmjsgm2dknrxha4tamjs.evil.example/a",
        "//ann@evil.example/",
    ],
)
def test_what_hides_where_it_leads(url: str) -> None:
    assert is_disguised(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://docs.python.org/3/library/re.html#re.sub",
        "docs.python.org/3",
        "http://127.0.0.1:8080/x",
        "http://10.0.0.7",
        "http://[::1]:8080/",
        "https://medium.example/@ann/how-to?q=a@b.example",
        "https://example.org/a%20b",
        "https://a-rather-long-name-of-a-project-with-many-words.pages.example/",
        "https://d111111abcdef8.cloudfront.example/",
        "https://example.org:443",
        "  https://example.org/\n",
        "",
    ],
)
def test_plain_addresses(url: str) -> None:
    assert not is_disguised(url)
