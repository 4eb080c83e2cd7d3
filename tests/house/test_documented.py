"""Nothing a user can set, call or type is undocumented."""

import re
from pathlib import Path

import pytest
import typer

from bridge.cli import build
from bridge.codegen import own_pages
from bridge.settings import Settings
from bridge.specs import Catalogue
from bridge.steps import PACK
from bridge.web.routes import ROUTES

PROJECT = Path(__file__).parents[2]
REFERENCE = PROJECT / "docs/reference"
# Read by programs around the service, not by the service: each is explained where it is used.
OUTSIDE = {
    "BRIDGE_CACHE_DIR": "docs/local.md", "BRIDGE_VENV": "docs/local.md", "BRIDGE_URL": "docs/reference/commands.md",
    "BRIDGE_KEY": "docs/reference/commands.md",
}  # fmt: skip


@pytest.mark.parametrize("name", [field.alias for field in Settings.model_fields.values()])
def test_every_setting_is_explained(name):
    row = next(line for line in (REFERENCE / "settings.md").read_text().splitlines() if line.startswith(f"| `{name}`"))
    assert len(row.split("|")[4].strip()) > 10


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_every_address_is_explained(route):
    page = (REFERENCE / "addresses.md").read_text()
    row = next(line for line in page.splitlines() if line.startswith(f"| `{route.method}` | `{route.path}` |"))
    assert row.split("|")[3].strip() == route.access
    assert len(row.split("|")[4].strip()) > 10


@pytest.mark.parametrize("name", sorted(typer.main.get_command(build()).commands))
def test_every_command_is_explained(name):
    page = (REFERENCE / "commands.md").read_text()
    told = page.split(f"\n## bridge {name}\n")[1].split("\n## ")[0].strip()
    assert len(told.splitlines()[0]) > 20


@pytest.mark.parametrize("name", sorted(spec.name for spec in Catalogue([PACK])))
def test_every_step_has_its_page(name):
    assert (REFERENCE / "steps" / f"{name}.md").is_file()


def test_every_variable_the_code_mentions_is_a_setting_or_explained():
    known = {field.alias for field in Settings.model_fields.values()}
    sources = [*(PROJECT / "bridge").rglob("*.py"), PROJECT / "dev", PROJECT / "docker-compose.yml"]
    mentioned = {
        name for path in sources for name in re.findall(r"\bBRIDGE_[A-Z][A-Z_]+[A-Z]\b", path.read_text("utf-8"))
    }
    compose_only = {"BRIDGE_PORT", "BRIDGE_PORTS", "BRIDGE_REPLICAS"}
    unexplained = mentioned - known - compose_only
    assert unexplained <= set(OUTSIDE), f"explain {sorted(unexplained - set(OUTSIDE))}"
    for name in unexplained:
        assert name in (PROJECT / OUTSIDE[name]).read_text(), name


def test_a_table_cell_with_a_bar_stays_one_cell():
    page = own_pages.addresses_page([own_pages.Address("GET", "/x", "use", "this | that")])
    assert "this \\| that" in page
