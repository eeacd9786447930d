"""What the probe looks for on behalf of this engine: by module, the distributions that bring it."""

PACKAGES = {
    "tensorrt_llm": ("tensorrt_llm", "tensorrt-llm"),
    "torch": ("torch",),
    "transformers": ("transformers",),
}
