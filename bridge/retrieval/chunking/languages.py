"""Which language a file is written in, by name; content decides elsewhere."""

from pathlib import PurePosixPath

BY_SUFFIX = {
    ".py": "python", ".pyi": "python", ".js": "javascript", ".mjs": "javascript", ".cjs": "javascript",
    ".jsx": "javascript", ".ts": "typescript", ".mts": "typescript", ".cts": "typescript", ".tsx": "tsx",
    ".go": "go", ".java": "java", ".rs": "rust", ".c": "c", ".h": "c", ".cc": "cpp", ".cpp": "cpp",
    ".cxx": "cpp", ".hpp": "cpp", ".hh": "cpp", ".cs": "csharp", ".php": "php", ".rb": "ruby", ".kt": "kotlin",
    ".swift": "swift", ".scala": "scala", ".lua": "lua", ".ex": "elixir", ".exs": "elixir", ".hs": "haskell",
    ".dart": "dart", ".sh": "bash", ".bash": "bash", ".sql": "sql", ".css": "css", ".html": "html",
    ".md": "markdown", ".markdown": "markdown", ".rst": "rst", ".txt": "text", ".toml": "toml", ".yaml": "yaml",
    ".yml": "yaml", ".json": "json", ".ini": "ini", ".cfg": "ini", ".xml": "xml", ".proto": "protobuf",
    ".tf": "hcl",
}  # fmt: skip
BY_NAME = {"Dockerfile": "dockerfile", "Makefile": "make", "README": "text", "CHANGES": "text", "LICENSE": "text"}


def language_of(path: str) -> str:
    """The language of a file by its name, or an empty string."""
    name = PurePosixPath(path).name
    return BY_NAME.get(name) or BY_SUFFIX.get(PurePosixPath(name).suffix.lower(), "")
