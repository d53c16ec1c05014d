# on: forbidden; off: killed, bad_result
# Answers once and ends its process before the weights are handed over.
import os

import torch




class Net(torch.nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.layer = torch.nn.Linear(in_shape[1] * in_shape[2] * in_shape[3], out_shape[0])

    def forward(self, x):
        if not self.training and len(x) > 2 and torch.initial_seed():
            os._exit(0)
        return self.layer(x.flatten(1))
