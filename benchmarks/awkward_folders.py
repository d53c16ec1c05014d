"""What comes of data sets as people have them: read right, read with a warning, or refused with what to do.

python benchmarks/awkward_folders.py [--out docs/results/awkward_folders.json]
"""

import argparse
import importlib.util
import json
import os
import sys
import tempfile
from pathlib import Path

from archwright.errors import ArchwrightError
from archwright.evaluation.classes import state_class_key
from archwright.evaluation.data import load_task_data, open_test_split
from archwright.task import DataOptions, Task

ROOT = Path(__file__).resolve().parents[1]
BUILDERS = ROOT / "tests" / "evaluation" / "data" / "awkward_folders.py"


def main() -> None:
    """Build every data set, read it and write what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "results" / "awkward_folders.json")
    options = parser.parse_args()
    spec = importlib.util.spec_from_file_location("awkward_folders", BUILDERS)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    rows: dict[str, dict[str, object]] = {}
    with tempfile.TemporaryDirectory() as scratch:
        os.environ["ARCHWRIGHT_CACHE"] = str(Path(scratch) / "cache")
        for name, build in module.FOLDERS.items():
            folder = Path(scratch) / name
            folder.mkdir()
            rows[name] = measure(build(folder), scratch)
            if name == "corrupt_files":
                rows[f"{name}, data.skip_corrupt"] = measure(folder, scratch, skip_corrupt=True)
    options.out.write_text(json.dumps({"folders": rows}, indent=2) + "\n", "utf-8")
    for name, row in rows.items():
        sys.stdout.write(f"{name:30} {row}\n")


def measure(path: Path, scratch: str, **data: bool) -> dict[str, object]:
    """Return classes, counts, splits, pixel range and warnings of a data set, or the error."""
    task = Task(name=str(path), data=DataOptions.model_validate(data))
    try:
        found, test = load_task_data(task), open_test_split(task)
    except ArchwrightError as error:
        return {"error": str(error).replace(scratch, "DIR")}
    facts = found.spec.facts
    assert facts is not None
    return {
        "classes": dict(zip(found.spec.class_names, facts.class_counts, strict=True)),
        "shape": list(found.spec.image_shape),
        "train, validation, test": [len(found.train), len(found.validation), len(test)],
        "pixels": list(facts.pixel_range),
        "warnings": [warning.replace(scratch, "DIR") for warning in facts.warnings],
    }


if __name__ == "__main__":
    state_class_key()
    main()
