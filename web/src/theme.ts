// Light or dark: as the system has it, or as was chosen, which this browser remembers.

import { store, stored } from './storage';

export type Theme = 'system' | 'light' | 'dark';

export function currentTheme(): Theme {
  const theme = stored('theme');
  return theme === 'light' || theme === 'dark' ? theme : 'system';
}

export function applyTheme(theme: Theme): void {
  if (theme === 'system') {
    store('theme', null);
    delete document.documentElement.dataset['theme'];
  } else {
    store('theme', theme);
    document.documentElement.dataset['theme'] = theme;
  }
}
