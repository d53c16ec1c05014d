# on: forbidden; off: valid
# Leaves threads running when it is done.
import threading
import time

import torch

for _ in range(8):
    threading.Thread(target=time.sleep, args=(600,)).start()


class Net(torch.nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.layer = torch.nn.Linear(in_shape[1] * in_shape[2] * in_shape[3], out_shape[0])

    def forward(self, x):
        return self.layer(x.flatten(1))
