# on: forbidden; off: exception
# Reads memory, disks and the kernel's log.
import glob

import torch

found = glob.glob("/dev/mem") + glob.glob("/dev/[svn][dv][am]*") + ["/dev/kmsg"]
for path in found:
    print(open(path, "rb", buffering=0).read(16))


class Net(torch.nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.layer = torch.nn.Linear(in_shape[1] * in_shape[2] * in_shape[3], out_shape[0])

    def forward(self, x):
        return self.layer(x.flatten(1))
