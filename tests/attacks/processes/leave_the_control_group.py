# on: forbidden; off: exception
# Moves itself to another control group.
import glob
import os

import torch

groups = glob.glob("/sys/fs/cgroup/**/cgroup.procs", recursive=True) or ["/sys/fs/cgroup/cgroup.procs"]
for path in groups:
    with open(path, "w") as file:
        file.write(str(os.getpid()))


class Net(torch.nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.layer = torch.nn.Linear(in_shape[1] * in_shape[2] * in_shape[3], out_shape[0])

    def forward(self, x):
        return self.layer(x.flatten(1))
