"""Variables of the environment that the user has set for vLLM: a bad one fails deep inside, without its name."""

import json
import os
from collections.abc import Callable, Mapping
from typing import Any

from ...errors import WorkerError
from ...failures import describe
from . import messages

LOGGING_CONFIG = "VLLM_LOGGING_CONFIG_PATH"


def check_logging_config() -> None:
    """Before the import, which reads this file. Raises WorkerError `bad_setting` where it cannot be read."""
    path = os.environ.get(LOGGING_CONFIG)
    if not path or os.environ.get("VLLM_CONFIGURE_LOGGING", "1") == "0":
        return

    def read() -> None:
        with open(path, encoding="utf-8") as file:
            json.load(file)

    check_variables({LOGGING_CONFIG: read})


def check_variables(readers: Mapping[str, Callable[[], Any]]) -> None:
    """
    `readers` are vLLM's own (vllm.envs.environment_variables), by the variable that each of them reads. Raises
    WorkerError `bad_setting` for the first one of the environment whose value it does not take.
    """
    for name, read in readers.items():
        if name not in os.environ:
            continue
        try:
            read()
        except Exception as error:
            raise WorkerError("bad_setting", messages.bad_variable(name, describe(error))) from error
