"""n8n Multimodal Bridge: Python capabilities as nodes on the n8n canvas."""

__version__ = "0.1.0"
