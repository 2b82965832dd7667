// What this browser remembers: never a secret, and nothing where it refuses to.

type StorageName = 'theme' | 'organization';

export function stored(name: StorageName): string | null {
  try {
    return window.localStorage.getItem(name);
  } catch {
    return null;
  }
}

export function store(name: StorageName, value: string | null): void {
  try {
    if (value === null) {
      window.localStorage.removeItem(name);
    } else {
      window.localStorage.setItem(name, value);
    }
  } catch {
    // It is as it was, until the page is loaded anew.
  }
}
