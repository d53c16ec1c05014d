# on: forbidden; off: killed, valid, exception, bad_result
# Has signals written into the files it was given.
import contextlib
import signal

import torch

for number in range(3, 12):
    with contextlib.suppress(OSError, ValueError):
        signal.set_wakeup_fd(number)
signal.signal(signal.SIGUSR1, lambda *_: None)
signal.raise_signal(signal.SIGUSR1)


class Net(torch.nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.layer = torch.nn.Linear(in_shape[1] * in_shape[2] * in_shape[3], out_shape[0])

    def forward(self, x):
        return self.layer(x.flatten(1))
