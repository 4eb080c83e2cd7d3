"""Wait until a file appears (or for a while), counting the starts in another; long."""

import asyncio
from pathlib import Path

from bridge.authoring import Progress, StepModel, StepResult


class PatienceInput(StepModel):
    name: str
    folder: str
    seconds: float = 0
    until: str = ""


class PatienceOutput(StepResult):
    name: str


async def run(given: PatienceInput, *, progress: Progress) -> PatienceOutput:
    folder = Path(given.folder)
    with (folder / f"{given.name}.starts").open("a") as starts:
        starts.write("x")
    progress(0.5, "half way")
    await asyncio.sleep(given.seconds)
    while given.until and not (folder / given.until).exists():
        await asyncio.sleep(0.02)
    return PatienceOutput(name=given.name)
