"""What of a study's configuration a stranger must not choose for this machine.

Servers get prompts and keys, other models and adapters are read, and a weaker sandbox runs what they write. Whatever a
person set here is remembered (`trust`); the same in a study folder from elsewhere needs `--trust`.
"""

import json
from pathlib import Path

from archwright.config import LlmConfig, SandboxConfig, StudyConfig
from archwright.trust import remember, require_known, server_of

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
    llm, sandbox, usual = config.llm, config.sandbox, SandboxConfig()
    named = []
    if llm.model.startswith(_SERVER):
        named.append(server_of(llm.model.removeprefix(_SERVER)))
    elif llm.model != LlmConfig().model and not llm.model.startswith("replay:"):
        named.append(f"llm.model = {json.dumps(llm.model)}")
    if llm.adapter not in ("default", "none"):
        named.append(f"llm.adapter = {json.dumps(llm.adapter)}")
    if sandbox.executor != usual.executor:
        named.append(f"sandbox.executor = {json.dumps(sandbox.executor)} at {json.dumps(sandbox.address)}")
    if sandbox.require < usual.require:
        named.append(f"sandbox.require = {sandbox.require}")
    if sandbox.policy != usual.policy:
        named.append(f"sandbox.policy = {json.dumps(sandbox.policy)}")
    return named
