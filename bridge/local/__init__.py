"""A bridge and a real n8n on this machine: up, dev, doctor."""
