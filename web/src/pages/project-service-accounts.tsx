import { useState } from 'preact/hooks';
import { api, type IssuedKey, type Project, type ProjectRole, type ServiceAccount } from '../api';
import { Button } from '../components/button';
import { ConfirmDialog, FormDialog } from '../components/dialog';
import { type Expiry, ExpiryField, expiryInput, isComplete, NO_EXPIRY } from '../components/expiry';
import { RadioField, TextField } from '../components/fields';
import { Menu } from '../components/menu';
import { Notice } from '../components/notice';
import { Empty, Time } from '../components/parts';
import { type Column, List } from '../components/table';
import { notify } from '../components/toasts';
import { CreateKeyDialog, IssuedKeyDialog } from '../keys/key-dialogs';
import { usePaged } from '../loading';

const PAGE = 50;

type Shown =
  | { kind: 'create' }
  | { kind: 'issued'; key: IssuedKey }
  | { kind: 'edit' | 'remove' | 'key'; account: ServiceAccount };

const ROLE_LABELS = { owner: 'Owner', member: 'Member', none: 'None' };

function columnsOf(isManager: boolean, show: (shown: Shown) => void): Column<ServiceAccount>[] {
  const columns: Column<ServiceAccount>[] = [
    {
      title: 'Name',
      kind: 'main',
      render: (account) => (
        <>
          <span class="row-title">{account.name}</span>
          <code class="row-detail">{account.id}</code>
        </>
      ),
    },
    {
      title: 'Role',
      kind: 'state',
      render: (account) => ROLE_LABELS[account.role] ?? account.role,
    },
    { title: 'Created', kind: 'time', render: (account) => <Time seconds={account.created_at} /> },
    {
      title: 'Actions',
      kind: 'actions',
      render: (account) => (
        <Menu
          label={`Actions for ${account.name}`}
          items={[
            { label: 'New key', icon: 'key', onSelect: () => show({ kind: 'key', account }) },
            {
              label: 'Edit name and role',
              icon: 'settings',
              onSelect: () => show({ kind: 'edit', account }),
            },
            {
              label: 'Delete',
              icon: 'close',
              isDanger: true,
              onSelect: () => show({ kind: 'remove', account }),
            },
          ]}
        />
      ),
    },
  ];
  return isManager ? columns : columns.slice(0, -1);
}

interface DialogProperties {
  project: Project;
  onClose: () => void;
}

function CreateDialog({
  project,
  onClose,
  onIssued,
}: DialogProperties & {
  onIssued: (key: IssuedKey) => void;
}) {
  const [name, setName] = useState('');
  const [expiry, setExpiry] = useState<Expiry>(NO_EXPIRY);
  const create = async () => {
    const input = { name: name.trim(), ...expiryInput(expiry) };
    const account = await api.serviceAccounts.create(project.id, input);
    onIssued({ ...account.api_key, name: `${account.name}: ${account.api_key.name}` });
  };
  return (
    <FormDialog
      title="Create service account"
      submit="Create service account"
      isDisabled={!name.trim() || !isComplete(expiry)}
      onClose={onClose}
      onSubmit={create}
      parameters={['name']}
    >
      {(error) => (
        <>
          <TextField
            label="Name"
            autoFocus
            maxLength={255}
            autoComplete="off"
            placeholder="The program it is for, such as “backend”"
            value={name}
            onValue={setName}
            error={error?.parameter === 'name' ? error.message : undefined}
            hint="It owns keys in place of a person, so they stay when people leave. Its first key is made with it."
          />
          <ExpiryField value={expiry} onValue={setExpiry} />
        </>
      )}
    </FormDialog>
  );
}

function EditDialog({
  project,
  account,
  onClose,
  onChanged,
}: DialogProperties & {
  account: ServiceAccount;
  onChanged: () => void;
}) {
  const [name, setName] = useState(account.name);
  const [role, setRole] = useState(account.role);
  const save = async () => {
    await api.serviceAccounts.update(project.id, account.id, {
      ...(name.trim() !== account.name && { name: name.trim() }),
      ...(role !== account.role && role !== 'none' && { role }),
    });
    notify(`Service account “${name.trim()}” changed.`);
    onChanged();
  };
  return (
    <FormDialog
      title={`Edit ${account.name}`}
      submit="Save changes"
      isDisabled={!name.trim() || (name.trim() === account.name && role === account.role)}
      onClose={onClose}
      onSubmit={save}
      parameters={['name']}
    >
      {(error) => (
        <>
          <TextField
            label="Name"
            maxLength={255}
            autoComplete="off"
            value={name}
            onValue={setName}
            error={error?.parameter === 'name' ? error.message : undefined}
          />
          <RadioField<ProjectRole>
            label="Role"
            value={role as ProjectRole}
            choices={[
              { value: 'member', label: 'Member', hint: 'Its keys are let in.' },
              {
                value: 'owner',
                label: 'Owner',
                hint: 'The same; keys of projects never manage anything here.',
              },
            ]}
            onValue={setRole}
          />
        </>
      )}
    </FormDialog>
  );
}

function RemoveDialog({
  project,
  account,
  onClose,
  onChanged,
}: DialogProperties & {
  account: ServiceAccount;
  onChanged: () => void;
}) {
  const remove = async () => {
    await api.serviceAccounts.remove(project.id, account.id);
    notify(`Service account “${account.name}” deleted.`);
    onChanged();
  };
  return (
    <ConfirmDialog
      title={`Delete ${account.name}?`}
      confirm="Delete service account"
      onClose={onClose}
      onConfirm={remove}
    >
      <Notice look="danger">
        <p>
          All keys of this service account end with it: whatever uses one is refused at once. This
          cannot be undone.
        </p>
      </Notice>
    </ConfirmDialog>
  );
}

export function ProjectServiceAccounts({
  project,
  isManager,
}: {
  project: Project;
  isManager: boolean;
}) {
  const [shown, setShown] = useState<Shown>();
  const accounts = usePaged(`service accounts ${project.id}`, PAGE, (paging) =>
    api.serviceAccounts.list(project.id, paging),
  );
  const close = () => setShown(undefined);
  const changed = () => {
    close();
    accounts.reload();
  };
  const issue = (key: IssuedKey) => {
    setShown({ kind: 'issued', key });
    accounts.reload();
  };
  return (
    <section aria-label="Service accounts">
      <div class="section-header">
        <p>Programs that own keys: a backend, a batch job, a CI pipeline.</p>
        {isManager && (
          <Button look="primary" icon="plus" onClick={() => setShown({ kind: 'create' })}>
            Create service account
          </Button>
        )}
      </div>
      <List
        caption="Service accounts"
        columns={columnsOf(isManager, setShown)}
        loaded={accounts}
        empty={
          <Empty icon="robot" title="No service accounts yet">
            Give each program an account of its own: its keys then outlive the people who made them.
          </Empty>
        }
      />
      {shown?.kind === 'create' && (
        <CreateDialog project={project} onClose={close} onIssued={issue} />
      )}
      {shown?.kind === 'edit' && (
        <EditDialog project={project} account={shown.account} onClose={close} onChanged={changed} />
      )}
      {shown?.kind === 'remove' && (
        <RemoveDialog
          project={project}
          account={shown.account}
          onClose={close}
          onChanged={changed}
        />
      )}
      {shown?.kind === 'key' && (
        <CreateKeyDialog
          projects={[project]}
          account={shown.account}
          onClose={close}
          onIssued={issue}
        />
      )}
      {shown?.kind === 'issued' && <IssuedKeyDialog issued={shown.key} onDone={close} />}
    </section>
  );
}
