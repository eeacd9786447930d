"""The engines that live in Python: one package each, one line here.

Everything in such a package may import what its engine is made of; nothing outside does.
"""

from importlib import import_module
from types import ModuleType

# By backend: the module of llem_worker/engine.py's form.
ENGINES = {
    "pytorch": "llem_worker.engines.pytorch.engine",
    "tensorrt": "llem_worker.engines.tensorrt.engine",
    "vllm": "llem_worker.engines.vllm.engine",
}


def find_engine(backend: object) -> ModuleType | None:
    """The module of a backend, imported; None where there is none."""
    name = ENGINES.get(backend) if isinstance(backend, str) else None
    return None if name is None else import_module(name)


def packages() -> dict[str, tuple[str, ...]]:
    """What all engines look for in an interpreter: by module, the distributions that bring it."""
    found: dict[str, tuple[str, ...]] = {}
    for name in ENGINES.values():
        found.update(import_module(f"{name.rpartition('.')[0]}.packages").PACKAGES)
    return found
