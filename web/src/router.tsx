// Addresses and the browser's history.

import type { ComponentChildren, PartialAnchorHTMLAttributes } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

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

/** What is lost when this page is left, and where it is. */
let held: { question: string; address: string; state: unknown } | null = null;

/** Until the function it returns is called, nobody leaves the page without being asked. */
export function askBeforeLeaving(question: string): () => void {
  const ask = (event: BeforeUnloadEvent) => event.preventDefault();
  held = { question, address: window.location.href, state: window.history.state };
  window.addEventListener('beforeunload', ask);
  return () => {
    held = null;
    window.removeEventListener('beforeunload', ask);
  };
}

window.addEventListener('popstate', () => {
  // The browser has left already; only a new entry of its history leads back.
  if (held && !window.confirm(held.question)) {
    window.history.pushState(held.state, '', held.address);
    return;
  }
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

/** The same of one parameter, which is left out when it is empty. */
export function setQuery(name: string, value: string): void {
  const { query } = currentLocation();
  if (value !== (query.get(name) ?? '')) {
    query.delete(name);
    if (value) {
      query.set(name, value);
    }
    replaceQuery(query);
  }
}

/**
 * Reads the secret behind the `#` and takes it out of the address at once, before anything else
 * can see it there.
 */
function takeFragment(): string {
  const fragment = window.location.hash.slice(1);
  if (fragment) {
    window.history.replaceState(null, '', window.location.pathname + window.location.search);
  }
  return fragment;
}

let linkToken = takeFragment();

// A link that is pasted into the open page changes its fragment alone, and loads nothing.
window.addEventListener('hashchange', () => {
  linkToken = takeFragment() || linkToken;
  announce();
});

export function forgetLinkToken(): void {
  linkToken = '';
  announce();
}

/** What `read` gives, also after each change of the address. */
function useAnnounced<Value>(read: () => Value): Value {
  const [value, setValue] = useState(read);
  useEffect(() => {
    const listener = () => setValue(read);
    listeners.add(listener);
    // It may have changed between the first rendering and this effect.
    listener();
    return () => {
      listeners.delete(listener);
    };
  }, []);
  return value;
}

export function useLocation(): Location {
  return useAnnounced(currentLocation);
}

/** The secret of the link that was opened last, until it was used. */
export function useLinkToken(): string {
  return useAnnounced(() => linkToken);
}

/**
 * A text of the query that is typed: what stands in the field, how to change it, and what it came
 * to when it was still for a while. When the address changes otherwise, by a link or the browser's
 * buttons, the field follows it.
 */
export function useTypedQuery(
  name: string,
  milliseconds: number,
): [string, (typed: string) => void, string] {
  const settled = useLocation().query.get(name) ?? '';
  const [typed, setTyped] = useState(settled);
  const written = useRef(settled);
  useEffect(() => {
    if (settled !== written.current) {
      written.current = settled;
      setTyped(settled);
    }
  }, [settled]);
  useEffect(() => {
    if (typed.trim() === written.current) {
      return undefined;
    }
    const timer = window.setTimeout(() => {
      written.current = typed.trim();
      setQuery(name, written.current);
    }, milliseconds);
    return () => window.clearTimeout(timer);
  }, [name, typed, milliseconds]);
  return [typed, setTyped, settled];
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
