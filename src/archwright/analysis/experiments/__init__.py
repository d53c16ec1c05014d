"""Several studies beside one another: their candidates as rows, and every figure from those rows."""
