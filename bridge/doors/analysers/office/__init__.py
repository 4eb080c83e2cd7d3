"""Office files: text documents, sheets and slides, with their tables, notes and embedded pictures."""
