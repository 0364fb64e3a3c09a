"""What people take with them: an agreement as an Excel workbook, and its dates as a calendar."""

from analysis.exports.calendar import calendar
from analysis.exports.links import Downloads
from analysis.exports.workbook import workbook

__all__ = ["Downloads", "calendar", "workbook"]
