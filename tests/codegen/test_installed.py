"""An installed wheel generates a third party's pack without our checkout."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
ACME = PROJECT / "tests/fixtures/acme_pack"


def run(folder, *arguments, path=""):
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    return subprocess.run(
        [sys.executable, *arguments], cwd=folder, capture_output=True, text=True, check=False,
        env={**environment, "PYTHONPATH": str(path)},
    )  # fmt: skip


def wheel_of(project, target):
    built = target / "wheels"
    done = run(project, "-m", "hatchling", "build", "-t", "wheel", "-d", str(built))
    assert done.returncode == 0, done.stderr
    (wheel,) = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(target / "site")
    return target / "site"


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    return wheel_of(PROJECT, tmp_path_factory.mktemp("ours"))


def test_the_wheel_generates_the_same_files_as_the_checkout(installed, tmp_path):
    for name, path in (("by_wheel", installed), ("by_checkout", PROJECT)):
        shutil.copytree(ACME, tmp_path / name)
        done = run(tmp_path / name, "-m", "bridge", "generate", "--project", ".", path=path)
        assert done.returncode == 0, done.stderr
    one, two = (
        {
            each.relative_to(tmp_path / name): each.read_bytes()
            for each in (tmp_path / name).rglob("*")
            if each.is_file()
        }
        for name in ("by_wheel", "by_checkout")
    )
    assert one == two
    assert len(one) > 20


def test_a_pack_that_is_installed_from_a_folder_is_found_by_its_name(installed, tmp_path):
    shutil.copytree(ACME, tmp_path / "acme")
    site = tmp_path / "editable"
    (site / "acme_steps-1.2.0.dist-info").mkdir(parents=True)
    (site / "acme_steps-1.2.0.dist-info/METADATA").write_text(
        "Metadata-Version: 2.1\nName: acme-steps\nVersion: 1.2.0\n"
    )
    (site / "acme_steps-1.2.0.dist-info/entry_points.txt").write_text("[bridge.steps]\nacme = acme_steps:PACK\n")
    path = os.pathsep.join(map(str, (site, tmp_path / "acme", installed)))
    done = run(tmp_path / "acme", "-m", "bridge", "generate", "--pack", "acme", path=path)
    assert done.returncode == 0, done.stderr
    done = run(
        tmp_path / "acme/acme_steps", "-m", "bridge", "check", "--pack", "acme", "--project", str(PROJECT), path=path
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_pack_without_its_sources_says_how_to_get_them(installed, tmp_path):
    shutil.copytree(ACME, tmp_path / "acme")
    assert run(tmp_path / "acme", "-m", "bridge", "generate", "--project", ".", path=installed).returncode == 0
    site = wheel_of(tmp_path / "acme", tmp_path)
    done = run(
        tmp_path,
        "-m",
        "bridge",
        "check",
        "--pack",
        "acme",
        "--project",
        str(PROJECT),
        path=os.pathsep.join(map(str, (site, installed))),
    )
    assert done.returncode == 1
    assert "pip install -e" in done.stderr
