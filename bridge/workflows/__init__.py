"""What we keep in n8n: deploying, comparing, removing."""
