"""Says at the end how many calls failed, of each kind: they are properties of the tests' reports."""

from collections import Counter


def pytest_terminal_summary(terminalreporter):
    failed = Counter()
    for reports in terminalreporter.stats.values():
        for report in reports:
            if getattr(report, "when", None) == "call":
                failed.update(dict(report.user_properties).get("failed calls", {}))
    if failed:
        each = ", ".join(f"{count} of {kind}" for kind, count in sorted(failed.items()))
        terminalreporter.write_line(f"FAILED CALLS: {failed.total()}: {each}")
