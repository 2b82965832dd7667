import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { FormDialog } from './dialog';
import { type Choice, RadioField } from './fields';
import { Avatar } from './parts';

export function PersonName({
  name,
  email,
  isYou,
}: {
  name: string | null;
  email: string | null;
  isYou: boolean;
}) {
  return (
    <span class="person">
      <Avatar name={name || email || '?'} />
      <span class="person-text">
        <span class="row-title">
          {name || email}
          {isYou && <span class="faint"> (you)</span>}
        </span>
        <span class="row-detail">{email}</span>
      </span>
    </span>
  );
}

interface RoleDialogProperties<Role extends string> {
  /** Whose role it is. */
  name: string;
  label: string;
  role: Role;
  choices: Choice<Role>[];
  onClose: () => void;
  onSave: (role: Role) => Promise<void>;
  /** What a choice brings about. */
  children?: (role: Role) => ComponentChildren;
}

export function RoleDialog<Role extends string>(properties: RoleDialogProperties<Role>) {
  const { name, label, role, choices, onClose, onSave, children } = properties;
  const [chosen, setChosen] = useState(role);
  return (
    <FormDialog
      title={`Role of ${name}`}
      submit="Save role"
      isDisabled={chosen === role}
      onClose={onClose}
      onSubmit={() => onSave(chosen)}
    >
      {() => (
        <>
          <RadioField label={label} value={chosen} choices={choices} onValue={setChosen} />
          {children?.(chosen)}
        </>
      )}
    </FormDialog>
  );
}
