"""The workflow `bridge up` brings along: it runs to success on real files, and the canvas shows it."""

import os
import shutil
from pathlib import Path

import pytest

from bridge.local import tour
from bridge.local.state import State

pytestmark = pytest.mark.live
PICTURES = Path(__file__).parents[2] / "docs/images"


@pytest.fixture
def remembered(live_n8n):
    state = State(credential_id=live_n8n.credential_id)
    tour.ensure_workflow(live_n8n.client, state)
    live_n8n.made.append(state.workflow_id)
    return state


def test_a_source_file_and_a_screenshot_become_a_readable_report(live_n8n, remembered):
    report = tour.run(live_n8n.client, remembered)
    assert report.startswith("#")
    assert "First report" in report
    assert "eval" in report


def test_the_workflow_is_imported_once(live_n8n, remembered):
    before = remembered.workflow_id
    tour.ensure_workflow(live_n8n.client, remembered)
    assert remembered.workflow_id == before


def test_the_printed_line_names_both_files_and_the_webhook(live_n8n, remembered):
    line = tour.curl(live_n8n.url, remembered)
    assert line.startswith("curl -F source=@")
    assert line.endswith(f"{live_n8n.url}/webhook/{remembered.webhook_path}")
    assert all(Path(part.split("@")[1]).is_file() for part in line.split() if "@" in part)


@pytest.mark.browser
def test_the_canvas_shows_the_workflow(live_n8n, remembered, browse):
    seen = browse(
        """
        await page.goto(`${url}/workflow/${input.workflow}`);
        const nodes = page.locator('[data-test-id="canvas-node"]');
        await nodes.filter({ hasText: 'Write Report' }).waitFor();
        await page.waitForLoadState('networkidle');
        const fit = page.locator('[data-test-id="zoom-to-fit"]');
        if (await fit.count()) await fit.first().click();
        await page.waitForTimeout(1500);
        const names = await nodes.allInnerTexts();
        return { names, picture: await shot('canvas.png') };
        """,
        workflow=remembered.workflow_id,
    )
    shown = " ".join(seen["names"])
    assert all(name in shown for name in ("Two Files", "Analyze Source", "Read Screenshot", "Write Report", "Answer"))
    if os.environ.get("BRIDGE_KEEP_PICTURES"):
        PICTURES.mkdir(exist_ok=True)
        shutil.copy(seen["picture"], PICTURES / "canvas.png")
