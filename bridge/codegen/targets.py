"""Every generated file, listed: the generators' table of contents."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bridge.codegen import catalogue, n8n_nodes, openapi, python_models, reference
from bridge.codegen.files import Files
from bridge.codegen.n8n_nodes import NodePackage
from bridge.specs import StepSpec

NOTICE = '"""Written by `bridge generate`; edited by nobody."""\n'


@dataclass(frozen=True)
class Layout:
    """Where one pack's generated files go.

    ``package`` is the import name of the generated package, ``generated`` its folder, ``nodes`` the
    npm package's folder, ``reference`` the folder of reference pages, ``about`` what the npm package
    says of itself. ``fixed`` are files that are copied as they are: what our own npm package has
    hand-written and every other pack's needs as well.
    """

    pack: str
    package: str
    generated: Path
    nodes: Path
    reference: Path
    about: NodePackage
    released: Mapping[str, Sequence[StepSpec]] = field(default_factory=dict)
    fixed: Mapping[Path, str] = field(default_factory=dict)

    @property
    def owned(self) -> list[Path]:
        """Folders in which nothing but generated files may stand."""
        copied = {self.nodes / path.relative_to(self.nodes).parts[0] for path in self.fixed}
        folders = {each for each in copied if not each.suffix and not each.name.startswith(".")}
        return [
            self.generated,
            self.nodes / "nodes",
            self.nodes / "credentials",
            self.reference,
            *sorted(each for each in folders if each.name != "test"),
        ]


def render_all(specs: Sequence[StepSpec], layout: Layout) -> Files:
    """Render every generated file of one pack; the same specs give the same bytes."""
    ordered = sorted(specs, key=lambda each: each.name)
    models = layout.generated / "models"
    files: Files = {
        layout.generated / "__init__.py": NOTICE,
        models / "__init__.py": NOTICE,
        models / "shapes.py": python_models.render_shapes(),
        layout.generated / "catalogue.json": catalogue.render(ordered, layout.released),
        **layout.fixed,
    }
    if layout.package == "bridge.generated":
        # Another pack's steps join the bridge's own document when the bridge starts.
        files[layout.generated / "openapi.json"] = openapi.render(ordered)
    for spec in ordered:
        files[models / f"{spec.name}.py"] = python_models.render(spec, f"{layout.package}.models")
    files |= n8n_nodes.render(ordered, layout.released, layout.about, layout.nodes)
    files |= reference.render(ordered, layout.reference)
    return files
