"""LoRA with PEFT and TRL's SFTTrainer: pairs in, an adapter folder out. Runs inside `learning.worker` only.

The loss covers the completion and the end token, never the prompt. Pairs that are too long are left out whole; a
program cut in the middle would teach to stop in the middle.
"""

import json
import platform
import resource
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from statistics import fmean
from typing import Any, Self

import torch
from datasets import Dataset  # type: ignore[import-untyped]
from peft import LoraConfig, PeftModel
from torch import nn
from transformers import PrinterCallback, ProgressCallback, set_seed
from trl import SFTConfig

from archwright.errors import TuningError
from archwright.learning.checkpoints import Checkpointer, last_checkpoint
from archwright.learning.trainer import CompletionTrainer, EncodedPair, ReportStep, StepReports, encode_pair
from archwright.learning.tuning import TuningJob
from archwright.llm.adapters import (
    CARD,
    SETTINGS,
    read_taught,
    with_adapter,
    with_new_adapter,
    without_peft_warning,
    write_taught,
)
from archwright.llm.hardware import Hardware, detect_hardware, set_product_precision
from archwright.llm.local import LOAD_ERRORS, load_network, load_tokenizer
from archwright.llm.pairs import Pair

TRAINER = "trainer"
QUANTILES = {"min": 0.0, "median": 0.5, "p95": 0.95, "max": 1.0}
ACTIVATION_BYTES = 34
"""Bytes kept per token, layer and hidden unit for the backward pass in 16 bits (Korthikanti et al. 2022, eq. 1)."""


class LoraJob(TuningJob):
    """Everything that determines one fine-tuning."""

    pairs: Sequence[Pair]
    held_out: Sequence[Pair] = ()
    scratch: Path
    """Folder for what the trainer writes, checkpoints among it; removed by the caller when nobody needs them."""

    @property
    def last_epoch(self) -> int:
        """The epoch to stop behind, from 1."""
        return self.until_epoch or self.config.epochs


def train_adapter(
    job: LoraJob, out: Path, report: ReportStep, is_told_to_stop: Callable[[], bool] = lambda: False
) -> bool:
    """Train as `job` says, write the adapter and its card to the new folder `out`, and return True.

    `report` gets (step, steps, loss, tokens per second) after every optimizer step. False when training was told to
    stop before, and left a checkpoint. Raises TuningError when no pair is short enough or the earlier adapter does not
    fit.
    """
    hardware = detect_hardware()
    set_seed(job.seed % 2**32)
    tokenizer = load_tokenizer(job.source, job.model)
    pairs = _Encoding.of(job, tokenizer)
    checkpoint = None if job.checkpoint_s is None else last_checkpoint(job.scratch / TRAINER)
    is_trained = checkpoint is not None and checkpoint.state.epoch >= job.last_epoch
    start = checkpoint.folder if checkpoint and is_trained else job.init_adapter
    network = _with_lora(load_network(job.source, job.model, hardware), job, start)
    set_product_precision(network, hardware.products)
    arguments = _arguments(job, hardware, len(pairs.kept), max(len(row.input_ids) for row in pairs.kept), network)
    callbacks = [StepReports(pairs.tokens * job.config.epochs, report)]
    if job.checkpoint_s is not None:
        callbacks.append(Checkpointer(job.checkpoint_s, job.last_epoch, is_told_to_stop))
    trainer = CompletionTrainer(
        model=network,
        args=arguments,
        train_dataset=Dataset.from_list([asdict(row) for row in pairs.kept]),
        processing_class=tokenizer,
        callbacks=callbacks,
    )
    for callback in (PrinterCallback, ProgressCallback):
        trainer.remove_callback(callback)
    if not is_trained:
        with without_peft_warning():
            trainer.train(resume_from_checkpoint=str(checkpoint.folder) if checkpoint else None)
        if trainer.state.epoch < job.last_epoch:
            return False
    held_out_loss = trainer.loss_of(pairs.held_out) if pairs.held_out else None
    _save(network, job, out)
    history = checkpoint.state.log_history if checkpoint and is_trained else trainer.state.log_history
    earlier_cpu_s = sum(entry.get("cpu_s", 0.0) for entry in checkpoint.state.log_history) if checkpoint else 0.0
    card = {
        "model": job.model,
        "init_adapter": None if job.init_adapter is None else job.init_adapter.name,
        **pairs.described(job.last_epoch),
        **_described(history, job.last_epoch),
        "held_out_loss": None if held_out_loss is None else round(held_out_loss, 6),
        "seed": job.seed,
        "config": job.config.model_dump(mode="json") | _form_of(network),
        "optimizer": arguments.optim.value if hasattr(arguments.optim, "value") else str(arguments.optim),
        "warmup_steps": arguments.warmup_steps,
        "activation_checkpointing": arguments.activation_checkpointing,
        "precision": hardware.precision,
        "device": hardware.device,
        "threads": torch.get_num_threads(),
        "cpu_s": round(earlier_cpu_s + time.process_time(), 3),
        "peak_memory_mb": round(_peak_memory_mb(), 1),
        "versions": {
            "python": platform.python_version(),
            **{name: version(name) for name in ("torch", "transformers", "peft", "trl")},
        },
    }
    card["gpu_s"] = card["train_s"] if hardware.device == "cuda" else 0.0
    earlier = read_taught(job.init_adapter) if job.init_adapter else []
    if earlier is not None:  # An adapter that does not say what it knows is continued by one that does not, either.
        write_taught(out, [*earlier, *pairs.taught])
    (out / CARD).write_text(json.dumps(card, indent=1), "utf-8")
    return True


