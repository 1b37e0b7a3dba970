from __future__ import annotations

from workflow_helper.system.environ import REMOVED, for_tool, scrubbed


def test_activation_does_not_leak() -> None:
    """Every variable that would turn a tool to another environment is gone, in any case of letters."""
    environ = scrubbed(dict.fromkeys(REMOVED, "x") | {"Virtual_Env": "x", "PATH": "/bin"})
    assert environ.keys() & {*REMOVED, "Virtual_Env"} == set()
    assert environ["PATH"] == "/bin"


def test_tools_are_kept_quiet_and_on_target() -> None:
    """Tools are told to stay quiet and to leave redirects alone, whatever the user's shell says."""
    environ = scrubbed({"VIRTUALENV_VENV_REDIRECT": "true", "no_color": ""}, MORE="1")
    assert environ == {
        "NO_COLOR": "1",
        "PDM_CHECK_UPDATE": "false",
        "PDM_IGNORE_ACTIVE_VENV": "1",
        "PDM_NON_INTERACTIVE": "1",
        "PIPENV_IGNORE_VIRTUALENVS": "1",
        "PIPENV_VERBOSITY": "-1",
        "VIRTUALENV_VENV_REDIRECT": "false",
        "MORE": "1",
    }


def test_uv_uses_the_certificates_of_the_system() -> None:
    """A proxy's certificate that is in the system's store counts for uv too, unless the user's own variable decides."""
    assert for_tool({}, {})["UV_SYSTEM_CERTS"] == "true"
    assert for_tool({"UV_SYSTEM_CERTS": "0"}, {})["UV_SYSTEM_CERTS"] == "0"
    assert "UV_SYSTEM_CERTS" not in for_tool({"uv_native_tls": "false"}, {})
