"""Remarks on settings that act otherwise than their names say."""

import os
from typing import Any

from ...frames import Reporter
from .check import has_cuda
from .placement import placed
from .settings import Settings


def note_settings(settings: Settings, model: Any, report: Reporter) -> None:
    """Tells of settings without effect, and of parts of the model that are not on the GPU."""
    section = settings.section
    if (section.get("num_processes") or 1) > 1:
        report.note("warning", "pytorch.num_processes has no effect: a run is one process.", "num_processes")
    if (section.get("num_beams") or 1) == 1:
        for field, usual in (("early_stopping", False), ("length_penalty", 1.0)):
            if section.get(field, usual) != usual:
                report.note("warning", f"pytorch.{field} has no effect without num_beams above 1.", field)
    _note_offloaded(model, report)
    _note_unused_gpu(section, report)


def _note_unused_gpu(section: dict[str, Any], report: Reporter) -> None:
    """A torch without CUDA takes the CPU in silence where a GPU was meant."""
    hidden = os.environ.get("CUDA_VISIBLE_DEVICES") in ("", "-1")
    if has_cuda() or hidden or section.get("device_map") == "cpu" or not os.path.exists("/dev/nvidiactl"):
        return
    text = "There is an NVIDIA GPU, but this torch sees none and computes on the CPU: install one with CUDA."
    report.note("warning", text, "gpu_unused")


def _note_offloaded(model: Any, report: Reporter) -> None:
    """Where there is a GPU, what waits in the machine's memory; what waits on disk in any case."""
    devices = list(placed(model).values())
    homes = {"disk", "meta"} if set(devices) <= {"cpu", "disk", "meta"} else {"cpu", "disk", "meta"}
    away = [device for device in devices if device in homes]
    if away:
        report.note(
            "warning",
            f"{len(away)} of {len(devices)} parts of the model are on {' and '.join(sorted(set(away)))}: "
            "each step waits for them to be copied.",
            "offloaded",
        )
