// What a key's times and access come to.

import type { KeyQuery, ProjectKey } from '../api';
import { Badge } from '../components/parts';
import { DAY, now } from '../format';

export const EXPIRING_DAYS = 14;
export const UNUSED_DAYS = 90;
export const NEVER_USED_DAYS = 7;

interface KeyState {
  label: string;
  look: 'good' | 'neutral' | 'warning' | 'danger';
  explanation: string;
}

export function keyState(key: ProjectKey, isArchived: boolean): KeyState {
  const expiresAt = key.expires_at ?? null;
  if (isArchived) {
    return {
      label: 'Project archived',
      look: 'neutral',
      explanation: 'Its project is archived: the key is refused for good.',
    };
  }
  if (expiresAt !== null && expiresAt <= now()) {
    return {
      label: 'Expired',
      look: 'danger',
      explanation: 'Refused. It works again when its expiry is moved into the future.',
    };
  }
  if (key.owner_project_access === 'inactive') {
    return {
      label: 'No access',
      look: 'warning',
      explanation:
        'Refused, because its owner has no access to the project. With access it works again.',
    };
  }
  if (expiresAt !== null && expiresAt < now() + EXPIRING_DAYS * DAY) {
    return {
      label: 'Expires soon',
      look: 'warning',
      explanation: 'Works until it expires.',
    };
  }
  return { label: 'Active', look: 'good', explanation: 'Works.' };
}

export function KeyStateBadge({ state }: { state: KeyState }) {
  return <Badge look={state.look}>{state.label}</Badge>;
}

export type KeyFilter = 'all' | 'expiring' | 'expired' | 'unused' | 'never-used' | 'no-access';

interface FilterRow {
  value: KeyFilter;
  label: string;
  query: () => KeyQuery;
}

export const KEY_FILTERS: FilterRow[] = [
  { value: 'all', label: 'All', query: () => ({}) },
  {
    value: 'expiring',
    label: `Expiring in ${EXPIRING_DAYS} days`,
    query: () => ({
      'expires_at[gte]': now(),
      'expires_at[lt]': now() + EXPIRING_DAYS * DAY,
    }),
  },
  { value: 'expired', label: 'Expired', query: () => ({ 'expires_at[lt]': now() }) },
  {
    value: 'unused',
    label: `Unused for ${UNUSED_DAYS} days`,
    query: () => ({ 'last_used_at[lt]': now() - UNUSED_DAYS * DAY }),
  },
  {
    value: 'never-used',
    label: `Never used for ${NEVER_USED_DAYS} days`,
    query: () => ({ never_used: true, 'created_at[lt]': now() - NEVER_USED_DAYS * DAY }),
  },
  {
    value: 'no-access',
    label: 'Owner without access',
    query: () => ({ owner_project_access: 'inactive' }),
  },
];

export function filterNamed(name: string | null): FilterRow {
  return KEY_FILTERS.find((row) => row.value === name) ?? (KEY_FILTERS[0] as FilterRow);
}

export function keyQuery(filter: FilterRow, search: string): KeyQuery {
  return { order: 'desc', owner_project_access: 'any', search, ...filter.query() };
}
