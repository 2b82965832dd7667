// Loading what the API lists, and running what changes it.

import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { ApiError, type Page, type Paging } from './api';

/**
 * What was loaded last, by name, so that a page that was seen before stands at once while it is
 * loaded anew. In memory only, and never a secret.
 */
const remembered = new Map<string, unknown>();
const REMEMBERED_MAXIMUM = 64;

function remember(name: string, value: unknown): void {
  remembered.delete(name);
  remembered.set(name, value);
  const oldest = remembered.keys().next();
  if (remembered.size > REMEMBERED_MAXIMUM && !oldest.done) {
    remembered.delete(oldest.value);
  }
}

export function forgetEverything(): void {
  remembered.clear();
}

export interface Loaded<Value> {
  value: Value | undefined;
  error: ApiError | undefined;
  isLoading: boolean;
  reload: () => void;
}

interface State<Value> {
  /** What was loaded last, or refused. */
  name: string;
  value: Value | undefined;
  error: ApiError | undefined;
  isLoading: boolean;
}

export function asApiError(error: unknown): ApiError {
  return error instanceof ApiError
    ? error
    : new ApiError(0, null, null, `The page failed: ${String(error)}`);
}

/**
 * Loads what `name` stands for, again whenever the name changes. Until the new value is there the
 * old one stays, so that nothing jumps; `null` loads nothing.
 */
export function useLoaded<Value>(name: string | null, load: () => Promise<Value>): Loaded<Value> {
  const key = name ?? '';
  const [state, setState] = useState<State<Value>>(() => ({
    name: key,
    value: remembered.get(key) as Value | undefined,
    error: undefined,
    isLoading: name !== null,
  }));
  const [attempt, setAttempt] = useState(0);
  const latest = useRef(load);
  latest.current = load;

  useEffect(() => {
    if (name === null) {
      return undefined;
    }
    let isWanted = true;
    setState((before) => ({
      ...before,
      value: (remembered.get(key) as Value | undefined) ?? before.value,
      isLoading: true,
    }));
    latest.current().then(
      (value) => {
        remember(key, value);
        if (isWanted) {
          setState({ name: key, value, error: undefined, isLoading: false });
        }
      },
      (error: unknown) => {
        if (isWanted) {
          setState((before) => ({
            ...before,
            name: key,
            error: asApiError(error),
            isLoading: false,
          }));
        }
      },
    );
    return () => {
      isWanted = false;
    };
  }, [name, attempt]);

  const reload = useCallback(() => setAttempt((count) => count + 1), []);
  // An effect begins to load, so at first a new name still has the old one's state.
  const isLoading = name !== null && (state.isLoading || state.name !== key);
  return { value: state.value, error: state.error, isLoading, reload };
}

export interface Paged<Item> extends Loaded<Page<Item>> {
  first: number;
  hasPrevious: boolean;
  hasNext: boolean;
  previous: () => void;
  next: () => void;
}

/** One page of a list at a time: however long the list is, the document stays small. */
export function usePaged<Item>(
  name: string | null,
  limit: number,
  load: (paging: Paging) => Promise<Page<Item>>,
): Paged<Item> {
  const [place, setPlace] = useState<{ name: string | null; cursors: string[] }>({
    name,
    cursors: [],
  });
  const cursors = place.name === name ? place.cursors : [];
  const after = cursors[cursors.length - 1];
  const loaded = useLoaded(name === null ? null : `${name} ${after ?? ''}`, () =>
    load({ limit, after }),
  );
  const lastId = loaded.value?.last_id ?? null;
  return {
    ...loaded,
    first: cursors.length * limit + 1,
    hasPrevious: cursors.length > 0,
    hasNext: (loaded.value?.has_more ?? false) && lastId !== null,
    previous: () => setPlace({ name, cursors: cursors.slice(0, -1) }),
    // While it loads, what is there is another page, and does not lead to the next one.
    next: () => {
      if (lastId !== null && !loaded.isLoading) {
        setPlace({ name, cursors: [...cursors, lastId] });
      }
    },
  };
}

export interface Action<Arguments extends unknown[]> {
  run: (...given: Arguments) => Promise<void>;
  isBusy: boolean;
  error: ApiError | undefined;
  clear: () => void;
}

/** Something that is done once at a time, and may be refused. */
export function useAction<Arguments extends unknown[]>(
  act: (...given: Arguments) => Promise<void>,
): Action<Arguments> {
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError>();
  const isRunning = useRef(false);
  const run = async (...given: Arguments) => {
    if (isRunning.current) {
      return;
    }
    isRunning.current = true;
    setBusy(true);
    setError(undefined);
    try {
      await act(...given);
    } catch (failure) {
      setError(asApiError(failure));
    } finally {
      isRunning.current = false;
      setBusy(false);
    }
  };
  return { run, isBusy, error, clear: () => setError(undefined) };
}
