"""Public fakes and contract test suites for the seams that other packages can fill."""
