"""The templates as n8n's own Templates page asks for them."""

from bridge.codegen.operations import Operation, query

TAG = "Gallery"
ANYTHING = {"type": "object"}
MAKING = (400, 404, 422)
OPERATIONS = (
    Operation("get", "/api/health", "galleryHealth", TAG, "Whether the gallery answers", {200: ANYTHING}, "public"),
    Operation(
        "get", "/api/templates/search", "searchGallery", TAG, "Search templates", {200: ANYTHING}, "public",
        parameters=(query("search", "Words to look for."),), problems=(400,),
    ),
    Operation(
        "get", "/api/templates/categories", "galleryCategories", TAG, "Categories", {200: ANYTHING}, "public",
    ),
    Operation(
        "get", "/api/templates/collections", "galleryCollections", TAG, "Collections", {200: ANYTHING}, "public",
    ),
    Operation(
        "get", "/api/templates/workflows/{id}", "galleryTemplate", TAG, "Look at a template", {200: ANYTHING}, "public",
        problems=MAKING,
    ),
    Operation(
        "get", "/api/workflows/templates/{id}", "importTemplate", TAG, "A template as n8n imports it",
        {200: ANYTHING}, "public", problems=MAKING,
    ),
    Operation(
        "get", "/templates/{name}/workflow.json", "templateWorkflow", TAG, "A template as a workflow file",
        {200: ANYTHING}, "public", problems=MAKING,
    ),
)  # fmt: skip
