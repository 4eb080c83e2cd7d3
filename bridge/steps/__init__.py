"""What each step does: one file or folder per step, each with one `async def run`."""

from importlib.resources import files

from bridge.specs import Pack

PACK = Pack(
    name="multimodal-bridge",
    handlers="bridge.steps",
    models="bridge.generated.models",
    catalogue=files("bridge.generated").joinpath("catalogue.json"),
    node_package="n8n-nodes-multimodal-bridge",
)
