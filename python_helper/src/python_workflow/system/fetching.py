"""Reading one small file from the web: bounded in size and time, encrypted where it began so.

The user's proxies and certificates count, as for every program in Python: ``HTTPS_PROXY``, ``SSL_CERT_FILE``.
"""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from http.client import HTTPException
from urllib.parse import urlsplit, urlunsplit

from python_workflow.errors import NetworkUnavailable, NotFound, UnusableFile, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from http.client import HTTPMessage
    from typing import IO, NamedTuple

    from typing_extensions import override
else:
    from python_workflow.light import NamedTuple, override

#: Seconds that the other side may be silent, and that all of it may take.
SILENCE, WHOLE = 20.0, 120.0
_PIECE = 64 * 1024
_SCHEMES = ("https://", "http://")
_HEADERS = {"User-Agent": "python-workflow", "Accept": "*/*"}


class Fetched(NamedTuple):
    """What is at a URL."""

    #: Where it was in the end, for people to read: without a password.
    url: str
    content: bytes


def fetch(url: str, limit: int) -> Fetched:
    """What is at ``url``, of ``http`` or ``https``; at most ``limit`` bytes.

    Raises :class:`UsageError` for what is no such URL, :class:`NotFound` where the server says that there is nothing,
    :class:`UnusableFile` for what is too large or a page for a browser, and :class:`NetworkUnavailable`.
    """
    shown = without_password(url)
    if not url.lower().startswith(_SCHEMES):
        raise UsageError(f"{shown} is no URL of http or https")
    end = time.monotonic() + WHOLE
    try:
        # Of no other scheme: see above.
        request = urllib.request.Request(url, headers=_HEADERS)  # noqa: S310
        opener = urllib.request.build_opener(Redirects)
        with opener.open(request, timeout=SILENCE) as answer:
            last = without_password(answer.url)
            if answer.headers.get_content_type() == "text/html":
                raise UnusableFile(
                    last,
                    "is a page for a browser, and no script",
                    "Take the address of the file itself, which is often behind a button called Raw.",
                )
            content = bytearray()
            while piece := answer.read(_PIECE):
                content += piece
                if len(content) > limit:
                    raise UnusableFile(last, f"is larger than {limit // 1024**2} MB")
                if time.monotonic() > end:
                    raise NetworkUnavailable(f"{last} did not come within {WHOLE:.0f} seconds")
    except urllib.error.HTTPError as error:
        error.close()
        told = f"{shown} cannot be had: the server says {error.code} {error.reason}"
        raise (NotFound if error.code in (404, 410) else NetworkUnavailable)(told) from None
    except urllib.error.URLError as error:
        raise NetworkUnavailable(f"{shown} cannot be had: {error.reason}") from None
    except (HTTPException, OSError) as error:
        raise NetworkUnavailable(
            f"{shown} cannot be had: {str(error) or type(error).__name__}"
        ) from None
    except ValueError as error:
        raise UsageError(f"{shown} is no URL: {error}") from None
    return Fetched(last, bytes(content))


def without_password(url: str) -> str:
    """``url`` as it may be shown to others."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


class Redirects(urllib.request.HTTPRedirectHandler):
    """Leads from http to https, and never back."""

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
        """The next request, as the library asks for it; raises :class:`URLError` for what is not encrypted any more."""
        scheme = urlsplit(newurl).scheme
        if scheme != "https" and (scheme != "http" or req.type == "https"):
            reason = f"it leads to {without_password(newurl)}, which is not encrypted"
            raise urllib.error.URLError(reason)
        return super().redirect_request(req, fp, code, msg, headers, newurl)
