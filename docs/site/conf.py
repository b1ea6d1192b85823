# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""How `make docs` makes a site of README, docs and what modules document; a dead link is an error."""

from __future__ import annotations

import os
import re
from pathlib import Path

from docutils import nodes

project = "voiceops.asterisk"
author = "voiceops.asterisk contributors"
copyright = f"2026, {author}"  # noqa: A001
extensions = ["myst_parser", "sphinx_antsibull_ext"]
html_theme = "furo"
html_title = project
myst_heading_anchors = 4

#: The repository that the pages come from, and where it can be looked at.
REPOSITORY = Path(os.environ["DOCUMENTED_REPOSITORY"])
BROWSE = "https://github.com/voiceops/asterisk/tree/main"
#: Where Ansible's documentation has what a module's refers to. It is not asked: this builds without network.
ANSIBLE = "https://docs.ansible.com/projects/ansible/latest"
PLACES = {
    "ansible_configuration_settings": "reference_appendices/config.html#ansible-configuration-settings",
    "action_plugins": "plugins/action.html#action-plugins",
    "common_return_values": "reference_appendices/common_return_values.html#common-return-values",
}
#: What becomes part of the site.
ON_THE_SITE = (".md", ".png")


def link_to_the_repository(page: str, text: str) -> str:
    """Turn links to what is in the repository and not on the site into links to where it can be looked at."""

    def target(match: re.Match[str]) -> str:
        path, mark, anchor = match.group(1).partition("#")
        place = (REPOSITORY / page).parent / path
        if path.endswith(ON_THE_SITE) or "://" in path or not path or not place.exists():
            return match.group(0)  # what is not there, Sphinx finds
        return f"]({BROWSE}/{place.resolve().relative_to(REPOSITORY.resolve())}{mark}{anchor})"

    return re.sub(r"\]\(([^)\s]+)\)", target, text)


def setup(app):  # type: ignore[no-untyped-def]
    def read(_app, page, source):  # type: ignore[no-untyped-def]
        source[0] = link_to_the_repository(page, source[0])

    def resolve(_app, _environment, node, shown):  # type: ignore[no-untyped-def]
        place = PLACES.get(node.get("reftarget", ""))
        return place and nodes.reference("", "", shown, refuri=f"{ANSIBLE}/{place}", internal=False)

    app.connect("source-read", read)
    app.connect("missing-reference", resolve)
