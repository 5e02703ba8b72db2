"""Documents by URL, from real servers; addresses inside the network."""

import contextlib
import gzip
import ipaddress
import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outrider.base.errors import Unreadable
from outrider.knowledge.fetch import Options, Unchanged, fetch
from outrider.knowledge.fetch.guard import Guarded
from outrider.knowledge.fetch.web import Gone, Web, whole
from outrider.knowledge.records import Fetched, Missed

HERE = ("127.0.0.1/32",)
PAGE = b"<html><body><p>A page.</p></body></html>"
Answer = tuple[int, dict[str, str], bytes | Callable[[Any], None]]


class Site:
    """A server whose pages a test lays down; it keeps what was asked."""

    def __init__(self) -> None:
        self.pages: dict[str, Answer] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        site = self

        class Asked(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.asked.append((self.path, {k.lower(): v for k, v in self.headers.items()}))
                status, headers, body = site.pages.get(self.path, (404, {}, b""))
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                if isinstance(body, bytes):
                    self.send_header("Content-Length", headers.get("X-Length", str(len(body))))
                    self.end_headers()
                    self.wfile.write(body)
                else:
                    self.end_headers()
                    body(self.wfile)

            def log_message(self, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Asked)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def page(self, path: str, body: bytes | Callable[[Any], None] = PAGE, status: int = 200, **headers: str) -> str:
        self.pages[path] = (status, {k.replace("_", "-"): v for k, v in headers.items()}, body)
        return self.url + path


@pytest.fixture
def site() -> Iterator[Site]:
    made = Site()
    yield made
    made.server.shutdown()
    made.server.server_close()


def got(url: str, **options: Any) -> Fetched | Unchanged:
    with Web(Options(allow=HERE, **options)) as web:
        return web.get(url)


def test_a_page_with_what_the_server_says_of_it(site: Site) -> None:
    url = site.page(
        "/a/B%C3%BCcher.html", ETag='"x1"', Last_Modified="Tue, 05 Mar 2024 10:00:00 GMT", Content_Type="text/html"
    )
    found = got(site.url + "/a/Bücher.html")
    assert isinstance(found, Fetched)
    assert (found.body, found.name, found.media) == (PAGE, "Bücher.html", "text/html")
    assert found.meta == {"etag": '"x1"', "last_modified": "Tue, 05 Mar 2024 10:00:00 GMT"}
    assert found.when == 1709632800 * 10**9
    assert got(url).source == url


def test_a_page_that_did_not_change_is_not_sent_again(site: Site) -> None:
    url = site.page("/a", b"", 304)
    said = {"etag": '"x1"', "last_modified": "Tue, 05 Mar 2024 10:00:00 GMT"}
    assert got(url, said=lambda source: said) == Unchanged(url)
    assert site.asked[-1][1]["if-none-match"] == '"x1"'
    assert site.asked[-1][1]["if-modified-since"].startswith("Tue")


def test_redirects_are_followed_and_counted(site: Site) -> None:
    site.page("/end")
    for number in range(9):
        site.page(f"/{number}", b"", 302, Location=f"/{number + 1}" if number < 8 else "/end")
    found = got(site.url + "/5")
    assert isinstance(found, Fetched)
    assert (found.source, found.meta["url"]) == (site.url + "/5", site.url + "/end")
    with pytest.raises(Unreadable, match="redirects more than 5 times"):
        got(site.url + "/0")
    site.page("/loop", b"", 301, Location="/loop")
    with pytest.raises(Unreadable, match="redirects more than"):
        got(site.url + "/loop")


@pytest.mark.parametrize(
    "to",
    ["http://10.0.0.1/", "http://[::ffff:169.254.169.254]/latest", "file:///etc/passwd", "ftp://x/", "http://a:b@c/"],
)
def test_a_redirect_leads_nowhere_inside(site: Site, to: str) -> None:
    with pytest.raises(Unreadable, match=r"inside the network|not a URL of the web|name or a password"):
        got(site.page("/r", b"", 302, Location=to))


def test_sizes_are_bounded(site: Site) -> None:
    declared = site.page("/declared", b"x", X_Length="400000000")
    with pytest.raises(Unreadable, match="400,000,000 bytes"):
        got(declared)
    packed = site.page("/bomb", gzip.compress(b"\0" * 30_000_000), Content_Encoding="gzip")
    with pytest.raises(Unreadable, match="more than 1,000,000 bytes"):
        got(packed, largest=1_000_000)
    assert isinstance(ok := got(site.page("/ok", gzip.compress(PAGE), Content_Encoding="gzip")), Fetched)
    assert ok.body == PAGE

    def endless(out: Any) -> None:
        with contextlib.suppress(OSError):
            for _ in range(1_000):
                out.write(b"x" * 10_000)

    with pytest.raises(Unreadable, match="more than 1,000,000 bytes"):
        got(site.page("/endless", endless), largest=1_000_000)


def test_time_is_bounded(site: Site) -> None:
    quit_ = threading.Event()
    with pytest.raises(Unreadable, match="did not answer"):
        got(site.page("/slow", lambda out: quit_.wait(20) and None), seconds=0.2)

    def drip(out: Any) -> None:
        with contextlib.suppress(OSError):
            while not quit_.wait(0.05):
                out.write(b"x")
                out.flush()

    with pytest.raises(Unreadable, match="not all there after"):
        got(site.page("/drip", drip), seconds=0.3)
    quit_.set()


@pytest.mark.parametrize(
    ("status", "says"), [(404, "no such page"), (403, "does not give"), (500, "answers 500"), (304, "answers 304")]
)
def test_what_servers_say(site: Site, status: int, says: str) -> None:
    with pytest.raises(Gone if status == 404 else Unreadable, match=says):
        got(site.page("/x", b"", status))


def test_packed_in_another_way_or_damaged(site: Site) -> None:
    for encoding, says in (("br", "only gzip"), ("gzip", "damaged")):
        with pytest.raises(Unreadable, match=says):
            got(site.page("/x", b"nonsense", Content_Encoding=encoding))


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0177.0.0.1",
        "0x7f.1",
        "0x7f000001",
        "[::1]",
        "[::ffff:7f00:1]",
        "0",
    ],
)
def test_every_way_to_write_this_machine_is_refused(host: str) -> None:
    with Web(Options()) as web, pytest.raises(Unreadable, match=r"inside the network|cannot be reached"):
        web.get(f"http://{host}:1/")


