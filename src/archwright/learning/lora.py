"""LoRA with PEFT and TRL's SFTTrainer: pairs in, an adapter folder out. Runs inside `learning.worker` only.

The loss covers the completion and the end token, never the prompt. Pairs that are too long are left out whole; a
program cut in the middle would teach to stop in the middle.
"""

import json
import platform
import resource
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset  # type: ignore[import-untyped]
from peft import LoraConfig, PeftModel
from torch import nn
from transformers import PrinterCallback, ProgressCallback, set_seed
from trl import SFTConfig

from archwright.config import TuneConfig
from archwright.errors import TuningError
from archwright.learning.pairs import Pair
from archwright.learning.trainer import CompletionTrainer, Progress, Report, encode_pair
from archwright.llm.adapters import CARD, SETTINGS, with_adapter, with_new_adapter, without_peft_warning
from archwright.llm.hardware import Hardware, detect_hardware, set_product_precision
from archwright.llm.local import LOAD_ERRORS, load_network, load_tokenizer

ACTIVATION_BYTES = 34
"""Bytes kept per token, layer and hidden unit for the backward pass in 16 bits (Korthikanti et al. 2022, eq. 1)."""


@dataclass(frozen=True, slots=True)
class LoraJob:
    """Everything that determines one fine-tuning."""

    model: str
    source: str
    init_adapter: Path | None
    pairs: Sequence[Pair]
    config: TuneConfig
    seed: int
    threads: int | None
    scratch: Path
    """Folder for whatever the trainer insists on writing; removed afterwards by the caller."""


def train_adapter(job: LoraJob, out: Path, report: Report) -> None:
    """Train as `job` says and write the adapter and its card to the new folder `out`.

    `report` gets (step, steps, loss, tokens per second) after every optimizer step. Raises TuningError when no pair
    is short enough or the earlier adapter does not fit.
    """
    started = time.perf_counter()
    if job.threads:
        torch.set_num_threads(job.threads)
    hardware = detect_hardware()
    set_seed(job.seed % 2**32)
    tokenizer = load_tokenizer(job.source, job.model)
    rows = [encode_pair(tokenizer, pair) for pair in job.pairs]
    kept = [row for row in rows if len(row.input_ids) <= job.config.max_length]
    if not kept:
        shortest = min(len(row.input_ids) for row in rows)
        raise TuningError(
            f"all {len(rows)} pairs are longer than {job.config.max_length} tokens (tune.max_length)",
            f"the shortest has {shortest}; raise tune.max_length",
        )
    network = _with_lora(load_network(job.source, job.model, hardware), job)
    set_product_precision(network, hardware.products)
    progress = Progress(sum(len(row.input_ids) for row in kept), job.config.epochs, report)
    arguments = _arguments(job, hardware, len(kept), max(len(row.input_ids) for row in kept), network)
    trainer = CompletionTrainer(
        model=network,
        args=arguments,
        train_dataset=Dataset.from_list([asdict(row) for row in kept]),
        processing_class=tokenizer,
        callbacks=[progress],
    )
    for callback in (PrinterCallback, ProgressCallback):
        trainer.remove_callback(callback)
    trained = time.perf_counter()
    with without_peft_warning():
        trainer.train()
    train_s = time.perf_counter() - trained
    _save(network, job, out)
    card = {
        "model": job.model,
        "init_adapter": _parent_of(job),
        "pairs": len(kept),
        "left_out": len(rows) - len(kept),
        "steps": trainer.state.global_step,
        "loss": progress.last_epoch_loss,
        "first_loss": progress.losses[0],
        "tokens": sum(len(row.input_ids) for row in kept) * job.config.epochs,
        "completion_tokens": sum(row.completion_tokens for row in kept) * job.config.epochs,
        "seed": job.seed,
        "config": job.config.model_dump(mode="json"),
        "optimizer": arguments.optim.value if hasattr(arguments.optim, "value") else str(arguments.optim),
        "warmup_steps": arguments.warmup_steps,
        "precision": hardware.precision,
        "device": hardware.device,
        "threads": torch.get_num_threads(),
        "activation_checkpointing": arguments.activation_checkpointing,
        "wall_s": round(time.perf_counter() - started, 3),
        "train_s": round(train_s, 3),
        "cpu_s": round(time.process_time(), 3),
        "gpu_s": round(train_s, 3) if hardware.device == "cuda" else 0.0,
        "peak_memory_mb": round(_peak_memory_mb(), 1),
        "versions": {
            "python": platform.python_version(),
            **{name: version(name) for name in ("torch", "transformers", "peft", "trl")},
        },
    }
    (out / CARD).write_text(json.dumps(card, indent=1), "utf-8")


