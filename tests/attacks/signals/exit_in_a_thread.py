# on: forbidden; off: killed
# Ends the process from another thread while training runs.
import os
import threading

import torch




class Net(torch.nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        threading.Timer(0.01, os._exit, (0,)).start(); threading.Event().wait(30)
        self.layer = torch.nn.Linear(in_shape[1] * in_shape[2] * in_shape[3], out_shape[0])

    def forward(self, x):
        return self.layer(x.flatten(1))
