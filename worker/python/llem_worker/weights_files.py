"""What the weights of a model are, by the headers of its safetensors files: none of them is read."""

import json
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from math import prod
from typing import Any

from . import messages

INDEX = "model.safetensors.index.json"
WHOLE = "model.safetensors"
MOST_HEADER_BYTES = 100_000_000

_DTYPES = {
    "F64": "float64",
    "F32": "float32",
    "F16": "float16",
    "BF16": "bfloat16",
    "F8_E4M3": "float8_e4m3fn",
    "F8_E5M2": "float8_e5m2",
    "I64": "int64",
    "I32": "int32",
    "I16": "int16",
    "I8": "int8",
    "U8": "uint8",
    "BOOL": "bool",
}
# Masks and tables that some files hold beside the weights.
_BUFFERS = ("rotary_emb.inv_freq", ".masked_bias")
# How quantised weights are unpacked: no weights themselves.
_SCALES = re.compile(
    r"(?:\.qzeros|\.scales|\.g_idx|_scale|_scale_inv|_scales|_zero_point|_g_idx|_shape|\.absmax|\.quant_map"
    r"|\.nested_\w+|\.quant_state\.\w+|\.SCB|\.weight_format)$"
)
_PACKED_INTEGERS = (".qweight", ".weight_packed")
_LAYER = re.compile(r"^model\.layers\.(\d+)\.")
_HEAD = "lm_head.weight"
_EMBEDDING = re.compile(r"embed|wte\.|wpe\.")


@dataclass(frozen=True)
class Weight:
    """A tensor of the model; one that is packed as what it stands for."""

    numbers: int
    dimensions: int
    dtype: str
    """As it is stored."""


def read_weights(folder: str, config: Any) -> dict[str, Weight]:
    """
    The tensors that a model of this transformers configuration takes from the files of a folder, by name: tied ones
    once. Raises OSError or ValueError where the files do not tell.
    """
    headers = _headers(folder)
    text = config.get_text_config(decoder=True)
    bits = _bits(getattr(config, "quantization_config", None))
    layers = getattr(text, "num_hidden_layers", None)
    tied = bool(getattr(config, "tie_word_embeddings", False) or getattr(text, "tie_word_embeddings", False))
    embedded = any(is_embedding(name) for name in headers)
    return {
        name: _weight(name, header, bits)
        for name, header in headers.items()
        if _is_weight(name, header)
        and not _is_beyond(name, layers)
        and not (tied and embedded and name.endswith(_HEAD))
    }


def is_embedding(name: str) -> bool:
    """True for a table in which rows are looked up."""
    return _EMBEDDING.search(name) is not None


def is_head(name: str) -> bool:
    """True for what gives the logits, where it is no embedding too."""
    return name.endswith(_HEAD)


def stored_dtypes(weights: Iterable[Weight]) -> dict[str, int]:
    """How many numbers there are of each format."""
    counts: dict[str, int] = {}
    for weight in weights:
        counts[weight.dtype] = counts.get(weight.dtype, 0) + weight.numbers
    return counts


def _headers(folder: str) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for name in _files(folder):
        found.update(_header(os.path.join(folder, name)))
    return found


def _files(folder: str) -> list[str]:
    index = os.path.join(folder, INDEX)
    if os.path.exists(index):
        with open(index, encoding="utf-8") as file:
            return sorted(set(json.load(file)["weight_map"].values()))
    names = sorted(name for name in os.listdir(folder) if name.endswith(".safetensors"))
    if not names:
        raise ValueError(messages.no_safetensors())
    return [WHOLE] if WHOLE in names else names


def _header(path: str) -> dict[str, dict[str, Any]]:
    if os.path.exists(path) and not os.path.isfile(path):
        # An index may name anything, a pipe that nobody writes to as well.
        raise ValueError(messages.not_safetensors(os.path.basename(path)))
    with open(path, "rb") as file:
        size = int.from_bytes(file.read(8), "little")
        if size > MOST_HEADER_BYTES:
            raise ValueError(messages.not_safetensors(os.path.basename(path)))
        header = json.loads(file.read(size))
    return {name: tensor for name, tensor in header.items() if name != "__metadata__"}


def _is_weight(name: str, header: dict[str, Any]) -> bool:
    # A causal mask, as GPT-2 has one in its files.
    is_mask = name.endswith(".bias") and len(header["shape"]) == 4
    return not name.endswith(_BUFFERS) and _SCALES.search(name) is None and not is_mask


def _is_beyond(name: str, layers: Any) -> bool:
    """True for layers that guess further tokens, which a plain model leaves where they are."""
    found = _LAYER.match(name)
    is_further = found is not None and isinstance(layers, int) and int(found[1]) >= layers
    return is_further or name.startswith("mtp.")


def _weight(name: str, header: dict[str, Any], bits: int | None) -> Weight:
    shape, dtype = header["shape"], header["dtype"]
    return Weight(prod(shape) * _packed(name, dtype, bits), len(shape), _DTYPES.get(dtype, dtype.lower()))


def _packed(name: str, dtype: str, bits: int | None) -> int:
    """How many weights a stored number holds."""
    if name.endswith(_PACKED_INTEGERS):
        if bits is None:
            raise ValueError(messages.packing_untold(name))
        return {"I32": 32, "U8": 8}.get(dtype, bits) // bits
    # Two in a byte: MXFP4, NVFP4, and bitsandbytes' formats of 4 bits.
    return 2 if dtype == "U8" else 1


def _bits(quantised: Any) -> int | None:
    """In how many bits integers are packed, by `quantization_config` of config.json."""
    told = quantised if isinstance(quantised, dict) else getattr(quantised, "__dict__", {})
    groups = told.get("config_groups") or {}
    schemes = [group.get("weights") or {} for group in groups.values() if isinstance(group, dict)]
    known = [told.get("bits"), told.get("w_bit"), *(scheme.get("num_bits") for scheme in schemes)]
    return next((bits for bits in known if isinstance(bits, int) and bits > 0), None)
