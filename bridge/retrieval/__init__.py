"""Finding places: from a file to chunks and token streams, from a question to ranked, quoted, packed answers."""