@dataclass(frozen=True, slots=True)
class _Encoding:
    """The pairs as tokens."""

    lengths: list[int]
    """Of all pairs, those that are left out too."""
    kept: list[EncodedPair]
    taught: list[str]
    """The answers of those that are kept."""
    held_out: list[EncodedPair]

    @classmethod
    def of(cls, job: LoraJob, tokenizer: Any) -> Self:
        """Encode the pairs of `job`; raises TuningError when none of them is short enough."""
        limit = job.config.max_length
        rows = [encode_pair(tokenizer, pair) for pair in job.pairs]
        held_out = [encode_pair(tokenizer, pair) for pair in job.held_out]
        lengths = sorted(len(row.input_ids) for row in rows)
        kept = [row for row in rows if len(row.input_ids) <= limit]
        if not kept:
            raise TuningError(
                f"all {len(rows)} pairs are longer than {limit} tokens (tune.max_length)",
                f"the shortest has {lengths[0]}; raise tune.max_length",
            )
        taught = [pair.completion for pair, row in zip(job.pairs, rows, strict=True) if len(row.input_ids) <= limit]
        return cls(lengths, kept, taught, [row for row in held_out if len(row.input_ids) <= limit])

    @property
    def tokens(self) -> int:
        """Tokens of one epoch, prompts included."""
        return sum(len(row.input_ids) for row in self.kept)

    def described(self, epochs: int) -> dict[str, object]:
        """Return the card's entries about the data."""
        last = len(self.lengths) - 1
        return {
            "pairs": len(self.kept),
            "left_out": len(self.lengths) - len(self.kept),
            "held_out_pairs": len(self.held_out),
            # Nearest ranks, so every figure is the length of some pair.
            "token_lengths": {name: self.lengths[round(last * share)] for name, share in QUANTILES.items()},
            "tokens": self.tokens * epochs,
            "completion_tokens": sum(row.completion_tokens for row in self.kept) * epochs,
        }


def _described(history: Sequence[Mapping[str, float]], epoch: int) -> dict[str, float]:
    """Return the card's entries about the training, from the trainer's log of it."""
    steps = [entry for entry in history if "loss" in entry]
    return {
        "epochs": epoch,
        "steps": len(steps),
        "first_loss": steps[0]["loss"],
        "loss": round(fmean(entry["loss"] for entry in steps if entry["epoch"] > epoch - 1), 6),
        "train_s": round(sum(entry["wall_s"] for entry in steps), 3),
    }


def _with_lora(network: Any, job: LoraJob, start: Path | None) -> PeftModel:
    """Return `network` with the adapter in `start`, or with a new one that changes nothing yet."""
    config = job.config
    if start is None:
        lora = LoraConfig(
            r=config.rank,
            lora_alpha=config.alpha,
            lora_dropout=config.dropout,
            target_modules=_projections(network),
            layers_to_transform=list(range(config.layers)) or None,
            task_type="CAUSAL_LM",
        )
        return with_new_adapter(network, lora)
    if not (start / SETTINGS).is_file():
        raise TuningError(f"{start} holds no adapter", "give a folder written by an earlier fine-tuning")
    try:
        continued = with_adapter(network, start, is_trainable=True)
    except LOAD_ERRORS as error:
        raise TuningError(
            f"the adapter {start.name} does not fit {job.model}: {str(error).splitlines()[0]}",
            "continue an adapter of the same model",
        ) from error
    return continued


def _form_of(network: PeftModel) -> dict[str, object]:
    """Return what of `tune` gives an adapter its form, as it is on `network`: a continued one keeps its own."""
    lora = network.peft_config[network.active_adapter]
    numbers = lora.layers_to_transform or []
    # Those that are not the first, which `tune` cannot ask for, by their numbers.
    layers = len(numbers) if numbers == list(range(len(numbers))) else numbers
    return {"rank": lora.r, "alpha": lora.lora_alpha, "dropout": lora.lora_dropout, "layers": layers}


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
        output_dir=str(job.scratch / TRAINER),
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
        save_strategy="no",  # `Checkpointer` decides.
        save_total_limit=2,
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


def _peak_memory_mb() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 << 20 if sys.platform == "darwin" else 1 << 10)
