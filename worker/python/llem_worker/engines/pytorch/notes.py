"""Remarks on settings that act otherwise than their names say."""

import os
from typing import Any

from ...frames import Reporter
from .check import has_cuda
from .placement import placed
from .settings import Settings
from . import messages


def note_settings(settings: Settings, model: Any, report: Reporter) -> None:
    """Tells of settings without effect, and of parts of the model that are not on the GPU."""
    section = settings.section
    if (section.get("num_processes") or 1) > 1:
        report.note("warning", messages.num_processes_ignored(), "num_processes")
    if (section.get("num_beams") or 1) == 1:
        for field, usual in (("early_stopping", False), ("length_penalty", 1.0)):
            if section.get(field, usual) != usual:
                report.note("warning", messages.needs_beams(field), field)
    _note_offloaded(model, report)
    _note_unused_gpu(section, report)


def _note_unused_gpu(section: dict[str, Any], report: Reporter) -> None:
    """A torch without CUDA takes the CPU in silence where a GPU was meant."""
    hidden = os.environ.get("CUDA_VISIBLE_DEVICES") in ("", "-1")
    if has_cuda() or hidden or section.get("device_map") == "cpu" or not os.path.exists("/dev/nvidiactl"):
        return
    report.note("warning", messages.gpu_unused(), "gpu_unused")


def _note_offloaded(model: Any, report: Reporter) -> None:
    """Where there is a GPU, what waits in the machine's memory; what waits on disk in any case."""
    devices = list(placed(model).values())
    homes = {"disk", "meta"} if set(devices) <= {"cpu", "disk", "meta"} else {"cpu", "disk", "meta"}
    away = [device for device in devices if device in homes]
    if away:
        report.note(
            "warning",
            messages.parts_offloaded(len(away), len(devices), " and ".join(sorted(set(away)))),
            "offloaded",
        )
