"""How fast does the embedded model write, by batch and by threads?

    python benchmarks/generation.py [--batches 1 8 16 24 32] [--threads 1 2] [--tokens 128] [--repeats 3]

Samples the prompt of CIFAR-10 with the default decoding; nothing ends a row early, so every step has the whole batch.
Prints a table of tokens per wall second and per CPU second (the best and the worst repeat): on a busy machine only the
second says something, and not everything, since caches are shared. The last column is what it would be if every token
read its whole row again instead of the keys and values kept of it, from one step in the middle of the rows.
"""

import argparse
import os

from archwright.config import LlmConfig
from archwright.evaluation.classes import state_class_key
from archwright.llm.embedded import EMBEDDED_NAME, embedded_folder
from archwright.llm.model import Decoding
from archwright.prompts import DUAL_TASK_SPECS, render_full
from archwright.stopwatch import Stopwatch
from archwright.task import Budget


def main() -> None:
    """Measure every pair of batch and threads."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--batches", type=int, nargs="+", default=[1, 8, 16, 24, 32])
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--tokens", type=int, default=128)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # Read when torch is loaded.
    import torch

    from archwright.llm.hardware import detect_hardware, set_product_precision
    from archwright.llm.local import load_network, load_tokenizer, render_prompt
    from archwright.llm.sampling import sample

    hardware, folder = detect_hardware(), embedded_folder()
    network = load_network(folder, EMBEDDED_NAME, hardware).eval()
    set_product_precision(network, hardware.products)
    cifar10 = next(spec for spec in DUAL_TASK_SPECS if spec.name == "cifar10")
    prompt = render_prompt(load_tokenizer(folder, EMBEDDED_NAME), render_full(cifar10, Budget(), "compact"))
    config = LlmConfig()
    print(f"{hardware.device}, {hardware.precision}; prompt of {len(prompt)} tokens")
    print("| threads | batch | tokens/s | tokens per CPU second | tokens/s, nothing kept |\n|--:|--:|--:|--:|--:|")
    for threads in options.threads:
        torch.set_num_threads(threads)
        for batch in options.batches:
            wall, cpu = [], []
            middle = torch.tensor([[*prompt, *prompt[: options.tokens // 2]]] * batch)
            for tokens in (4, *[options.tokens] * options.repeats):  # The first one warms up.
                decoding = Decoding(0.8, config.top_k, config.top_p, tokens)
                clock = Stopwatch()
                sample(network, [prompt] * batch, range(batch), decoding, frozenset(), lambda _: False)
                wall.append(batch * tokens / clock.wall_s)
                cpu.append(batch * tokens / clock.cpu_s)
            clock = Stopwatch()
            with torch.inference_mode():
                network(middle.to(network.device), use_cache=False, logits_to_keep=1)
            uncached = batch / clock.wall_s
            print(
                f"| {threads} | {batch} | {min(wall[1:]):.0f} to {max(wall[1:]):.0f} "
                f"| {min(cpu[1:]):.0f} to {max(cpu[1:]):.0f} | {uncached:.1f} |",
                flush=True,
            )


if __name__ == "__main__":
    state_class_key()
    main()
