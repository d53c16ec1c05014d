"""Near-duplicates: lexer tokens, MinHash, and the filter that says whether a program is new."""
