"""Search with regularised evolution: no language model, the whole loop.

python examples/search_by_evolution.py FOLDER [KEY=VALUE...]
"""

import sys
from pathlib import Path

from archwright import Study, load_config

if __name__ == "__main__":
    folder = Path(sys.argv[1])
    config = load_config("evolution", ["task=digits", *sys.argv[2:]])
    with Study(config, folder) as study:
        result = study.run()
    for cycle in result.cycles:
        print(f"cycle {cycle.cycle}: {cycle.valid} of {cycle.generated} valid, best {cycle.best}")
    print(result.best[0].program.source)
