"""Numbers about a study: intervals, the stopping rule, the elite rule, summaries, costs and the report.

Reads records and archives; changes nothing and knows no strategy.
"""
