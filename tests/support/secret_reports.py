"""No report of a test shows a secret: not what it printed, and not what it compared when it failed."""

import pytest

from support.secret_values import SECRETS


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport():
    report = yield
    told = [name for name, text in report.sections if SECRETS.is_in(text)]
    report.sections = [(name, SECRETS.redacted(text)) for name, text in report.sections]
    # Those of its setup are in the reports of the call and of the end, too.
    if not report.failed and any(name.endswith(report.when) for name in told):
        report.outcome = "failed"
        report.longrepr = f"{', '.join(told)}: a part of a secret"
    said = SECRETS.redacted(report.longreprtext)
    if said != report.longreprtext:
        report.longrepr = said
    return report
