"""What engines compile and keep: in one folder for all runs of a study, so that only the first of them compiles."""

import os
from collections.abc import Mapping

# The runner removes it when no run of the study is left; lib/engines/caches.ts has the same name.
FOLDER = ".llem-cache"


def keep_in_study(folders: Mapping[str, str]) -> None:
    """Points variables that name folders of caches at folders below the study's own. One that the user has set stands."""
    study = os.environ.get("LLEM_STUDY_DIR", "")
    if study == "":
        return
    for variable, name in folders.items():
        os.environ.setdefault(variable, os.path.join(study, FOLDER, name))


def state_of(variable: str) -> str:
    """Whether the folder that the variable names holds anything yet: empty or filled."""
    try:
        return "filled" if os.listdir(os.environ.get(variable, "")) else "empty"
    except OSError:
        return "empty"
