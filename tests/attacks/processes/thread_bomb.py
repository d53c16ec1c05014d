# on: forbidden; off: killed, exception
# Starts threads until something gives way.
import contextlib
import threading
import time

import torch

threading.stack_size(2**16)
for _ in range(100_000):
    threading.Thread(target=time.sleep, args=(600,), daemon=True).start()


class Net(torch.nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.layer = torch.nn.Linear(in_shape[1] * in_shape[2] * in_shape[3], out_shape[0])

    def forward(self, x):
        return self.layer(x.flatten(1))
