"""How long a data set takes to load: the first time, when it is decoded, and every time after.

Run: python benchmarks/data_loading.py [--task cifar10] [--repeats 5]
Prints one JSON object; needs the data set on this machine (`archwright tasks` says whether it is).
"""

import argparse
import json
import os
import platform
import statistics
import tempfile
import time

from archwright.evaluation.classes import state_class_key
from archwright.evaluation.data import describe_tasks, load_task_data
from archwright.task import Task


def main() -> None:
    """Decode into an empty cache, then load it again and again."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--task", default="cifar10")
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()

    where = {entry.name: entry for entry in describe_tasks()}.get(options.task)
    if where is not None and not where.is_available:
        parser.exit(0, f"{options.task} is not on this machine: {where.where}\n")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["ARCHWRIGHT_CACHE"] = folder
        first_s, cpu_s = timed(options.task)
        later_s = [timed(options.task)[0] for _ in range(options.repeats)]
        data = load_task_data(Task(name=options.task))
    result = {
        "task": data.spec.title,
        "train_images": len(data.train),
        "validation_images": len(data.validation),
        "first_s": round(first_s, 2),
        "first_cpu_s": round(cpu_s, 2),
        "later_ms_median": round(1000 * statistics.median(later_s), 2),
        "later_ms_worst": round(1000 * max(later_s), 2),
        "repeats": options.repeats,
        "cores": os.cpu_count(),
        "python": platform.python_version(),
    }
    print(json.dumps(result, indent=1))


def timed(task: str) -> tuple[float, float]:
    """Return wall and CPU seconds of one load."""
    wall, cpu = time.perf_counter(), time.process_time()
    load_task_data(Task(name=task))
    return time.perf_counter() - wall, time.process_time() - cpu


if __name__ == "__main__":
    state_class_key()
    main()
