"""The composition root: settings, doors, service; the only place that picks adapters."""
