"""Texts for people of the engine vllm."""


def release_too_old(found: str, oldest: str) -> str:
    return f"vLLM {found} is older than {oldest}, the first release that tells the times of a request"
