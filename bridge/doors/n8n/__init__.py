"""The way to n8n: its public API and its webhooks."""
