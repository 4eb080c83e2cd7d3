"""Copy an upload into a file of the result."""

from bridge.authoring import Files, StepModel, StepResult


class CopyFileInput(StepModel):
    file: str
    name: str = "copy.bin"


class CopyFileOutput(StepResult):
    size: int
    name: str
    media_type: str


async def run(given: CopyFileInput, *, files: Files) -> CopyFileOutput:
    upload = await files.open(given.file)
    await files.write(given.name, upload.path, upload.media_type)
    return CopyFileOutput(size=upload.size, name=upload.name, media_type=upload.media_type)