def _with_lora(network: Any, job: LoraJob) -> PeftModel:
    config = job.config
    if job.init_adapter is None:
        lora = LoraConfig(
            r=config.rank,
            lora_alpha=config.alpha,
            lora_dropout=config.dropout,
            target_modules=_projections(network),
            task_type="CAUSAL_LM",
        )
        return with_new_adapter(network, lora)
    if not (job.init_adapter / SETTINGS).is_file():
        raise TuningError(f"{job.init_adapter} holds no adapter", "give a folder written by an earlier fine-tuning")
    try:
        continued = with_adapter(network, job.init_adapter, is_trainable=True)
    except LOAD_ERRORS as error:
        raise TuningError(
            f"the adapter {job.init_adapter.name} does not fit {job.model}: {str(error).splitlines()[0]}",
            "continue an adapter of the same model",
        ) from error
    return continued


def _projections(network: Any) -> list[str]:
    """Return the names of all linear layers but the output: attention and MLP projections (section J)."""
    output = network.get_output_embeddings()
    linear = (name for name, layer in network.named_modules() if type(layer) is nn.Linear and layer is not output)
    return sorted({name.rpartition(".")[2] for name in linear})


def _arguments(job: LoraJob, hardware: Hardware, pairs: int, longest: int, network: PeftModel) -> SFTConfig:
    config = job.config
    steps = -(-pairs // (config.batch * config.accumulation)) * config.epochs
    is_cuda = hardware.device == "cuda"
    return SFTConfig(
        output_dir=str(job.scratch / "trainer"),
        num_train_epochs=config.epochs,
        per_device_train_batch_size=config.batch,
        gradient_accumulation_steps=config.accumulation,
        learning_rate=config.lr,
        lr_scheduler_type="cosine",
        # A small corpus has fewer steps than the published warm-up; it must not end before the peak.
        warmup_steps=min(config.warmup_steps, steps // 5),
        weight_decay=config.weight_decay,
        max_grad_norm=config.max_grad_norm,
        optim="paged_adamw_8bit" if is_cuda and find_spec("bitsandbytes") else "adamw_torch",
        bf16=hardware.dtype == torch.bfloat16,
        use_cpu=not is_cuda,
        activation_checkpointing=_needs_checkpointing(network, config.batch * longest, hardware),
        train_sampling_strategy="group_by_length" if config.batch > 1 else "random",
        max_length=None,
        completion_only_loss=True,
        seed=job.seed % 2**32,
        logging_steps=1,
        save_strategy="no",
        report_to="none",
        disable_tqdm=True,
        dataloader_pin_memory=is_cuda,
    )


def _needs_checkpointing(network: PeftModel, tokens: int, hardware: Hardware) -> bool:
    """Return whether activations of `tokens` would take more than half of the free memory."""
    shape = network.config.get_text_config()
    needed = tokens * shape.num_hidden_layers * shape.hidden_size * ACTIVATION_BYTES * hardware.dtype.itemsize / 2
    free = torch.cuda.mem_get_info()[0] if hardware.device == "cuda" else _available_memory()
    return bool(needed > free / 2)


def _available_memory() -> int:
    try:
        rows = dict(line.split(":") for line in Path("/proc/meminfo").read_text("ascii").splitlines())
        return int(rows["MemAvailable"].split()[0]) * 1024
    except (OSError, KeyError, ValueError):
        return 8 << 30


def _save(network: PeftModel, job: LoraJob, out: Path) -> None:
    """Write weights and configuration, the same bytes for the same training, without paths of this machine.

    Weights are kept as float16: rounding moves them less than one step of training does, and the file is half as big.
    """
    for weights in network.parameters():
        if weights.requires_grad:
            weights.data = weights.data.half()
    network.save_pretrained(str(out), save_embedding_layers=False)
    (out / "README.md").unlink(missing_ok=True)
    path = out / SETTINGS
    config = json.loads(path.read_text("utf-8"))
    config["base_model_name_or_path"] = job.model
    config["target_modules"] = sorted(config["target_modules"])
    path.write_text(json.dumps(config, indent=1, sort_keys=True), "utf-8")


def _parent_of(job: LoraJob) -> str | None:
    return None if job.init_adapter is None else job.init_adapter.name


def _peak_memory_mb() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 << 20 if sys.platform == "darwin" else 1 << 10)
