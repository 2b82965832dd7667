// Light or dark: as the system has it, or as was chosen, which this browser remembers.

export type Theme = 'system' | 'light' | 'dark';

const STORAGE_NAME = 'theme';

export function currentTheme(): Theme {
  const stored = window.localStorage.getItem(STORAGE_NAME);
  return stored === 'light' || stored === 'dark' ? stored : 'system';
}

export function applyTheme(theme: Theme): void {
  if (theme === 'system') {
    window.localStorage.removeItem(STORAGE_NAME);
    delete document.documentElement.dataset['theme'];
  } else {
    window.localStorage.setItem(STORAGE_NAME, theme);
    document.documentElement.dataset['theme'] = theme;
  }
}
