"""Add the schema of the messages to the wheel, without the white space of the specification."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompactSchema(BuildHookInterface[Any]):
    """Adds the schema to a wheel; an editable installation uses the one of the specification."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Write the compact schema to a build folder, and include it in the wheel."""
        if version == "editable":
            return
        source = Path(self.root, "..", "..", "docs", "spec", "schema.json")
        compact = Path(self.directory, "schema.json")
        compact.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps(json.loads(source.read_text(encoding="utf-8")), separators=(",", ":"))
        compact.write_text(text, encoding="utf-8")
        build_data["force_include"][str(compact)] = "workflow_server/schema.json"
