"""Public fakes and contract test suites for the five seams."""
