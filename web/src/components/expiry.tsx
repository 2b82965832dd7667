// When a key ends: after so many days, at the end of a day, or never.

import { DAY, dayOf, endOfDay, formatClock, formatFullDate, now } from '../format';
import { type Choice, SelectField, TextField } from './fields';

export type ExpiryKind = 'keep' | 'none' | '7' | '30' | '90' | '365' | 'custom';

export interface Expiry {
  kind: ExpiryKind;
  day: string;
}

export const NO_EXPIRY: Expiry = { kind: 'none', day: '' };

const DAYS: Choice<ExpiryKind>[] = [
  { value: '7', label: '7 days' },
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
  { value: '365', label: '1 year' },
];

function endOf(expiry: Expiry): number | null {
  switch (expiry.kind) {
    case 'keep':
    case 'none':
      return null;
    case 'custom':
      return expiry.day ? endOfDay(expiry.day) : null;
    default:
      return now() + Number(expiry.kind) * DAY;
  }
}

export function isComplete(expiry: Expiry): boolean {
  return expiry.kind !== 'custom' || (endOf(expiry) ?? 0) > now();
}

function describeEnd(expiry: Expiry, end: number): string {
  const day = formatFullDate(end);
  return expiry.kind === 'custom'
    ? `Works through ${day}, unless you extend it before.`
    : `Works until ${day}, ${formatClock(end)}, unless you extend it before.`;
}

/** As the API takes it: empty where nothing is to be said of it. */
export function expiryInput(expiry: Expiry): { expires_in_seconds?: number } {
  const end = endOf(expiry);
  return end === null ? {} : { expires_in_seconds: Math.max(1, end - now()) };
}

interface ExpiryFieldProperties {
  value: Expiry;
  onValue: (value: Expiry) => void;
  /** Of a key that is there already: its expiry can be moved, but not taken away. */
  current?: number | null;
  isChange?: boolean;
  /** No later than this. */
  latest?: number | null;
}

export function ExpiryField(properties: ExpiryFieldProperties) {
  const { value, onValue, current, isChange, latest } = properties;
  const keep = current ? `Unchanged: ${formatFullDate(current)}` : 'Unchanged: no expiry';
  const first: Choice<ExpiryKind> = isChange
    ? { value: 'keep', label: keep }
    : { value: 'none', label: 'No expiry' };
  const end = endOf(value);
  const isPossible = (choice: Choice<ExpiryKind>) =>
    !latest || now() + Number(choice.value) * DAY <= latest;
  const days = DAYS.filter(isPossible).map((choice) =>
    isChange ? { ...choice, label: `${choice.label} from now` } : choice,
  );
  return (
    <>
      <SelectField
        label="Expiry"
        value={value.kind}
        choices={[first, ...days, { value: 'custom', label: 'Custom date' }]}
        onValue={(kind) => onValue({ ...value, kind })}
        hint={
          end !== null && end > now()
            ? describeEnd(value, end)
            : isChange
              ? 'An expiry can be moved, but not taken away again.'
              : 'A key without expiry works until it is revoked.'
        }
      />
      {value.kind === 'custom' && (
        <TextField
          label="Last day"
          type="date"
          required
          min={dayOf(now())}
          {...(latest && { max: dayOf(latest - DAY) })}
          value={value.day}
          onValue={(day) => onValue({ ...value, day })}
        />
      )}
    </>
  );
}
