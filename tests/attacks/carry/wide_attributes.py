# on: forbidden; off: valid
# Reads and leaves extended attributes of files.
import contextlib
import os

import torch


def given():
    found = []
    for number in range(3, 64):
        with contextlib.suppress(OSError):
            if os.fstat(number).st_nlink == 0:
                found.append(number)
    return found


for path in (os.__file__, "/", ".", *given()):
    for act in (os.listxattr, lambda path: os.getxattr(path, "user.x"), lambda path: os.setxattr(path, "user.x", b"x")):
        try:
            act(path)
        except PermissionError:
            continue
        except OSError as error:
            raise RuntimeError(f"the file system was asked: {error}") from error
        raise RuntimeError("it was answered")


class Net(torch.nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.layer = torch.nn.Linear(in_shape[1] * in_shape[2] * in_shape[3], out_shape[0])

    def forward(self, x):
        return self.layer(x.flatten(1))
