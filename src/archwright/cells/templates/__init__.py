"""The networks around a cell, as templates of programs."""
