"""The history of the tables: append a numbered file to `versions`, never change one that was released."""
