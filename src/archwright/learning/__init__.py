"""Training pairs and LoRA fine-tuning."""
