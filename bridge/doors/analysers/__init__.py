"""The way to engines that read content: our own, embedded ones and configured remote ones."""
