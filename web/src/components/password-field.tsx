import { useState } from 'preact/hooks';
import { Field } from './fields';

export const PASSWORD_MINIMUM = 12;
const PASSWORD_MAXIMUM = 256;

interface PasswordFieldProperties {
  label: string;
  value: string;
  onValue: (value: string) => void;
  isNew?: boolean;
  error?: string | undefined;
}

export function PasswordField(properties: PasswordFieldProperties) {
  const { label, value, onValue, isNew = false, error } = properties;
  const [isShown, setShown] = useState(false);
  const hint = isNew && `At least ${PASSWORD_MINIMUM} characters. A few unrelated words do well.`;
  return (
    <Field label={label} hint={hint || undefined} error={error}>
      {(attributes) => (
        <div class="password">
          <input
            {...attributes}
            {...({ type: isShown ? 'text' : 'password' } as object)}
            class="input"
            autoComplete={isNew ? 'new-password' : 'current-password'}
            autoCapitalize="off"
            spellcheck={false}
            required
            {...(isNew && { minLength: PASSWORD_MINIMUM })}
            maxLength={PASSWORD_MAXIMUM}
            value={value}
            onInput={(event) => onValue(event.currentTarget.value)}
          />
          <button
            type="button"
            aria-pressed={isShown}
            aria-label={`Show ${label.toLowerCase()}`}
            onClick={() => setShown(!isShown)}
          >
            {isShown ? 'Hide' : 'Show'}
          </button>
        </div>
      )}
    </Field>
  );
}
