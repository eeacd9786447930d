"""The engine PyTorch with transformers."""
