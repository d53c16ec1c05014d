"""What comes of nine prompts to servers that answer awkwardly, each a process on the loopback interface.

python benchmarks/awkward_servers.py [--out docs/results/awkward_servers.json]
"""

import argparse
import json
import socket
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

from archwright.errors import ModelError
from archwright.evaluation.classes import state_class_key
from archwright.llm.model import Decoding, Prompt
from archwright.llm.openai import OpenAIModel

ROOT = Path(__file__).resolve().parents[1]
SERVER = ROOT / "tests" / "llm" / "awkward_server.py"
MODES = (
    *("ok", "reasoning_null", "reasoning_null_length", "reasoning_ok", "parts", "thinkparts", "mct", "temp", "gemini"),
    *("ctx_some", "ctx_all", "filter_some", "err200", "err200_all", "nochoice", "sse", "nomodel", "redir", "loading"),
    *("retry_after_long", "conflict408", "think", "usage_str", "html", "surrogate", "nul", "bom", "crlf"),
)
PROMPTS = 9


def main() -> None:
    """Ask every server and write what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "results" / "awkward_servers.json")
    options = parser.parse_args()
    rows = {mode: measure(mode) for mode in MODES}
    options.out.write_text(json.dumps({"prompts": PROMPTS, "servers": rows}, indent=2) + "\n", "utf-8")
    for mode, row in rows.items():
        sys.stdout.write(f"{mode:22} {row}\n")


def measure(mode: str) -> dict[str, object]:
    """Return the programs, refusals, notes and error that a server's mode leads to."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen([sys.executable, str(SERVER), str(port), mode])
    try:
        _wait_for(port)
        with closing(OpenAIModel(f"http://127.0.0.1:{port}/v1", "m", first_wait_s=0.01, timeout_s=20)) as model:
            return _ask(model)
    finally:
        process.kill()
        process.wait()


def _ask(model: OpenAIModel) -> dict[str, object]:
    prompt, decoding = Prompt("You are brief.", "Write a network."), Decoding(0.2, 50, 0.9, 2048)
    answers, error = [], None
    try:
        answers += [answer for _, answer in model.stream([prompt] * PROMPTS, decoding, list(range(PROMPTS)))]
    except ModelError as failure:
        error = str(failure).replace(model.name.removeprefix("openai:").removesuffix("#m"), "URL")
    return {
        "programs": sum("class Net(nn.Module)" in answer.text for answer in answers),
        "finish": dict(sorted(Counter(answer.finish_reason.value for answer in answers).items())),
        "notes": sorted({answer.note for answer in answers if answer.note}),
        "adapted": list(model.adaptations),
        "error": error,
    }


def _wait_for(port: int) -> None:
    for _ in range(500):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return


if __name__ == "__main__":
    state_class_key()
    main()
