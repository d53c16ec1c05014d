"""In which precision does this CPU multiply faster? The embedded model writing and learning, side by side.

    python benchmarks/precision.py [--rounds 4] [--batch 24] [--tokens 48] [--length 450]

One thread; the precisions take turns. Writing: `--tokens` new ones a row behind a prompt of CIFAR-10. Learning: loss
and gradients of one pair of `--length` tokens through LoRA of rank 32 on all linear layers. Prints the best of the
rounds and says which precision `archwright.llm.hardware` chooses here.
"""

import argparse
import time
from collections.abc import Callable

import torch
from peft import LoraConfig, get_peft_model

from archwright.evaluation.classes import state_class_key
from archwright.llm.embedded import EMBEDDED_NAME, embedded_folder
from archwright.llm.hardware import Hardware, detect_hardware, set_product_precision
from archwright.llm.local import load_network, load_tokenizer, make_ready, render_prompt
from archwright.llm.model import Decoding
from archwright.llm.sampling import sample
from archwright.prompts import DUAL_TASK_SPECS, render_full
from archwright.task import Budget


def main() -> None:
    """Time both precisions and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--batch", type=int, default=24)
    parser.add_argument("--tokens", type=int, default=48)
    parser.add_argument("--length", type=int, default=450)
    options = parser.parse_args()
    torch.set_num_threads(1)
    work = {
        products: (writing(products, options.batch, options.tokens), learning(products, options.length))
        for products in (torch.float32, torch.bfloat16)
    }
    best: dict[torch.dtype, list[float]] = {products: [float("inf")] * 2 for products in work}
    for _ in range(1 + options.rounds):  # The first one warms up.
        for products, jobs in work.items():
            best[products] = [min(least, _cpu_s(job)) for least, job in zip(best[products], jobs, strict=True)]
    print("| products | tokens per CPU second | CPU s of a LoRA step |\n|:--|--:|--:|")
    for products, (writing_s, learning_s) in best.items():
        print(f"| {str(products)[6:]} | {options.batch * options.tokens / writing_s:.0f} | {learning_s:.2f} |")
    print(f"\n{torch.cpu.get_capabilities()['cpu_name']}; chosen here: {detect_hardware().precision}")


def writing(products: torch.dtype, batch: int, tokens: int) -> Callable[[], object]:
    """Return a job that samples a batch."""
    network = make_ready(_network(), Hardware("cpu", torch.float32, products))
    cifar10 = next(spec for spec in DUAL_TASK_SPECS if spec.name == "cifar10")
    tokenizer = load_tokenizer(embedded_folder(), EMBEDDED_NAME)
    prompt = render_prompt(tokenizer, render_full(cifar10, Budget(), "compact"))
    decoding = Decoding(0.8, 50, 0.9, tokens)
    return lambda: sample(network, [prompt] * batch, range(batch), decoding, frozenset(), lambda _: False)


def learning(products: torch.dtype, length: int) -> Callable[[], object]:
    """Return a job that takes the loss and the gradients of one pair."""
    lora = LoraConfig(r=32, lora_alpha=32, target_modules="all-linear", task_type="CAUSAL_LM")
    network = get_peft_model(_network(), lora).train()
    set_product_precision(network, products)
    pair_nt = torch.randint(100, 40_000, (1, length))
    return lambda: network(input_ids=pair_nt, labels=pair_nt).loss.backward()


def _network():  # type: ignore[no-untyped-def]  # transformers is untyped here
    return load_network(embedded_folder(), EMBEDDED_NAME, Hardware("cpu", torch.float32, torch.float32))


def _cpu_s(job: Callable[[], object]) -> float:
    before = time.process_time()
    job()
    return time.process_time() - before


if __name__ == "__main__":
    state_class_key()
    main()
