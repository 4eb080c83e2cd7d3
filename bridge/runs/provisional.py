"""What stands in for files, results and progress until the store is wired in."""

from pathlib import Path

from bridge.authoring import Earlier, Upload, Written
from bridge.problems import NotFound, Unavailable


class NoFiles:
    """No files yet."""

    async def open(self, reference: str) -> Upload:
        """Find nothing."""
        raise NotFound(f"There is no upload '{reference}'.")

    async def write(self, name: str, content: bytes | Path, media_type: str) -> Written:  # noqa: ARG002
        """Keep nothing."""
        raise Unavailable("Files cannot be kept yet.")

    def scratch(self) -> Path:
        """Offer nothing."""
        raise Unavailable("There is no scratch folder yet.")


class NoResults:
    """No earlier results yet."""

    async def of(self, reference: str) -> list[Earlier]:
        """Find nothing."""
        raise NotFound(f"There is no result '{reference}'.")

    async def of_execution(self) -> list[Earlier]:
        """Find nothing."""
        return []


def silent(fraction: float, message: str) -> None:
    """Tell nobody."""
