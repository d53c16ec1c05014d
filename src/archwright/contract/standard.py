"""The standard training methods, as the source text that completes a compact program.

Written to be read: the text appears in prompts, corpora and exported programs.
"""

STANDARD_METHODS = """\
def train_setup(self, prm):
    self.criteria = (nn.CrossEntropyLoss(label_smoothing=0.1),)
    weights = [p for p in self.parameters() if p.ndim > 1]
    others = [p for p in self.parameters() if p.ndim <= 1]
    self.optimizer = torch.optim.SGD(
        [{"params": weights, "weight_decay": 5e-4}, {"params": others, "weight_decay": 0.0}],
        lr=prm["lr"], momentum=prm["momentum"], nesterov=prm["momentum"] > 0,
    )
    self.peak_lr, self.epochs, self.steps_done = prm["lr"], prm["epoch"], 0

def learn(self, train_data):
    steps = self.epochs * len(train_data)
    for inputs, labels in train_data:
        self.steps_done += 1
        warmup = self.steps_done / (0.2 * steps)
        decay = (steps - self.steps_done + 1) / (0.8 * steps)
        for group in self.optimizer.param_groups:
            group["lr"] = self.peak_lr * min(warmup, decay)
        self.optimizer.zero_grad()
        loss = self.criteria[0](self(inputs), labels)
        loss.backward()
        nn.utils.clip_grad_norm_(self.parameters(), 3)
        self.optimizer.step()
"""
"""Methods of `Net`, unindented."""

STANDARD_TAIL = """\
def supported_hyperparameters():
    return {"lr", "momentum"}
"""
"""What follows the class."""
