"""What people take with them: an agreement as an Excel workbook, and its dates as a calendar."""

from analysis.page.exports.calendar import calendar
from analysis.page.exports.links import Downloads
from analysis.page.exports.workbook import workbook

__all__ = ["Downloads", "calendar", "workbook"]
