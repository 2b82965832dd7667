"""No report of a test shows a secret: not what it printed, and not what it compared when it failed."""

import pytest

from support.secret_values import SECRETS


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport():
    report = yield
    shown = [(name, SECRETS.redacted(text)) for name, text in report.sections]
    changed = [name for (name, text), (_, before) in zip(shown, report.sections, strict=True) if text != before]
    report.sections = shown
    # Those of its setup are in the reports of the call and of the end, too.
    if not report.failed and any(name.endswith(report.when) for name in changed):
        report.outcome = "failed"
        report.longrepr = f"{', '.join(changed)}: a part of a secret"
    said = SECRETS.redacted(report.longreprtext)
    if said != report.longreprtext:
        report.longrepr = said
    return report
