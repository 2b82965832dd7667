// What a key is restricted to.

import { useId } from 'preact/hooks';
import { IconButton } from './button';
import { Field } from './fields';

const SCOPES_MAXIMUM = 16;
/** RFC 6749, 3.3: what the server takes. */
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]{1,64}$/;

export function ScopeList({ scopes }: { scopes: string[] }) {
  if (scopes.length === 0) {
    return <span class="faint">No restriction</span>;
  }
  return (
    <span class="tags">
      {scopes.map((scope) => (
        <code key={scope} class="tag">
          {scope}
        </code>
      ))}
    </span>
  );
}

/** What stands in the field: scopes that were added, and what is typed behind them. */
export interface ScopesInput {
  added: string[];
  typed: string;
}

/** All of it: what was typed counts, whether or not Enter was pressed. */
export function scopesOf({ added, typed }: ScopesInput): string[] {
  return [...new Set([...added, ...typed.split(/[\s,]+/).filter(Boolean)])];
}

/** Why these cannot be the scopes of a key. Without any it may do everything, so none is dropped. */
export function scopesError(input: ScopesInput): string | undefined {
  const scopes = scopesOf(input);
  const wrong = scopes.find((scope) => !SCOPE.test(scope));
  if (wrong !== undefined) {
    return `“${wrong}” is no scope: up to 64 letters, digits and signs, without quotes.`;
  }
  return scopes.length > SCOPES_MAXIMUM
    ? `A key has at most ${SCOPES_MAXIMUM} scopes.`
    : undefined;
}

interface ScopesFieldProperties {
  value: ScopesInput;
  suggestions: string[];
  onValue: (value: ScopesInput) => void;
}

export function ScopesField({ value, suggestions, onValue }: ScopesFieldProperties) {
  const listId = useId();
  const { added, typed } = value;
  const error = scopesError(value);
  const add = (input: ScopesInput) => {
    if (scopesError(input) === undefined) {
      onValue({ added: scopesOf(input), typed: '' });
    }
  };
  const onKeyDown = (event: KeyboardEvent) => {
    // Enter ends a scope; it must not send the form that this stands in.
    if (event.key === 'Enter' || event.key === ',' || event.key === ' ') {
      event.preventDefault();
      add(value);
    } else if (event.key === 'Backspace' && typed === '' && added.length > 0) {
      onValue({ added: added.slice(0, -1), typed });
    }
  };
  const onInput = (event: Event, text: string) => {
    onValue({ added, typed: text });
    // Who picks a suggestion has said it whole; who types may go on.
    const isTyped = event instanceof InputEvent && event.inputType !== 'insertReplacementText';
    if (!isTyped && suggestions.includes(text)) {
      add({ added, typed: text });
    }
  };
  return (
    <Field
      label="Scopes"
      error={error}
      hint={
        // In the place of the error, so that what follows does not move.
        error === undefined &&
        'Empty: no restriction, the key may do everything. Press Enter after each scope.'
      }
    >
      {(attributes) => (
        <div class="input scopes">
          {added.map((scope) => (
            <span key={scope} class="tag">
              <code>{scope}</code>
              <IconButton
                name="close"
                label={`Remove scope ${scope}`}
                onClick={() =>
                  onValue({ added: added.filter((other) => other !== scope), typed })
                }
              />
            </span>
          ))}
          <input
            {...attributes}
            type="text"
            list={listId}
            autoComplete="off"
            autoCapitalize="off"
            spellcheck={false}
            placeholder={added.length === 0 ? 'For example api.model.request' : ''}
            value={typed}
            onInput={(event) => onInput(event, event.currentTarget.value)}
            onKeyDown={onKeyDown}
          />
          <datalist id={listId}>
            {suggestions
              .filter((scope) => !added.includes(scope))
              .map((scope) => (
                <option key={scope} value={scope} />
              ))}
          </datalist>
        </div>
      )}
    </Field>
  );
}
