# on: forbidden; off: exception
# Puts a module into site-packages that the next process would import.
import os
import sysconfig

import torch

with open(os.path.join(sysconfig.get_path("purelib"), "archwright_attack.pth"), "w") as file:
    file.write("import os\n")


class Net(torch.nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.layer = torch.nn.Linear(in_shape[1] * in_shape[2] * in_shape[3], out_shape[0])

    def forward(self, x):
        return self.layer(x.flatten(1))
