"""Where a pack's sources and generated files are: read from ``[tool.bridge]`` in its pyproject.toml."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from bridge.codegen.n8n_nodes import NodePackage, icons_in
from bridge.codegen.targets import Layout
from bridge.problems import BadSetting, NotFound
from bridge.specs import StepSpec, read_folder
from bridge.specs.catalogue import ENTRY_POINT_GROUP
from bridge.specs.reading import read_released

BUILTIN = "multimodal-bridge"
HERE = Path(__file__).resolve().parent
SOURCES = (HERE.parents[1] / "n8n-nodes/n8n-nodes-multimodal-bridge", HERE.parent / "_data/node_package")
"""Where our own package's hand-written part is: in a checkout, in an installed wheel."""
FIXED = ("transport", "tsconfig.json", "eslint.config.mjs", ".prettierrc.js", ".gitignore", "LICENSE.md")
OURS_ALONE = frozenset({"registrations.ts", "signatures.ts", "collecting.ts"})
"""What only the Bridge Trigger and Collect Runs need, which no other pack has."""


@dataclass(frozen=True)
class Project:
    """One pack's project folder with everything read from it."""

    folder: Path
    specs: list[StepSpec]
    layout: Layout


def open_project(folder: Path, pack: str = "") -> Project:
    """Read the project in *folder*; with *pack*, the project of that installed pack."""
    if pack and _declared(folder).get("pack", BUILTIN) != pack:
        folder = _folder_of(pack)
    declared = _declared(folder)
    specs = read_folder(folder / "node_specs")
    released = read_released(folder / "node_specs/released")
    return Project(folder, specs, _layout(folder, declared, released, [each.presentation.icon for each in specs]))


def _declared(folder: Path) -> Mapping[str, Any]:
    path = folder / "pyproject.toml"
    if not path.is_file():
        raise NotFound(f"There is no pyproject.toml in {folder.resolve()}. Name the project's folder with --project.")
    document = tomllib.loads(path.read_text("utf-8"))
    if "bridge" not in document.get("tool", {}):
        raise BadSetting(f"{path} has no [tool.bridge]. Add it with pack, package, author, email and repository.")
    return {**document["tool"]["bridge"], "project": document.get("project", {}), "hatch": _version_path(document)}


def _version_path(document: Mapping[str, Any]) -> str:
    return str(document.get("tool", {}).get("hatch", {}).get("version", {}).get("path", ""))


def _folder_of(pack: str) -> Path:
    """The project folder of an installed pack: the nearest pyproject.toml above its module."""
    found = {point.name: point for point in entry_points(group=ENTRY_POINT_GROUP)}
    if pack not in found:
        known = ", ".join(sorted({BUILTIN, *found}))
        raise NotFound(f"No pack '{pack}' is installed. There are: {known}. Or name its folder with --project.")
    module = found[pack].module.partition(".")[0]
    located = find_spec(module)
    places = list(located.submodule_search_locations or []) if located else []
    for place in places:
        for parent in Path(place).resolve().parents:
            if (parent / "pyproject.toml").is_file() and (parent / "node_specs").is_dir():
                return parent
    raise NotFound(f"The pack '{pack}' is installed without its sources. Install it with `pip install -e` to generate.")


def _layout(
    folder: Path, declared: Mapping[str, Any], released: Mapping[str, list[StepSpec]], icons: list[str]
) -> Layout:
    pack = str(declared.get("pack", BUILTIN))
    package = str(declared.get("package", "bridge.generated"))
    name = str(declared.get("node_package", f"n8n-nodes-{pack}"))
    nodes = folder / "n8n-nodes" / name
    builtin = pack == BUILTIN
    source = nodes if builtin else next((each for each in SOURCES if each.is_dir()), SOURCES[0])
    about = NodePackage(
        name=name,
        pack=pack,
        version=_version(folder, declared),
        description=str(declared["project"].get("description", f"Steps of {pack} as n8n nodes.")).rstrip(".") + ".",
        author=str(declared.get("author", "Bridge Owner")),
        email=str(declared.get("email", "owner@example.invalid")),
        repository=str(declared.get("repository", f"https://example.invalid/{name}")).rstrip("/"),
        builtin=builtin,
        icons=icons_in(source / "icons") | icons_in(folder / "icons"),
    )
    return Layout(
        pack=pack,
        package=package,
        generated=folder / str(declared.get("source", "")) / package.replace(".", "/"),
        nodes=nodes,
        reference=folder / "docs/reference/steps",
        about=about,
        released=released,
        fixed={} if builtin else {**_fixed(source, nodes), **_icons(source, folder, nodes, {"bridge", *icons})},
    )


def _version(folder: Path, declared: Mapping[str, Any]) -> str:
    version = declared["project"].get("version")
    if version is None and declared["hatch"]:
        found = re.search(r"__version__ = \"([^\"]+)\"", (folder / declared["hatch"]).read_text("utf-8"))
        version = found[1] if found else None
    return str(version or "0.1.0")


def _fixed(source: Path, nodes: Path) -> dict[Path, str]:
    """What another pack's npm package takes over from ours, as it is."""
    files: dict[Path, str] = {}
    for name in FIXED:
        place = source / name
        found = sorted(place.rglob("*")) if place.is_dir() else [place]
        wanted = [path for path in found if path.is_file() and path.name not in OURS_ALONE]
        files |= {nodes / path.relative_to(source): path.read_text("utf-8") for path in wanted}
    return files


def _icons(source: Path, folder: Path, nodes: Path, names: set[str]) -> dict[Path, str]:
    """The icons of these names: the pack's own from its icons/ folder, or ours."""
    files: dict[Path, str] = {}
    for place in (source / "icons", folder / "icons"):
        for name in sorted(names & icons_in(place)):
            for file_name in (f"{name}.svg", f"{name}.dark.svg"):
                files[nodes / "icons" / file_name] = (place / file_name).read_text("utf-8")
    return files
