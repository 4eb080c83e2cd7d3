"""Documents and their segments: the one result shape of every modality."""
