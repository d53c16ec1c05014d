"""Train and score one network of your own, over three seeds, in the sandbox."""

from statistics import mean, stdev

from archwright import Program, Task, evaluate

NETWORK = Program(
    """\
import torch.nn as nn


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(in_shape[1], 32, 3, padding=1),
            nn.BatchNorm2d(32),
            nn.ReLU(),
            nn.AdaptiveAvgPool2d(2),
        )
        self.head = nn.Linear(32 * 4, out_shape[0])

    def forward(self, x):
        return self.head(self.features(x).flatten(1))
"""
)

if __name__ == "__main__":
    outcomes = [outcome for _, outcome in evaluate(NETWORK, Task(name="digits"), seeds=[0, 1, 2])]
    accuracies = [outcome.scores.values["accuracy"] for outcome in outcomes if outcome.scores]
    print(f"{outcomes[0].params:,} parameters, {outcomes[0].flops:,} FLOPs an image")
    print(f"accuracy {mean(accuracies):.3f} ± {stdev(accuracies):.3f} over {len(accuracies)} seeds")
