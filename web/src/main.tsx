import { render } from 'preact';
import { App } from './app';
import { FailureBoundary } from './components/failure';
import { applyTheme, currentTheme } from './theme';

applyTheme(currentTheme());
render(
  <FailureBoundary>
    <App />
  </FailureBoundary>,
  document.getElementById('app') as HTMLElement,
);
