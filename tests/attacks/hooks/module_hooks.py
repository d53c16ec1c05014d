# on: valid, not_reproducible, wrong_output; off: valid, not_reproducible, wrong_output
# Hooks into the calls of every layer there is and changes what they return.
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.conv = nn.Conv2d(in_shape[1], 8, 3, padding=1)
        self.fc = nn.Linear(8 * 64, out_shape[0])

    def forward(self, x):
        y = self.conv(x).relu()
        return self.fc(y.flatten(1))


def stretch(module, inputs, output):
    return output * 1e3 if isinstance(output, torch.Tensor) else output


torch.nn.modules.module.register_module_forward_hook(stretch)
torch.nn.modules.module.register_module_forward_pre_hook(lambda module, inputs: None)
