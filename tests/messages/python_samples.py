"""Prints every message of the Python worker, made from sample values, as JSON: {texts: {file: {function: [text]}}, missing}.

Imports no engine's packages: a messages.py needs the standard library alone.
"""

import importlib
import inspect
import json
import os
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
WORKER = os.path.join(ROOT, "worker", "python")
sys.path.insert(0, WORKER)

# Module -> function -> the arguments of one or more calls.
SAMPLES: dict[str, dict[str, list[tuple]]] = {}


def message_files() -> list[str]:
    found = []
    for folder, _, names in os.walk(os.path.join(WORKER, "llem_worker")):
        if "messages.py" in names:
            found.append(os.path.relpath(os.path.join(folder, "messages.py"), ROOT))
    return sorted(found)


def main() -> None:
    texts: dict[str, dict[str, list[str]]] = {}
    missing = []
    for file in message_files():
        name = os.path.relpath(os.path.join(ROOT, file), WORKER)[: -len(".py")].replace(os.sep, ".")
        module = importlib.import_module(name)
        samples = SAMPLES.get(name, {})
        texts[file] = {}
        for function, value in inspect.getmembers(module, inspect.isfunction):
            if function.startswith("_") or value.__module__ != name:
                continue
            calls = samples.get(function, [])
            if not calls:
                missing.append(f"{file}: {function}")
            texts[file][function] = [value(*call) for call in calls]
    json.dump({"texts": texts, "missing": missing}, sys.stdout)


main()
