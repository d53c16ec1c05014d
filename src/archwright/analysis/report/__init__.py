"""The report of a study: Markdown for diffs and terminals, one self-contained HTML file for people."""

from archwright.analysis.report.writing import ReportPaths, write_report

__all__ = ["ReportPaths", "write_report"]
