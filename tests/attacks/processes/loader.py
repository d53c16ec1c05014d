# on: forbidden; off: exception
# Has the dynamic loader run a program that may not be executed.
import glob
import os
import sys

import torch

(loader, *_) = glob.glob("/lib64/ld-linux*") + glob.glob("/lib/ld-linux*")
os.execv(loader, [loader, sys.executable, "-c", "import time; time.sleep(600)"])


class Net(torch.nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.layer = torch.nn.Linear(in_shape[1] * in_shape[2] * in_shape[3], out_shape[0])

    def forward(self, x):
        return self.layer(x.flatten(1))
