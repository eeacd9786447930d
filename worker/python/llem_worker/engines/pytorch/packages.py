"""What the probe looks for on behalf of this engine: by module, the distributions that bring it."""

PACKAGES = {
    "torch": ("torch",),
    "transformers": ("transformers",),
    "accelerate": ("accelerate",),
    "safetensors": ("safetensors",),
    "tokenizers": ("tokenizers",),
    "sentencepiece": ("sentencepiece",),
    "gguf": ("gguf",),
    "peft": ("peft",),
    "bitsandbytes": ("bitsandbytes",),
    "flash_attn": ("flash-attn", "flash_attn"),
    "flash_attn_interface": ("flash-attn-3", "flash_attn_3"),
}
