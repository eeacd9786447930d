"""The engine PyTorch with transformers. Everything here may import torch; nothing outside does."""
