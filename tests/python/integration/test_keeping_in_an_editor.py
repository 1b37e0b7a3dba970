"""Checking and syncing behind the language server, with the real uv."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from support.files import break_venv
from support.language_client import LanguageClient, ResponseError, uri
from support.recipes import Site

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TRUSTED = {"trusted": True}


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A project of uv's whose environment is in sync."""
    site = Site.at(tmp_path, "uv")
    site.run("sync")
    return site


@pytest.fixture
def client(site: Site) -> Iterator[LanguageClient]:
    """An editor in which the project is open and trusted."""
    with LanguageClient(site.machine.environ) as client:
        client.initialize([site.root], context=TRUSTED)
        yield client


def checked(client: LanguageClient, site: Site) -> dict[str, Any]:
    """What a check says."""
    found: dict[str, Any] = client.request("pythonWorkflow/check", {"uri": uri(site.root)})
    return found


def test_environment_that_falls_behind_is_told_and_brought_into_step(
    client: LanguageClient, site: Site
) -> None:
    """A check says what is out of sync, a sync says what it changed, and then there is nothing to do."""
    assert checked(client, site) == {"state": "in_sync", "message": "", "recreate": False}
    site.make_stale()
    found = checked(client, site)
    assert found["state"] == "out_of_sync"
    assert "uv.lock" in found["message"]
    done = client.request("pythonWorkflow/sync", {"uri": uri(site.root), "workDoneToken": 1})
    assert [one["name"] for one in done["installed"]] == ["colorama"]
    assert done["recreated"] is False
    kinds = []
    while "end" not in kinds:
        kinds.append(client.wait_for("$/progress")["value"]["kind"])
    assert kinds[0] == "begin"
    assert checked(client, site)["state"] == "in_sync"


def test_broken_environment_is_made_anew_only_with_consent(
    client: LanguageClient, site: Site
) -> None:
    """A sync of a broken environment is refused, and recreates it where that was allowed."""
    break_venv(site.root / ".venv")
    assert checked(client, site)["state"] == "broken"
    with pytest.raises(ResponseError) as caught:
        client.request("pythonWorkflow/sync", {"uri": uri(site.root)})
    assert caught.value.data["code"] == "broken"
    done = client.request("pythonWorkflow/sync", {"uri": uri(site.root), "recreate": True})
    assert done["recreated"] is True
    assert checked(client, site)["state"] == "in_sync"


def test_nothing_is_checked_or_synced_before_trust(site: Site) -> None:
    """In a folder that is not trusted a check cannot tell, and a sync is refused."""
    with LanguageClient(site.machine.environ) as client:
        client.initialize([site.root], context={"trusted": False})
        assert checked(client, site)["state"] == "unknown"
        with pytest.raises(ResponseError) as caught:
            client.request("pythonWorkflow/sync", {"uri": uri(site.root)})
    assert caught.value.data["code"] == "not_trusted"


def test_folder_without_an_environment(site: Site, client: LanguageClient) -> None:
    """Where there is none a check says so, and a sync says what makes one."""
    (site.root / ".venv" / "pyvenv.cfg").unlink()
    (site.root / ".venv").rename(site.root / "not-one")
    assert checked(client, site)["state"] == "none"
    with pytest.raises(ResponseError) as caught:
        client.request("pythonWorkflow/sync", {"uri": uri(site.root)})
    assert caught.value.data["code"] == "not_found"
