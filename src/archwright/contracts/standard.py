"""The standard training methods, as the source text that completes a compact program, for classes and for images.

Written to be read: the text appears in prompts, corpora and exported programs. The recipe is AdamW with a short linear
warm-up and a linear decay over all epochs, label smoothing and gradient clipping; `docs/log.md` has the measurements.
"""

STANDARD_METHODS = """\
def train_setup(self, prm):
    self.prm, self.batches_seen = prm, 0
    self.criteria = (nn.CrossEntropyLoss(label_smoothing=0.1),)
    self.optimizer = torch.optim.AdamW(self.parameters(), betas=(prm["momentum"], 0.99), weight_decay=0.01)

def learn(self, train_data):
    batches = self.prm["epoch"] * len(train_data)
    for inputs, labels in train_data:
        progress = (self.batches_seen + 0.5) / batches
        self.batches_seen += 1
        for group in self.optimizer.param_groups:
            group["lr"] = self.prm["lr"] / 2 * max(0.0, min(progress / 0.2, (1 - progress) / 0.8))
        self.optimizer.zero_grad()
        loss = self.criteria[0](self(inputs), labels)
        loss.backward()
        nn.utils.clip_grad_norm_(self.parameters(), 3)
        self.optimizer.step()
"""
"""Methods of `Net` that predicts classes, unindented."""

IMAGE_METHODS = STANDARD_METHODS.replace("nn.CrossEntropyLoss(label_smoothing=0.1)", "nn.MSELoss()")
"""Methods of `Net` that predicts images with values of 0 to 1: the squared error is minimised."""

STANDARD_TAIL = """\
def supported_hyperparameters():
    return {"lr", "momentum"}
"""
"""What follows the class."""
