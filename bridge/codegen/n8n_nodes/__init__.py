"""The npm package with one n8n node per step."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from bridge.codegen.files import Files
from bridge.codegen.n8n_nodes import extras, nodes, package
from bridge.codegen.n8n_nodes.package import NodePackage, icons_in
from bridge.specs import StepSpec

__all__ = ["NodePackage", "icons_in", "render"]


def render(
    specs: Sequence[StepSpec], released: Mapping[str, Sequence[StepSpec]], about: NodePackage, folder: Path
) -> Files:
    """Every generated file of the npm package in *folder*; *released* holds earlier versions by step."""
    files: Files = {}
    classes: list[str] = []
    for spec in specs:
        classes.append(spec.stem)
        versions = [*(each for each in released.get(spec.name, ()) if each.version < spec.version), spec]
        place = folder / "nodes" / spec.stem
        files[place / f"{spec.stem}.node.ts"] = nodes.node(versions, about)
        look = spec.presentation
        files[place / f"{spec.stem}.node.json"] = nodes.codex(
            spec.camel, look.category, look.alias, spec.version, about
        )
        for each in versions:
            files[place / f"__schema__/v{each.version}.0.0.json"] = nodes.result_schema(each)
    if about.builtin:
        classes += ["BridgeTrigger", "CollectRuns"]
        files |= _extras(about, folder / "nodes")
    files[folder / f"credentials/{about.credential_class}.credentials.ts"] = package.credentials(about)
    files[folder / "package.json"] = package.package_json(about, sorted(classes))
    files[folder / "README.md"] = package.readme(about, specs)
    return files


def _extras(about: NodePackage, folder: Path) -> Files:
    words = ("webhook", "push", "pull request", "schedule", "cron")
    return {
        folder / "BridgeTrigger/BridgeTrigger.node.ts": extras.trigger(about),
        folder / "BridgeTrigger/BridgeTrigger.node.json": nodes.codex("bridgeTrigger", "Development", words, 1, about),
        folder / "CollectRuns/CollectRuns.node.ts": extras.collect(about),
        folder / "CollectRuns/CollectRuns.node.json": nodes.codex(
            "collectRuns", "Development", ("join", "wait", "parallel"), 1, about
        ),
    }
