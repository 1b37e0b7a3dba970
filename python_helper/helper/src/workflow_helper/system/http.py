"""Download one small file: complete, limited in size and time, and never redirected from https to http.

The user's proxies and certificates are used, as in every Python program: ``HTTPS_PROXY``, ``SSL_CERT_FILE``.
"""

from __future__ import annotations

import threading
import time
import urllib.error
import urllib.request
from http.client import HTTPException
from urllib.parse import unquote_to_bytes, urlsplit, urlunsplit

from workflow_helper.errors import NetworkUnavailable, NotFound, UnusableFile, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from http.client import HTTPMessage, HTTPResponse
    from typing import IO, NamedTuple

    from typing_extensions import override
else:
    from workflow_server.namedtuple import NamedTuple, override

#: Seconds that the other side may be silent, and that all of it may take, from the name's address to the last byte.
SILENCE, WHOLE = 20.0, 120.0
#: How often to check for an interruption where the system does not end a wait for one, in seconds.
_TICK = 0.2
_CHUNK_SIZE = 64 * 1024
_SCHEMES = ("https://", "http://")
_HEADERS = {"User-Agent": "python-workflow", "Accept": "*/*"}
#: The statuses of an answer with the whole file.
_COMPLETE = (200, 203)


class Fetched(NamedTuple):
    """The content of a URL."""

    #: The final URL, for people to read: without a password.
    url: str
    content: bytes


def fetch(url: str, limit: int) -> Fetched:
    """Return the content at ``url``, of ``http`` or ``https``; at most ``limit`` bytes, and all announced ones.

    Raises:
        UsageError: ``url`` is not such a URL. NotFound: the server has no such file.
        UnusableFile: the content is too large, or a page for a browser.
        NetworkUnavailable: the server cannot be reached, breaks off, or takes too long.
    """
    if not url.lower().startswith(_SCHEMES):
        raise UsageError(f"{without_password(url)} is not a URL of http or https")
    transfer = _Transfer(url, limit)
    transfer.start()
    # Neither a look for an address nor a header that comes byte by byte can be bounded from within.
    while transfer.is_alive() and time.monotonic() < transfer.end:
        transfer.join(_TICK)
    if transfer.found is not None:
        return transfer.found
    if transfer.error is not None:
        raise transfer.error
    raise transfer.too_slow()


class _Transfer(threading.Thread):
    """Downloads one URL; the thread that started it may abandon it at any moment."""

    def __init__(self, url: str, limit: int) -> None:
        super().__init__(daemon=True)
        self._url = url
        self._shown = without_password(url)
        self._limit = limit
        self.end = time.monotonic() + WHOLE
        self.found: Fetched | None = None
        self.error: BaseException | None = None

    @override
    def run(self) -> None:
        try:
            self.found = self._fetched()
        except BaseException as error:  # noqa: BLE001 - raised where it is waited for
            self.error = error

    def too_slow(self) -> NetworkUnavailable:
        """Return the error for a transfer that takes too long."""
        return NetworkUnavailable(f"{self._shown} did not come within {WHOLE:.0f} seconds")

    def _fetched(self) -> Fetched:
        shown = self._shown
        try:
            # Of no other scheme: see above.
            request = urllib.request.Request(shown, headers=_HEADERS)  # noqa: S310
            _identify(request, self._url)
            opener = urllib.request.build_opener(Redirects)
            with opener.open(request, timeout=min(SILENCE, WHOLE)) as answer:
                last = without_password(answer.url)
                _check_is_file(answer, last)
                return Fetched(last, self._content(answer, last))
        except urllib.error.HTTPError as error:
            error.close()
            message = (
                f"{shown} could not be downloaded: the server answered {error.code} {error.reason}"
            )
            raise (NotFound if error.code in (404, 410) else NetworkUnavailable)(message) from None
        except urllib.error.URLError as error:
            raise NetworkUnavailable(f"{shown} could not be downloaded: {error.reason}") from None
        except (HTTPException, OSError) as error:
            raise NetworkUnavailable(
                f"{shown} could not be downloaded: {str(error) or type(error).__name__}"
            ) from None
        except ValueError as error:
            raise UsageError(f"{shown} is not a URL: {error}") from None

    def _content(self, answer: HTTPResponse, last: str) -> bytes:
        """Return the whole content.

        Raises:
            UnusableFile: the content is too large.
            NetworkUnavailable: fewer bytes arrived than announced, or it takes too long.
        """
        announced = _announced(answer, last)
        most = self._limit if announced is None else announced
        content = bytearray()
        while most <= self._limit and len(content) <= self._limit:
            # One read of the system's each, so that many small ones cannot hold it up.
            left = _CHUNK_SIZE if announced is None else min(_CHUNK_SIZE, announced - len(content))
            piece = answer.read1(left) if left else b""
            if not piece:
                break
            content += piece
            if time.monotonic() > self.end:
                raise self.too_slow()
        else:
            raise UnusableFile(last, f"is larger than {self._limit // 1024**2} MB")
        if announced is not None and len(content) < announced:
            message = f"{len(content)} of {announced} bytes arrived"
            raise NetworkUnavailable(f"{last} was cut short: {message}", "Try again.")
        if not content and announced is None and "transfer-encoding" not in answer.headers:
            raise NetworkUnavailable(f"{last} was cut short: no data arrived")
        return bytes(content)


def _identify(request: urllib.request.Request, url: str) -> None:
    """Send the credentials in ``url``, and only to its own host."""
    from base64 import b64encode

    credentials = urlsplit(url).netloc.rpartition("@")[0]
    if credentials:
        encoded = b64encode(unquote_to_bytes(credentials)).decode()
        request.add_unredirected_header("Authorization", f"Basic {encoded}")


def _check_is_file(answer: HTTPResponse, last: str) -> None:
    if answer.status not in _COMPLETE:
        message = f"the server answered {answer.status} {answer.reason}"
        raise NetworkUnavailable(f"{last} was not sent completely: {message}")
    if answer.headers.get_content_type() == "text/html":
        raise UnusableFile(
            last,
            "is a web page, not a script",
            "Use the address of the file itself, which is often behind a button named Raw.",
        )


def _announced(answer: HTTPResponse, last: str) -> int | None:
    """Return the announced number of bytes; ``None`` if the end is marked otherwise.

    Raises:
        NetworkUnavailable: the lengths contradict each other, or one is not a number, or the encoding is unknown.
    """
    if "transfer-encoding" in answer.headers:
        if answer.headers["transfer-encoding"].strip().lower() == "chunked":
            return None  # the last chunk marks the end
    else:
        lengths = {one.strip() for one in answer.headers.get_all("content-length", [])}
        if not lengths:
            return None  # the end of the connection marks it
        if len(lengths) == 1 and (word := lengths.pop()).isascii() and word.isdigit():
            return int(word[:20])
    raise NetworkUnavailable(
        f"{last} could not be downloaded: the server's answer has no valid length"
    )


def without_password(url: str) -> str:
    """Return ``url`` as it may be shown to others."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


class Redirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects from http to https, but never back."""

    @override
    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        """Return the next request, as :mod:`urllib` requires.

        Raises:
            URLError: the new address is no longer encrypted.
        """
        fp.close()  # the library would read whatever comes with it, however long
        scheme = urlsplit(newurl).scheme
        if scheme != "https" and (scheme != "http" or req.type == "https"):
            reason = f"it redirects to {without_password(newurl)}, which is not encrypted"
            raise urllib.error.URLError(reason)
        return super().redirect_request(req, fp, code, msg, headers, without_password(newurl))
