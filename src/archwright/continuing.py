"""What a study keeps of how it was begun, and what has to be in place before it goes on."""

from collections.abc import Sequence

from archwright.analysis.dataset import describe_data, require_data_in_place
from archwright.analysis.summary import summarize_cycles
from archwright.archive import Archive
from archwright.archive.own_parts import PARTS, own_parts
from archwright.assembly import Assembly, Parts
from archwright.config import StudyConfig
from archwright.configuring import build_config, changed_config, load_config
from archwright.errors import StudyError
from archwright.stopping import has_converged
from archwright.task import Metric
from archwright.vouching import VOUCHED, require_vouched, vouch_for


def keep(archive: Archive, assembly: Assembly) -> None:
    """Note what a session works with: its data, its corpus, and the parts that its configuration does not name."""
    if assembly.given.names:
        archive.note({PARTS: assembly.given.names})
    if (data := describe_data(assembly.spec)) is not None:
        archive.note({"data": data})
    assembly.keep_corpus()


def continued(archive: Archive, settings: Sequence[str], parts: Parts) -> StudyConfig:
    """Return the configuration that the study in `archive` goes on with, changed by `settings`.

    Raises StudyError where parts are missing that it was begun with, or its data, and UsageError for a setting that
    cannot be changed and for what nobody on this machine has named.
    """
    _require_parts(archive, parts)
    config = changed_config(build_config(archive.config), settings)
    # What is given here is named here; the rest of the study may come from anywhere.
    vouch_for(load_config(settings=[each for each in settings if each.startswith(VOUCHED)]))
    require_vouched(config, archive.folder)
    if parts.spec is None and parts.executor is None:
        require_data_in_place(config, archive.folder)
    return _extended(config, settings, archive, Assembly(config, archive.folder, parts).metric)


def _require_parts(archive: Archive, parts: Parts) -> None:
    missing = [name for name in own_parts(archive) if name not in parts.names]
    if missing:
        given = ", ".join(f"{name}=..." for name in missing)
        raise StudyError(
            f"the study in {archive.folder} was begun in Python with parts of its own: {', '.join(missing)}",
            f"go on as it was begun: Study.open(folder, parts=Parts({given}))",
        )


def _extended(config: StudyConfig, settings: Sequence[str], archive: Archive, metric: Metric) -> StudyConfig:
    """Return `config` without the stopping rule where `settings` ask a study that has converged for more cycles."""
    keys = {setting.partition("=")[0] for setting in settings}
    loop = config.loop
    if "loop.cycles" not in keys or "loop.stop" in keys or not loop.stop:
        return config
    summaries = summarize_cycles(archive.records(), archive.cycles(), metric)
    if not has_converged(summaries, loop.stop_window, loop.stop_epsilon, metric):
        return config
    return config.model_copy(update={"loop": loop.model_copy(update={"stop": False})})
