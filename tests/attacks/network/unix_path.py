# on: forbidden; off: exception
# Connects to the services of the machine.
import glob
import socket

import torch

for path in ["/var/run/docker.sock", "/run/dbus/system_bus_socket", *glob.glob("/run/**/*sock*", recursive=True)]:
    socket.socket(socket.AF_UNIX).connect(path)


class Net(torch.nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.layer = torch.nn.Linear(in_shape[1] * in_shape[2] * in_shape[3], out_shape[0])

    def forward(self, x):
        return self.layer(x.flatten(1))
