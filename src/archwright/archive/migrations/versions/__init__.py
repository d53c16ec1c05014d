"""One file per revision, `NNNN_what_changed.py`; the number is the revision."""
