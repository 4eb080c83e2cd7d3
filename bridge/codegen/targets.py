"""Every generated file, listed: the generators' table of contents."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bridge.codegen import catalogue, python_models
from bridge.codegen.files import Files
from bridge.specs import StepSpec

NOTICE = '"""Written by `bridge generate`; edited by nobody."""\n'


@dataclass(frozen=True)
class Layout:
    """Where one pack's generated files go.

    ``package`` is the import name of the generated package, ``generated`` its folder, ``nodes`` the
    npm package's folder, ``reference`` the folder of reference pages.
    """

    pack: str
    package: str
    generated: Path
    nodes: Path
    reference: Path

    @property
    def owned(self) -> list[Path]:
        """Folders in which nothing but generated files may stand."""
        return [self.generated]


def render_all(specs: Sequence[StepSpec], layout: Layout) -> Files:
    """Render every generated file of one pack; the same specs give the same bytes."""
    ordered = sorted(specs, key=lambda each: each.name)
    models = layout.generated / "models"
    files: Files = {
        layout.generated / "__init__.py": NOTICE,
        models / "__init__.py": NOTICE,
        models / "shapes.py": python_models.render_shapes(),
        layout.generated / "catalogue.json": catalogue.render(ordered),
    }
    for spec in ordered:
        files[models / f"{spec.name}.py"] = python_models.render(spec, f"{layout.package}.models")
    return files
