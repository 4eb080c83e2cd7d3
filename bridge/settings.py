"""Every environment variable: its type, its default and one sentence; docs/reference/settings.md is made from here."""

from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

Names = Annotated[tuple[str, ...], NoDecode]

REGISTRIES = (
    "pypi.org",
    "files.pythonhosted.org",
    "registry.npmjs.org",
    "proxy.golang.org",
    "sum.golang.org",
    "index.crates.io",
    "static.crates.io",
    "repo.maven.apache.org",
)


class Settings(BaseSettings):
    """The bridge's settings. Lists are comma-separated; sizes are bytes and times are seconds."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True, populate_by_name=True)

    port: int = Field(8007, alias="WORKFLOW_ENGINE_PORT", ge=0, le=65535, description="Port the service listens on.")
    host: str = Field("127.0.0.1", alias="BRIDGE_HOST", description="Address the service listens on.")
    data_dir: Path = Field(
        Path(".bridge"), alias="BRIDGE_DATA_DIR", description="Folder for the embedded database, blobs and files."
    )
    postgres_url: str = Field("", alias="POSTGRES_URL", description="PostgreSQL to use instead of embedded SQLite.")
    api_keys: Names = Field(
        (), alias="BRIDGE_API_KEYS", description="API keys as name:role:sha256, role use or manage."
    )
    roots: Names = Field((), alias="BRIDGE_ROOTS", description="Folders whose files steps may read.")
    allowed_hosts: Names = Field(
        (), alias="BRIDGE_ALLOWED_HOSTS", description="Hosts that given URLs may name although they are private."
    )
    registries: Names = Field(
        REGISTRIES, alias="BRIDGE_REGISTRIES", description="Hosts that dependencies of tested code are fetched from."
    )
    public_url: str = Field("", alias="BRIDGE_PUBLIC_URL", description="Address under which browsers reach the bridge.")
    url_for_n8n: str = Field("", alias="BRIDGE_URL_FOR_N8N", description="Address under which n8n reaches the bridge.")
    path_secret: str = Field("", alias="BRIDGE_PATH_SECRET", description="Secret that webhook paths are made from.")
    sandbox: Literal["bubblewrap", "landlock"] = Field(
        "bubblewrap", alias="BRIDGE_SANDBOX", description="Weakest sandbox in which foreign code may run."
    )
    config_file: Path = Field(
        Path("bridge.toml"), alias="BRIDGE_CONFIG", description="File with named targets and secrets' names."
    )
    log_level: str = Field("info", alias="BRIDGE_LOG_LEVEL", description="debug, info, warning or error.")
    log_format: Literal["json", "console"] = Field("json", alias="BRIDGE_LOG_FORMAT", description="Log format.")
    max_body: int = Field(
        20_000_000, alias="BRIDGE_MAX_BODY", ge=1024, description="Largest JSON body; larger ones get 413."
    )
    max_upload: int = Field(
        2_000_000_000, alias="BRIDGE_MAX_UPLOAD", ge=1024, description="Largest uploaded file; larger ones get 413."
    )
    body_timeout: float = Field(
        30, alias="BRIDGE_BODY_TIMEOUT", gt=0, description="Longest silence while a request body arrives."
    )
    max_quick: int = Field(
        64, alias="BRIDGE_MAX_QUICK", ge=1, description="Quick steps running at once; more get 429 after a short wait."
    )
    max_long: int = Field(4, alias="BRIDGE_MAX_LONG", ge=1, description="Long steps one process runs at once.")
    max_queued: int = Field(1000, alias="BRIDGE_MAX_QUEUED", ge=1, description="Runs that may wait; more get 503.")
    keep_runs: int = Field(336 * 3600, alias="BRIDGE_KEEP_RUNS", ge=60, description="How long runs and files are kept.")
    templates_dir: Names = Field((), alias="BRIDGE_TEMPLATES", description="Folders with templates of your own.")
    report_templates: Path | None = Field(
        None, alias="BRIDGE_REPORT_TEMPLATES", description="Folder with report templates of your own."
    )
    n8n_url: str = Field("", alias="N8N_URL", description="Base URL of n8n, a sub-path allowed.")
    n8n_api_key: str = Field("", alias="N8N_API_KEY", description="Key for n8n's public API.", repr=False)
    n8n_webhook_url: str = Field("", alias="N8N_WEBHOOK_URL", description="Base of n8n's webhooks if it differs.")
    n8n_editor_url: str = Field("", alias="N8N_EDITOR_URL", description="Where people open n8n, for links.")
    max_concurrent_workflows: int = Field(
        20, alias="MAX_CONCURRENT_WORKFLOWS", ge=1, description="Executions the bridge starts at once; more wait."
    )
    workflow_timeout: int = Field(1800, alias="WORKFLOW_TIMEOUT", ge=1, description="Longest execution.")
    template_cache_size: int = Field(100, alias="TEMPLATE_CACHE_SIZE", ge=1, description="Templates kept parsed.")
    template_reload_interval: int = Field(
        3600, alias="TEMPLATE_RELOAD_INTERVAL", ge=1, description="How often template folders are read again."
    )
    execution_monitor_interval: float = Field(
        30, alias="EXECUTION_MONITOR_INTERVAL", gt=0, description="How often n8n is asked about running executions."
    )
    max_execution_history: int = Field(
        1000, alias="MAX_EXECUTION_HISTORY", ge=1, description="Ended executions kept per workflow."
    )
    execution_cleanup_interval: int = Field(
        86_400, alias="EXECUTION_CLEANUP_INTERVAL", ge=1, description="How often old records are removed."
    )
    multimodal_api_url: str = Field("", alias="MULTIMODAL_API_URL", description="Base URL of a multimodal-worker.")
    retrieval_api_url: str = Field("", alias="RETRIEVAL_API_URL", description="Base URL of a retrieval-proxy.")

    @field_validator("api_keys", "roots", "registries", "allowed_hosts", "templates_dir", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @cached_property
    def state(self) -> Path:
        """The data folder, absolute."""
        return self.data_dir.expanduser().resolve()
