"""A pack of steps that tests can steer: they echo, wait, fail, make files, and count themselves."""

from importlib.resources import files

from bridge.specs import Catalogue, Pack

PACK = Pack(
    name="trial",
    handlers="tests.trial.steps",
    models="tests.trial.steps",
    catalogue=files("tests.trial").joinpath("catalogue.json"),
    node_package="n8n-nodes-trial",
)


def catalogue() -> Catalogue:
    """The trial pack alone."""
    return Catalogue([PACK])