def answering(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """Names resolve to these, one answer after the other; what was asked."""
    asked: list[str] = []
    real = socket.getaddrinfo

    def resolve(host: Any, port: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            ipaddress.ip_address(host)
        except ValueError:
            asked.append(host)
            found = answers[min(len(asked), len(answers)) - 1]
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]
        return real(host, port, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return asked


def test_a_name_that_leads_inside_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, ["93.184.216.34", "10.0.0.1"])
    with pytest.raises(Unreadable, match=r"10\.0\.0\.1"):
        Guarded().looked_at("evil.example", 80)


def test_a_name_is_resolved_once_and_what_was_checked_is_connected_to(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = answering(monkeypatch, ["127.0.0.1"], ["10.0.0.1"])
    site.page("/")
    with Web(Options(allow=("wiki.example",))) as web:
        assert isinstance(web.get(site.url.replace("127.0.0.1", "wiki.example") + "/"), Fetched)
    assert asked == ["wiki.example"]
    assert site.asked[-1][1]["host"].startswith("wiki.example:")


@pytest.mark.parametrize(
    "url", ["http://", "http:///x", "https://a b/", "http://[::1", "http://a:99999/", "gopher://a/", "http://x" * 900]
)
def test_what_is_no_url(url: str) -> None:
    with pytest.raises(Unreadable):
        whole(url)


@given(st.text(max_size=60))
def test_any_url_is_sent_in_ascii_without_spaces(rest: str) -> None:
    try:
        sent = whole(f"http://example.com/{rest}")
    except Unreadable:
        return
    assert sent.isascii()
    assert not any(c.isspace() or ord(c) < 33 for c in sent)


FEED = """<?xml version="1.0"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>
<title>News</title><item><title>One &amp; all</title><link>{url}/1</link>
<pubDate>Tue, 05 Mar 2024 10:00:00 GMT</pubDate></item>
<item><title>Two</title><link>{url}/2</link><content:encoded><![CDATA[{long}]]></content:encoded></item>
<item><title>Three</title><link>{url}/3</link></item><item><link>file:///etc/passwd</link></item></channel></rss>"""


def test_a_feed_is_its_pages(site: Site) -> None:
    site.page("/1")
    url = site.page("/feed", FEED.format(url=site.url, long="<p>Long.</p>" * 40).encode())
    one, two, three, four = fetch(url, Options(allow=HERE))
    assert isinstance(one, Fetched)
    assert (one.source, one.meta["title"], one.meta["feed"]) == (site.url + "/1", "One & all", url)
    assert one.when == 1709632800 * 10**9
    assert isinstance(two, Fetched)
    assert b"Long." in two.body
    assert isinstance(three, Missed)
    assert three.gone
    assert isinstance(four, Missed)
    assert (four.source[:7], "no page of the web" in four.reason) == ("file://", True)


@pytest.mark.parametrize("moved", [False, True])
def test_links_of_a_feed_are_seen_from_where_it_is(site: Site, moved: bool) -> None:
    for path in ("/1", "/news/2", "/other/3"):
        site.page(path)
    atom = (
        '<feed xmlns="http://www.w3.org/2005/Atom"><entry><title type="html"><![CDATA[A &amp; <b>B</b>]]></title>'
        '<link href="/1"/></entry><entry><link href="2"/></entry>'
        '<entry xml:base="/other/"><link href="3"/></entry></feed>'
    )
    url = site.page("/news/atom.xml", atom.encode(), content_type="application/atom+xml")
    if moved:
        url = site.page("/feed", b"", 302, location="/news/atom.xml")
    found = list(fetch(url, Options(allow=HERE)))
    assert [one.source.removeprefix(site.url) for one in found] == ["/1", "/news/2", "/other/3"]
    assert all(isinstance(one, Fetched) for one in found)


def test_an_entry_without_a_page_is_what_the_feed_says_of_it(site: Site) -> None:
    items = (
        '<item><guid isPermaLink="false">abc</guid><title>Harbour</title><description><![CDATA[<p>It closes in March.'
        "</p>]]></description></item><item><title>Nothing</title></item>"
    )
    url = site.page("/feed", f"<rss version='2.0'><channel>{items}</channel></rss>".encode())
    one, two = fetch(url, Options(allow=HERE))
    assert isinstance(one, Fetched)
    assert (one.source, one.name, one.media) == (f"{url}#abc", "Harbour", "text/html")
    assert b"It closes in March." in one.body
    assert isinstance(two, Missed)
    assert (two.source, two.reason) == (f"{url}#2", "The entry 'Nothing' names no page and says nothing itself.")


@pytest.mark.parametrize("body", [b"<rss version='2.0'><channel></channel></rss>", b"<urlset></urlset>"])
def test_a_list_without_pages_is_told(site: Site, body: bytes) -> None:
    (found,) = fetch(site.page("/list", body), Options(allow=HERE))
    assert isinstance(found, Missed)
    assert (found.reason, found.gone) == ("It is a list of pages, and names none.", False)


def test_a_page_that_is_listed_twice_is_asked_for_once(site: Site) -> None:
    site.page("/1")
    items = f"<item><link>{site.url}/1</link></item>" * 3
    url = site.page("/feed", f"<rss version='2.0'><channel>{items}</channel></rss>".encode())
    assert len(list(fetch(url, Options(allow=HERE)))) == 1
    assert [path for path, _ in site.asked] == ["/feed", "/1"]


def assert_(told: bool) -> None:
    assert told


def test_a_server_that_never_answers_is_not_waited_for_again_and_again(site: Site) -> None:
    over = threading.Event()
    items = ""
    for number in range(12):
        site.page(f"/{number}", lambda wfile: assert_(over.wait(60)))
        items += f"<item><link>{site.url}/{number}</link></item>"
    url = site.page("/feed", f"<rss version='2.0'><channel>{items}</channel></rss>".encode())
    found = list(fetch(url, Options(allow=HERE, seconds=0.2)))
    over.set()
    assert len(found) == 12
    assert len(site.asked) == 4
    assert all(isinstance(one, Missed) and not one.gone for one in found)
    assert isinstance(found[-1], Missed)
    assert "did not answer 3 times" in found[-1].reason


def test_a_password_in_a_link_is_not_kept(site: Site) -> None:
    items = "<item><link>http://ann:hunter2@127.0.0.1/x</link></item>"
    url = site.page("/feed", f"<rss version='2.0'><channel>{items}</channel></rss>".encode())
    (found,) = fetch(url, Options(allow=HERE))
    assert isinstance(found, Missed)
    assert (found.source, "name or a password" in found.reason) == ("http://127.0.0.1/x", True)


def test_a_sitemap_is_its_pages(site: Site) -> None:
    site.page("/1")
    pages = f"<urlset><url><loc>{site.url}/1</loc></url><url><loc>{site.url}/2</loc></url></urlset>"
    site.page("/pages.xml", pages.encode())
    url = site.page(
        "/sitemap.xml", f"<sitemapindex><sitemap><loc>{site.url}/pages.xml</loc></sitemap></sitemapindex>".encode()
    )
    one, two = fetch(url, Options(allow=HERE))
    assert isinstance(one, Fetched)
    assert isinstance(two, Missed)
    assert [type(found) for found in fetch(url, Options(allow=HERE, pages=1))] == [Fetched]


def test_a_broken_feed_gives_what_it_has(site: Site) -> None:
    site.page("/1")
    url = site.page("/feed", f"<rss><channel><item><link>{site.url}/1</link><title>x".encode())
    assert [found.source for found in fetch(url, Options(allow=HERE))] == [site.url + "/1"]


def test_an_archive_behind_a_url_is_opened(site: Site) -> None:
    url = site.page("/notes.md.gz", gzip.compress(b"# Notes"))
    (found,) = fetch(url, Options(allow=HERE))
    assert isinstance(found, Fetched)
    assert (found.source, found.name, found.body) == (f"{url}!/notes.md", "notes.md", b"# Notes")


def test_other_schemes_and_servers_that_are_not_there() -> None:
    (found,) = fetch("ftp://a.example/x")
    assert isinstance(found, Missed)
    (found,) = fetch("http://127.0.0.1:1/", Options(allow=HERE))
    assert isinstance(found, Missed)
    assert "cannot be reached" in found.reason
