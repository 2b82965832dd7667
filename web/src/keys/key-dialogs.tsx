// Issuing, changing and revoking keys.

import { useState } from 'preact/hooks';
import {
  api,
  collect,
  type IssuedKey,
  type Project,
  type ProjectKey,
  type ServiceAccount,
} from '../api';
import { ConfirmDialog, FormDialog } from '../components/dialog';
import { type Expiry, ExpiryField, expiryInput, isComplete, NO_EXPIRY } from '../components/expiry';
import { SelectField, TextField } from '../components/fields';
import { Notice } from '../components/notice';
import { Details, Time } from '../components/parts';
import { scopesError, ScopesField, type ScopesInput, scopesOf } from '../components/scopes';
import { checkSnippet, SecretDialog } from '../components/secret';
import { notify } from '../components/toasts';
import { formatRelative } from '../format';
import { useLoaded } from '../loading';
import { useProjectRights, useSession } from '../session';
import { KeyOwnerName, ownerName } from './key-owner';

const ACCOUNTS_MAXIMUM = 500;
const MYSELF = 'myself';

/** Those of the newest keys of the project. */
function useKnownScopes(projectId: string): string[] {
  const { value } = useLoaded(projectId ? `scopes ${projectId}` : null, () =>
    api.keys.list(projectId, { limit: 100, order: 'desc', owner_project_access: 'any' }),
  );
  const scopes = value?.data.flatMap((key) => key.scopes) ?? [];
  return [...new Set([...scopes, 'api.all.read'])].sort();
}

function useServiceAccounts(projectId: string, isWanted: boolean): ServiceAccount[] {
  const { value } = useLoaded(isWanted ? `accounts of ${projectId}` : null, () =>
    collect((paging) => api.serviceAccounts.list(projectId, paging), ACCOUNTS_MAXIMUM),
  );
  return value ?? [];
}

interface CreateKeyDialogProperties {
  projects: Project[];
  /** Whose key it shall be, where that is settled. */
  account?: ServiceAccount;
  onClose: () => void;
  onIssued: (key: IssuedKey) => void;
}

export function CreateKeyDialog(properties: CreateKeyDialogProperties) {
  const { projects, account, onClose, onIssued } = properties;
  const { session } = useSession();
  const [projectId, setProjectId] = useState(projects[0]?.id ?? '');
  const [name, setName] = useState('');
  const [owner, setOwner] = useState(account?.id ?? MYSELF);
  const [expiry, setExpiry] = useState<Expiry>(NO_EXPIRY);
  const [scopes, setScopes] = useState<ScopesInput>({ added: [], typed: '' });
  const rights = useProjectRights(projectId, projectId !== '');
  const isManager = rights.value?.isManager ?? false;
  const accounts = useServiceAccounts(projectId, isManager && !account && projectId !== '');
  const knownScopes = useKnownScopes(projectId);
  const create = async () => {
    const input = { name: name.trim(), scopes: scopesOf(scopes), ...expiryInput(expiry) };
    const issued =
      owner === MYSELF
        ? await api.keys.create(projectId, input)
        : await api.serviceAccounts.createKey(projectId, owner, input);
    onIssued(issued);
  };
  return (
    <FormDialog
      title={account ? `New key for ${account.name}` : 'Create key'}
      submit="Create key"
      isDisabled={
        !name.trim() ||
        !projectId ||
        !isComplete(expiry) ||
        scopesError(scopes) !== undefined
      }
      onClose={onClose}
      onSubmit={create}
      parameters={['name']}
    >
      {(error) => (
        <>
          <TextField
            label="Name"
            value={name}
            onValue={setName}
            maxLength={255}
            autoComplete="off"
            placeholder="What will use it, such as “batch jobs”"
            autoFocus
            error={error?.parameter === 'name' ? error.message : undefined}
          />
          {projects.length > 1 && (
            <SelectField
              label="Project"
              value={projectId}
              choices={projects.map(({ id, name: label }) => ({ value: id, label: label ?? id }))}
              onValue={(id) => {
                setProjectId(id);
                setOwner(MYSELF);
              }}
            />
          )}
          {!account && accounts.length > 0 && (
            <SelectField
              label="Owner"
              value={owner}
              choices={[
                { value: MYSELF, label: `You (${session.user.name})` },
                ...accounts.map(({ id, name: label }) => ({
                  value: id,
                  label: `Service account: ${label}`,
                })),
              ]}
              onValue={setOwner}
              hint={
                owner === MYSELF
                  ? 'It ends when you leave the organization.'
                  : 'It stays whoever leaves, until it is revoked or the account is deleted.'
              }
            />
          )}
          <ExpiryField value={expiry} onValue={setExpiry} />
          <ScopesField value={scopes} suggestions={knownScopes} onValue={setScopes} />
        </>
      )}
    </FormDialog>
  );
}

