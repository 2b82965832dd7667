// Addresses and the browser's history.

import type { ComponentChildren, PartialAnchorHTMLAttributes } from 'preact';
import { useEffect, useState } from 'preact/hooks';

export interface Location {
  path: string;
  query: URLSearchParams;
}

type Listener = () => void;

const listeners = new Set<Listener>();
let navigations = 0;

function announce(): void {
  for (const listener of [...listeners]) {
    listener();
  }
}

window.addEventListener('popstate', () => {
  navigations++;
  announce();
});

export function currentLocation(): Location {
  return {
    path: window.location.pathname,
    query: new URLSearchParams(window.location.search),
  };
}

/** How often the page changed since it was loaded; the browser itself sets the focus at first. */
export function navigationCount(): number {
  return navigations;
}

export function navigate(
  address: string,
  options: { replace?: boolean; state?: object } = {},
): void {
  if (options.replace) {
    window.history.replaceState(options.state ?? null, '', address);
  } else {
    window.history.pushState(options.state ?? null, '', address);
    window.scrollTo(0, 0);
  }
  navigations++;
  announce();
}

/** Writes what is filtered into the address, so that it survives a reload and can be shared. */
export function replaceQuery(query: URLSearchParams): void {
  const text = query.toString();
  const address = text ? `${window.location.pathname}?${text}` : window.location.pathname;
  window.history.replaceState(window.history.state, '', address);
  announce();
}

/**
 * Reads the secret behind the `#` and takes it out of the address at once, before anything else
 * can see it there.
 */
function takeFragment(): string {
  const fragment = window.location.hash.slice(1);
  if (fragment) {
    window.history.replaceState(null, '', window.location.pathname);
  }
  return fragment;
}

export const linkToken = takeFragment();

export function useLocation(): Location {
  const [location, setLocation] = useState(currentLocation);
  useEffect(() => {
    const listener = () => setLocation(currentLocation());
    listeners.add(listener);
    // It may have changed between the first rendering and this effect.
    listener();
    return () => {
      listeners.delete(listener);
    };
  }, []);
  return location;
}

type LinkProperties = PartialAnchorHTMLAttributes<HTMLAnchorElement> & {
  href: string;
  children: ComponentChildren;
};

function opensElsewhere(event: MouseEvent): boolean {
  return event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey;
}

export function Link({ href, children, ...rest }: LinkProperties) {
  const follow = (event: MouseEvent) => {
    if (!opensElsewhere(event)) {
      event.preventDefault();
      navigate(href);
    }
  };
  return (
    <a {...(rest as object)} href={href} onClick={follow}>
      {children}
    </a>
  );
}
