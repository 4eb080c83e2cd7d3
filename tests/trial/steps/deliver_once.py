"""Like patience, but must not be repeated blindly."""

from bridge.authoring import Progress
from tests.trial.steps.patience import PatienceInput as DeliverOnceInput
from tests.trial.steps.patience import PatienceOutput as DeliverOnceOutput
from tests.trial.steps.patience import run as wait


async def run(given: DeliverOnceInput, *, progress: Progress) -> DeliverOnceOutput:
    return await wait(given, progress=progress)
