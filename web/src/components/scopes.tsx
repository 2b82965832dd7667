// What a key is restricted to.

import { useId, useState } from 'preact/hooks';
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

interface ScopesFieldProperties {
  value: string[];
  suggestions: string[];
  onValue: (scopes: string[]) => void;
}

export function ScopesField({ value, suggestions, onValue }: ScopesFieldProperties) {
  const [text, setText] = useState('');
  const [error, setError] = useState<string>();
  const listId = useId();
  const add = (typed: string): boolean => {
    const scopes = typed.split(/[\s,]+/).filter(Boolean);
    const wrong = scopes.find((scope) => !SCOPE.test(scope));
    const all = [...new Set([...value, ...scopes])];
    if (wrong !== undefined) {
      setError(`“${wrong}” is no scope: up to 64 letters, digits and signs, without quotes.`);
      return false;
    }
    if (all.length > SCOPES_MAXIMUM) {
      setError(`A key has at most ${SCOPES_MAXIMUM} scopes.`);
      return false;
    }
    setError(undefined);
    setText('');
    if (scopes.length > 0) {
      onValue(all);
    }
    return true;
  };
  const onKeyDown = (event: KeyboardEvent) => {
    // Enter ends a scope; it must not send the form that this stands in.
    if (event.key === 'Enter' || event.key === ',' || event.key === ' ') {
      event.preventDefault();
      add(text);
    } else if (event.key === 'Backspace' && text === '' && value.length > 0) {
      onValue(value.slice(0, -1));
    }
  };
  const onInput = (event: Event, typed: string) => {
    setText(typed);
    setError(undefined);
    // Who picks a suggestion has said it whole; who types may go on.
    const isTyped = event instanceof InputEvent && event.inputType !== 'insertReplacementText';
    if (!isTyped && suggestions.includes(typed)) {
      add(typed);
    }
  };
  return (
    <Field
      label="Scopes"
      error={error}
      hint="Empty: no restriction, the key may do everything. Press Enter after each scope."
    >
      {(attributes) => (
        <div class="input scopes">
          {value.map((scope) => (
            <span key={scope} class="tag">
              <code>{scope}</code>
              <IconButton
                name="close"
                label={`Remove scope ${scope}`}
                onClick={() => onValue(value.filter((other) => other !== scope))}
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
            placeholder={value.length === 0 ? 'For example models.read' : ''}
            value={text}
            onInput={(event) => onInput(event, event.currentTarget.value)}
            onKeyDown={onKeyDown}
            onBlur={() => add(text)}
          />
          <datalist id={listId}>
            {suggestions
              .filter((scope) => !value.includes(scope))
              .map((scope) => (
                <option key={scope} value={scope} />
              ))}
          </datalist>
        </div>
      )}
    </Field>
  );
}
