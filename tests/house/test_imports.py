"""Who may import whom, as pyproject.toml says."""

import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).parents[2]


def test_import_contracts_hold():
    command = [Path(sys.executable).parent / "lint-imports", "--no-cache"]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-1000:]
