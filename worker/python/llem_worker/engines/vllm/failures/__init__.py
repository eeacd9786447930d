"""What vLLM raises, or writes to its log from a process of its own, under names of ours with a remedy."""

from .name import name_vllm_failure

__all__ = ["name_vllm_failure"]
