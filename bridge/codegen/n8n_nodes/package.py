"""The npm package around the nodes: its facts, its package.json and its README."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from pathlib import Path

from bridge.specs import StepSpec

TEMPLATES = files(__name__.rpartition(".")[0]).joinpath("templates")
DEVELOPMENT = {
    "@n8n/node-cli": "0.48.3", "eslint": "9.29.0", "n8n-workflow": "2.40.1", "prettier": "3.8.3",
    "release-it": "20.2.0", "typescript": "5.9.3",
}  # fmt: skip
EXTRAS = (
    (
        "Bridge Trigger",
        "Starts the workflow on events that the bridge watches: pushes, releases, schedules, alerts",
        "trigger",
    ),
    ("Collect Runs", "Waits for runs that were started without waiting and returns their results in order", "quick"),
)


@dataclass(frozen=True)
class NodePackage:
    """What an npm package needs to know besides its steps.

    ``builtin`` packages bring the Bridge Trigger and Collect Runs; ``icons`` are the names of the
    icons there are, each with a light and a dark file.
    """

    name: str
    pack: str
    version: str
    description: str
    author: str
    email: str
    repository: str
    builtin: bool
    icons: frozenset[str]

    @property
    def credential_class(self) -> str:
        """Class of the credential type: every package needs one of its own."""
        stem = "".join(word[:1].upper() + word[1:] for word in self.pack.replace("_", "-").split("-"))
        return f"{stem}Api"

    @property
    def credential(self) -> str:
        """Name of the credential type, such as ``multimodalBridgeApi``."""
        return self.credential_class[0].lower() + self.credential_class[1:]

    @cached_property
    def title(self) -> str:
        """The pack's name for people."""
        return " ".join(word[:1].upper() + word[1:] for word in self.pack.replace("_", "-").split("-"))

    def icon(self, name: str) -> dict[str, str]:
        """The icon *name*, or the bridge's own when there is none of that name."""
        chosen = name if name in self.icons else "bridge"
        return {"light": f"file:../../icons/{chosen}.svg", "dark": f"file:../../icons/{chosen}.dark.svg"}


def template(name: str, **values: str) -> str:
    """A template with its ``@@name@@`` places filled."""
    text = TEMPLATES.joinpath(name).read_text("utf-8")
    for key, value in values.items():
        text = text.replace(f"@@{key}@@", value)
    return text


def credentials(package: NodePackage) -> str:
    """The credential type with its test."""
    return template(
        "credentials.ts",
        credentialClass=package.credential_class,
        credential=package.credential,
        packTitle=package.title,
        repository=package.repository,
    )


def package_json(package: NodePackage, classes: Sequence[str]) -> str:
    """The package.json that lists every node."""
    document = {
        "name": package.name,
        "version": package.version,
        "description": package.description,
        "license": "MIT",
        "homepage": f"{package.repository}#readme",
        "keywords": ["n8n-community-node-package", "n8n", "multimodal", "bridge"],
        "author": {"name": package.author, "email": package.email},
        "repository": {"type": "git", "url": f"git+{package.repository}.git"},
        "scripts": {
            "build": "n8n-node build", "build:watch": "tsc --watch", "dev": "n8n-node dev",
            "lint": "n8n-node lint", "lint:fix": "n8n-node lint --fix", "release": "n8n-node release",
            "prepublishOnly": "n8n-node prerelease", "test": "node --test test/*.test.mjs",
        },
        "files": ["dist"],
        "n8n": {
            "n8nNodesApiVersion": 1,
            "strict": True,
            "credentials": [f"dist/credentials/{package.credential_class}.credentials.js"],
            "nodes": [f"dist/nodes/{each}/{each}.node.js" for each in classes],
        },
        "devDependencies": DEVELOPMENT,
        "peerDependencies": {"n8n-workflow": "*"},
    }  # fmt: skip
    return json.dumps(document, indent="\t", ensure_ascii=False) + "\n"


def readme(package: NodePackage, specs: Sequence[StepSpec]) -> str:
    """The README with a table of the nodes."""
    rows = [f"| {spec.title} | {_cell(spec.description)} | {spec.execution.kind} |" for spec in specs]
    if package.builtin:
        rows += [f"| {name} | {told} | {kind} |" for name, told, kind in EXTRAS]
    return template(
        "README.md",
        package=package.name,
        packTitle=package.title,
        description=package.description,
        version=package.version,
        nodes="\n".join(["| Node | What it does | Kind |", "|---|---|---|", *rows]),
    )


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def icons_in(folder: Path) -> frozenset[str]:
    """Names of the icons in *folder* that have a light and a dark file."""
    dark = {path.name.removesuffix(".dark.svg") for path in folder.glob("*.dark.svg")}
    return frozenset(name for name in dark if (folder / f"{name}.svg").is_file())
