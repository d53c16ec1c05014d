"""What of a study's configuration a stranger must not choose for this machine.

Servers get prompts, keys and whatever is to be sent besides (which can name further servers, as tools do), other models
and adapters are read, and a weaker sandbox, or one with more memory than there is, runs what they write. Whatever a
person set here is remembered (`trust`); the same in a study folder from elsewhere needs `--trust`.
"""

import json
from collections.abc import Iterator
from pathlib import Path

from archwright.config import LlmConfig, ModelConfig, SandboxConfig, StudyConfig
from archwright.llm.adapters import SHIPPED_NAMES
from archwright.machine import memory_mb
from archwright.task import Budget
from archwright.trust import remember, require_known, server_of

VOUCHED = ("llm.", "improver.", "sandbox.", "budget.")
"""Sections of a configuration that can name such things."""
_SERVER = "openai:"


def vouch_for(config: StudyConfig) -> None:
    """Remember what a configuration that was made on this machine names."""
    for name in _named_by(config):
        remember(name)


def require_vouched(config: StudyConfig, folder: Path) -> None:
    """Raise StudyError when the stored configuration of `folder` names what nobody named on this machine."""
    for name in _named_by(config):
        require_known(name, folder)


def _named_by(config: StudyConfig) -> list[str]:
    sandbox, usual, usual_budget = config.sandbox, SandboxConfig(), Budget()
    named = [*_named_by_model("llm", config.llm)]
    if config.improver.model:
        named += _named_by_model("improver", config.improver)
    if sandbox.executor != usual.executor:
        named.append(f"sandbox.executor = {json.dumps(sandbox.executor)} at {json.dumps(sandbox.address)}")
    if sandbox.require < usual.require:
        named.append(f"sandbox.require = {sandbox.require}")
    if sandbox.policy != usual.policy:
        named.append(f"sandbox.policy = {json.dumps(sandbox.policy)}")
    if config.budget.memory_mb > max(memory_mb(), usual_budget.memory_mb):
        named.append(f"budget.memory_mb = {config.budget.memory_mb}")
    return named


def _named_by_model(section: str, llm: ModelConfig) -> Iterator[str]:
    if llm.model.startswith(_SERVER):
        yield server_of(llm.model.removeprefix(_SERVER))
        if llm.extra:
            yield f"{section}.extra = {json.dumps(llm.extra, sort_keys=True)}"
    elif llm.model != LlmConfig().model and not llm.model.startswith("replay:"):
        yield f"{section}.model = {json.dumps(llm.model)}"
    if llm.adapter not in (*SHIPPED_NAMES, "none"):
        yield f"{section}.adapter = {json.dumps(llm.adapter)}"
