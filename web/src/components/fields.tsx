import type {
  ComponentChildren,
  PartialInputHTMLAttributes,
  PartialSelectHTMLAttributes,
} from 'preact';
import { useId } from 'preact/hooks';
import { Icon } from './icon';

interface FieldProperties {
  label: ComponentChildren;
  hint?: ComponentChildren;
  error?: string | undefined;
}

interface FieldAttributes {
  id: string;
  'aria-describedby'?: string;
  'aria-invalid'?: true;
}

/** A label, what it is for, and what is wrong with it, tied to its control. */
export function Field({
  label,
  hint,
  error,
  children,
}: FieldProperties & { children: (attributes: FieldAttributes) => ComponentChildren }) {
  const id = useId();
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ');
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children({
        id,
        ...(described && { 'aria-describedby': described }),
        ...(error && { 'aria-invalid': true }),
      })}
      {error && (
        <p class="field-error" id={`${id}-error`}>
          {error}
        </p>
      )}
      {hint && (
        <p class="field-hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}

type TextFieldProperties = FieldProperties &
  Omit<PartialInputHTMLAttributes<HTMLInputElement>, 'label' | 'value'> & {
    value: string;
    onValue: (value: string) => void;
    list?: string;
  };

export function TextField({ label, hint, error, value, onValue, ...rest }: TextFieldProperties) {
  return (
    <Field label={label} hint={hint} error={error}>
      {(attributes) => (
        <input
          type="text"
          {...(rest as object)}
          {...attributes}
          class="input"
          value={value}
          onInput={(event) => onValue(event.currentTarget.value)}
        />
      )}
    </Field>
  );
}

export interface Choice<Value extends string> {
  value: Value;
  label: string;
  hint?: string;
}

type SelectProperties<Value extends string> = {
  value: Value;
  choices: Choice<Value>[];
  onValue: (value: Value) => void;
} & Omit<PartialSelectHTMLAttributes<HTMLSelectElement>, 'value'>;

export function Select<Value extends string>({
  value,
  choices,
  onValue,
  ...rest
}: SelectProperties<Value>) {
  return (
    <span class="select">
      <select
        {...(rest as object)}
        value={value}
        onChange={(event) => onValue(event.currentTarget.value as Value)}
      >
        {choices.map((choice) => (
          <option key={choice.value} value={choice.value} selected={choice.value === value}>
            {choice.label}
          </option>
        ))}
      </select>
      <Icon name="down" size={14} />
    </span>
  );
}

export function SelectField<Value extends string>({
  label,
  hint,
  error,
  ...rest
}: FieldProperties & SelectProperties<Value>) {
  return (
    <Field label={label} hint={hint} error={error}>
      {(attributes) => <Select {...rest} {...attributes} />}
    </Field>
  );
}

interface RadioFieldProperties<Value extends string> {
  label: string;
  value: Value;
  choices: Choice<Value>[];
  onValue: (value: Value) => void;
}

export function RadioField<Value extends string>({
  label,
  value,
  choices,
  onValue,
}: RadioFieldProperties<Value>) {
  const name = useId();
  return (
    <fieldset class="field radios">
      <legend>{label}</legend>
      {choices.map((choice) => (
        <label key={choice.value} class="radio">
          <input
            type="radio"
            name={name}
            value={choice.value}
            checked={choice.value === value}
            onChange={() => onValue(choice.value)}
          />
          <span>
            <strong>{choice.label}</strong>
            {choice.hint && <small>{choice.hint}</small>}
          </span>
        </label>
      ))}
    </fieldset>
  );
}

interface CheckboxProperties {
  label: ComponentChildren;
  isChecked: boolean;
  onValue: (isChecked: boolean) => void;
}

export function Checkbox({ label, isChecked, onValue }: CheckboxProperties) {
  return (
    <label class="checkbox">
      <input
        type="checkbox"
        checked={isChecked}
        onChange={(event) => onValue(event.currentTarget.checked)}
      />
      <span>{label}</span>
    </label>
  );
}

interface SearchFieldProperties {
  label: string;
  value: string;
  onValue: (value: string) => void;
}

export function SearchField({ label, value, onValue }: SearchFieldProperties) {
  return (
    <div class="search" role="search">
      <Icon name="search" />
      <input
        type="search"
        class="input"
        aria-label={label}
        placeholder={label}
        autoComplete="off"
        spellcheck={false}
        value={value}
        onInput={(event) => onValue(event.currentTarget.value)}
      />
    </div>
  );
}
