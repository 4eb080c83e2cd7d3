"""A door that is not there on this installation: whatever is asked of it is unavailable, and says why."""

from typing import Any, NoReturn

from bridge.problems import Unavailable


class Closed:
    """Stands in for any door; ``why`` names what is missing and the cure."""

    def __init__(self, why: str) -> None:
        self.why = why

    def __getattr__(self, verb: str) -> Any:
        if verb.startswith("__"):
            raise AttributeError(verb)
        return self._refuse

    async def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise Unavailable(self.why)
