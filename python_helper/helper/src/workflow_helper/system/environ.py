"""The environment variables for child processes: a shell's activation must not leak into a tool."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

#: Variables that make a tool act on another environment than the given one, or prevent Python from starting.
REMOVED = (
    "VIRTUAL_ENV",
    "CONDA_PREFIX",
    "CONDA_DEFAULT_ENV",
    "PYTHONHOME",
    "PYTHONPATH",
    "__PYVENV_LAUNCHER__",
    "PIP_TARGET",
    "PIP_PREFIX",
    "PIP_USER",
    "PIP_ROOT",
    "PIP_REQUIRE_VIRTUALENV",
)

#: Variables that keep tools from prompting, coloring, phoning home, and reaching for an activated environment.
SET = {
    "NO_COLOR": "1",
    "PDM_CHECK_UPDATE": "false",
    "PDM_IGNORE_ACTIVE_VENV": "1",
    "PDM_NON_INTERACTIVE": "1",
    "PIPENV_IGNORE_VIRTUALENVS": "1",
    "PIPENV_VERBOSITY": "-1",
    # Redirect files are written by this product itself, under its own rules.
    "VIRTUALENV_VENV_REDIRECT": "false",
}

#: uv bundles certificates, and uses the system's, as pip does, only with this setting; behind a company's proxy only
#: the system's work. The second is the name that it had before.
_SYSTEM_CERTIFICATES = ("UV_SYSTEM_CERTS", "UV_NATIVE_TLS")


def scrubbed(environ: Mapping[str, str], **more: str) -> dict[str, str]:
    """Return ``environ`` without :data:`REMOVED`, with :data:`SET`, and with ``more`` on top.

    Names are compared without case, as on Windows.
    """
    return _without(environ, (*REMOVED, *SET)) | SET | more


def for_tool(environ: Mapping[str, str], changes: Mapping[str, str | None]) -> dict[str, str]:
    """Return :func:`scrubbed` ``environ`` for a tool that installs, with ``changes`` on top.

    ``None`` in ``changes`` removes a variable. uv uses the system's certificates unless the user's own variable decides.
    """
    put = {name: value for name, value in changes.items() if value is not None}
    if not {name.upper() for name in environ} & {*_SYSTEM_CERTIFICATES}:
        put = {_SYSTEM_CERTIFICATES[0]: "true", **put}
    return _without(scrubbed(environ), changes) | put


def _without(environ: Mapping[str, str], names: Iterable[str]) -> dict[str, str]:
    removed = {name.upper() for name in names}
    return {name: value for name, value in environ.items() if name.upper() not in removed}