export function IssuedKeyDialog({ issued, onDone }: { issued: IssuedKey; onDone: () => void }) {
  const { session } = useSession();
  return (
    <SecretDialog
      title="Save this key"
      label="Key"
      value={issued.value}
      warning={
        <p>
          This is the only time that “{issued.name}” is shown. Copy it now to where it will be used,
          or into a password manager. Whoever has it can use it; if it gets lost, revoke it and
          create another one.
        </p>
      }
      snippet={{ label: 'Try it', text: checkSnippet(session.organization.id) }}
      onDone={onDone}
    />
  );
}

interface KeyDialogProperties {
  target: ProjectKey;
  onClose: () => void;
  onChanged: () => void;
}

export function EditKeyDialog({ target, onClose, onChanged }: KeyDialogProperties) {
  const [expiry, setExpiry] = useState<Expiry>({ kind: 'keep', day: '' });
  const [input, setInput] = useState<ScopesInput>({ added: target.scopes, typed: '' });
  const scopes = scopesOf(input);
  const knownScopes = useKnownScopes(target.project.id);
  const rights = useProjectRights(target.project.id, true);
  // Members restrict their keys further, and never less.
  const isMember = rights.value?.isManager === false;
  const isRestricted = target.scopes.length > 0;
  const areSame = scopes.join(' ') === target.scopes.join(' ');
  const save = async () => {
    await api.keys.update(target.project.id, target.id, {
      ...expiryInput(expiry),
      ...(!areSame && { scopes }),
    });
    notify(`Key “${target.name}” changed.`);
    onChanged();
  };
  return (
    <FormDialog
      title={`Edit ${target.name}`}
      submit="Save changes"
      isDisabled={
        (areSame && expiry.kind === 'keep') ||
        !isComplete(expiry) ||
        scopesError(input) !== undefined
      }
      onClose={onClose}
      onSubmit={save}
    >
      {() => (
        <>
          <ExpiryField
            value={expiry}
            onValue={setExpiry}
            current={target.expires_at ?? null}
            latest={isMember ? (target.expires_at ?? null) : null}
            isChange
          />
          <ScopesField
            value={input}
            suggestions={isMember && isRestricted ? target.scopes : knownScopes}
            onValue={setInput}
          />
          {isMember && (
            <Notice>
              <p>
                You can restrict your key further: to an earlier expiry, or fewer scopes. The
                opposite takes an owner of the project.
              </p>
            </Notice>
          )}
          {!isMember && isRestricted && scopes.length === 0 && (
            <Notice look="warning">
              <p>Without scopes the key will have no restriction any more.</p>
            </Notice>
          )}
        </>
      )}
    </FormDialog>
  );
}

export function RevokeKeyDialog({ target, onClose, onChanged }: KeyDialogProperties) {
  const lastUsed = target.last_used_at;
  const revoke = async () => {
    await api.keys.revoke(target.project.id, target.id);
    notify(`Key “${target.name}” revoked.`);
    onChanged();
  };
  return (
    <ConfirmDialog
      title={`Revoke ${target.name}?`}
      confirm="Revoke key"
      onClose={onClose}
      onConfirm={revoke}
    >
      <Details
        rows={[
          ['Key', <code key="key">{target.redacted_value}</code>],
          ['Owner', <KeyOwnerName key="owner" owner={target.owner} />],
          ['Project', target.project.name ?? target.project.id],
          ['Last used', <Time key="used" seconds={lastUsed} />],
        ]}
      />
      <Notice look="danger">
        <p>
          {lastUsed === null
            ? `It was never used. Whatever ${ownerName(target.owner)} may have prepared with it will be refused.`
            : `Last used ${formatRelative(lastUsed)}: whatever uses it will be refused at once.`}{' '}
          This cannot be undone.
        </p>
      </Notice>
    </ConfirmDialog>
  );
}
