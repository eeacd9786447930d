"""Which device holds which part of the model."""

import os
import re
import shutil
from typing import Any

from ...errors import WorkerError
from .check import has_cuda
from .settings import Settings
from . import messages

_STRATEGIES = ("auto", "balanced", "balanced_low_0", "sequential")
_MOST_MODULES_TOLD = 64


def placement_arguments(settings: Settings, run_dir: str) -> dict[str, Any]:
    """Arguments of from_pretrained that place the model. Raises WorkerError for a device that is absent."""
    device_map = settings.section.get("device_map", "auto")
    max_memory = settings.section.get("max_memory")
    for device in device_map.values() if isinstance(device_map, dict) else [device_map]:
        _check_device(device)
    if max_memory is None:
        return {"device_map": device_map}
    if device_map not in _STRATEGIES:
        raise _bad(messages.max_memory_needs_strategy(", ".join(_STRATEGIES), str(device_map)))
    limits = {_memory_key(key): value for key, value in max_memory.items()}
    # What fits nowhere else goes to disk: the limits ask for it.
    return {
        "device_map": device_map,
        "max_memory": limits,
        "offload_folder": _offload_folder(run_dir),
    }


def remove_offloaded(run_dir: str) -> None:
    """Removes the weights that were written beside the record; they can be as large as the model."""
    shutil.rmtree(_offload_folder(run_dir), ignore_errors=True)


def _offload_folder(run_dir: str) -> str:
    return os.path.join(run_dir, "offload")


def check_placement(model: Any, settings: Settings) -> None:
    """Raises WorkerError where a part of the model landed on disk although nobody asked for it."""
    on_disk = [name for name, device in placed(model).items() if device in ("disk", "meta")]
    asked = settings.section.get("max_memory") is not None or "disk" in str(
        settings.section.get("device_map")
    )
    if on_disk and not asked:
        raise WorkerError(
            "out_of_memory",
            messages.model_not_in_memory(len(on_disk), on_disk[0]),
        )


def placed(model: Any) -> dict[str, str]:
    """Devices by module, as the library placed them; the empty name is the whole model."""
    placed_by_map = getattr(model, "hf_device_map", None)
    if not placed_by_map:
        return {"": str(model.device)}
    return {
        name: f"cuda:{device}" if isinstance(device, int) else str(device)
        for name, device in placed_by_map.items()
    }


def told_placement(model: Any) -> dict[str, str] | str:
    """The same for the record: one device as its name; of many modules, neighbours as one entry."""
    by_module = placed(model)
    if len(set(by_module.values())) == 1:
        return next(iter(by_module.values()))
    return by_module if len(by_module) <= _MOST_MODULES_TOLD else _shortened(by_module)


def input_device(model: Any) -> Any:
    """The torch.device of the inputs: where the embeddings are computed."""
    import torch

    weight = model.get_input_embeddings().weight
    if weight.device.type != "meta":
        return weight.device
    places = [device for device in placed(model).values() if device not in ("disk", "meta", "cpu")]
    return torch.device(places[0] if places else "cpu")


def _shortened(by_module: dict[str, str]) -> dict[str, str]:
    runs: list[tuple[str, str, str]] = []
    for name, device in by_module.items():
        if runs and runs[-1][2] == device:
            runs[-1] = (runs[-1][0], name, device)
        else:
            runs.append((name, name, device))
    return {first if first == last else f"{first} .. {last}": device for first, last, device in runs}


def _check_device(device: Any) -> None:
    """CUDA devices that are not there; names that are none fail in the library."""
    named = re.fullmatch(r"(?:cuda:?)?(\d*)", str(device))
    if named is None or str(device) == "":
        return
    if not has_cuda():
        raise WorkerError(
            "device_unavailable",
            messages.device_map_without_gpu(str(device)),
        )
    _check_index(int(named.group(1) or 0), "device_map")


def _memory_key(key: str) -> int | str:
    if not re.fullmatch(r"\d+", key):
        if key not in ("cpu", "disk", "mps"):
            raise _bad(messages.max_memory_of_unknown_device(key))
        return key
    _check_index(int(key), "max_memory")
    return int(key)


def _check_index(index: int, field: str) -> None:
    import torch

    count = torch.cuda.device_count()
    if index >= count:
        raise WorkerError("device_unavailable", messages.no_such_gpu(field, index, count))


def _bad(message: str) -> WorkerError:
    return WorkerError("bad_setting", message)
