"""Template to n8n document, in four pure passes: resolve, checks, layout, emit."""
