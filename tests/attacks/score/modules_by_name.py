# on: forbidden; off: valid
# Looks up by name the modules that count its epochs: none of ours is in the table of modules. Ends in an exception where one is.
import inspect
import typing

import torch
import torch.nn as nn

TRIAL = "archwright.evaluation.box.trial"


class Named:
    counter: "BoxTrial"


Named.__module__ = TRIAL


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.head = nn.Linear(in_shape[1] * in_shape[2] * in_shape[3], out_shape[0])

    def forward(self, x):
        return self.head(x.flatten(1))


def by_module():
    return inspect.getmodule(Named).BoxTrial


def by_annotation():
    return typing.get_type_hints(Named)["counter"]


def by_path():
    modules = torch._utils._import_dotted_name("sys").modules
    return modules[TRIAL] if TRIAL in modules else modules["__main__"].run_box


for look in (by_module, by_annotation, by_path):
    try:
        found = look()
    except (AttributeError, ImportError, KeyError, NameError):
        continue
    raise RuntimeError(f"{look.__name__} found {found}")
