"""What a program of one kind must define, and how it is checked, started from and scored: one object per kind."""
