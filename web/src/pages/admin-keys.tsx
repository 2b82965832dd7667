import { useState } from 'preact/hooks';
import { type AdminKey, api, type IssuedKey } from '../api';
import { Button } from '../components/button';
import { ConfirmDialog, FormDialog } from '../components/dialog';
import { type Expiry, ExpiryField, expiryInput, isComplete, NO_EXPIRY } from '../components/expiry';
import { TextField } from '../components/fields';
import { Menu } from '../components/menu';
import { Notice } from '../components/notice';
import { Badge, Details, Empty, PageHeader, Time } from '../components/parts';
import { administrationSnippet, SecretDialog } from '../components/secret';
import { type Column, List } from '../components/table';
import { notify } from '../components/toasts';
import { DAY, formatRelative, now } from '../format';
import { usePaged } from '../loading';
import { useSession } from '../session';
import { EXPIRING_DAYS } from '../keys/key-state';

const PAGE = 50;
const LIFETIME_MAXIMUM_DAYS = 365;

type Shown =
  { kind: 'create' } | { kind: 'issued'; key: IssuedKey } | { kind: 'revoke'; key: AdminKey };

function nameOf(key: AdminKey): string {
  return key.name ?? key.redacted_value;
}

function StateBadge({ target }: { target: AdminKey }) {
  if (target.expires_at !== null && target.expires_at <= now()) {
    return <Badge look="danger">Expired</Badge>;
  }
  return target.expires_at !== null && target.expires_at < now() + EXPIRING_DAYS * DAY ? (
    <Badge look="warning">Expires soon</Badge>
  ) : (
    <Badge look="good">Active</Badge>
  );
}

function columnsOf(currentId: string | null, show: (shown: Shown) => void): Column<AdminKey>[] {
  return [
    {
      title: 'Name',
      kind: 'main',
      render: (key) => (
        <>
          <span class="row-title">
            {nameOf(key)}
            {key.id === currentId && <span class="faint"> (you signed in with it)</span>}
          </span>
          <code class="row-detail">{key.redacted_value}</code>
        </>
      ),
    },
    { title: 'State', kind: 'state', render: (key) => <StateBadge target={key} /> },
    {
      title: 'Owner',
      kind: 'medium',
      render: (key) => <span class="truncate">{key.owner.name}</span>,
    },
    {
      title: 'Created',
      kind: 'time',
      isMinor: true,
      render: (key) => <Time seconds={key.created_at} />,
    },
    { title: 'Last used', kind: 'time', render: (key) => <Time seconds={key.last_used_at} /> },
    { title: 'Expires', kind: 'time', render: (key) => <Time seconds={key.expires_at} /> },
    {
      title: 'Actions',
      kind: 'actions',
      render: (key) => (
        <Menu
          label={`Actions for ${nameOf(key)}`}
          items={[
            {
              label: 'Revoke',
              icon: 'close',
              isDanger: true,
              onSelect: () => show({ kind: 'revoke', key }),
            },
          ]}
        />
      ),
    },
  ];
}

function CreateDialog({
  onClose,
  onIssued,
}: {
  onClose: () => void;
  onIssued: (key: IssuedKey) => void;
}) {
  const [name, setName] = useState('');
  const [expiry, setExpiry] = useState<Expiry>(NO_EXPIRY);
  const create = async () => {
    onIssued(await api.adminKeys.create({ name: name.trim(), ...expiryInput(expiry) }));
  };
  return (
    <FormDialog
      title="Create admin key"
      submit="Create admin key"
      isDisabled={!name.trim() || !isComplete(expiry)}
      onClose={onClose}
      onSubmit={create}
      parameters={['name']}
    >
      {(error) => (
        <>
          <Notice look="warning">
            <p>An admin key may do everything that an owner may. Give it to programs you trust.</p>
          </Notice>
          <TextField
            label="Name"
            autoFocus
            maxLength={255}
            autoComplete="off"
            placeholder="What will use it, such as “Terraform”"
            value={name}
            onValue={setName}
            error={error?.parameter === 'name' ? error.message : undefined}
          />
          <ExpiryField
            value={expiry}
            onValue={setExpiry}
            latest={now() + LIFETIME_MAXIMUM_DAYS * DAY}
          />
        </>
      )}
    </FormDialog>
  );
}

function RevokeDialog({
  target,
  isLast,
  onClose,
  onChanged,
}: {
  target: AdminKey;
  isLast: boolean;
  onClose: () => void;
  onChanged: () => void;
}) {
  const { session } = useSession();
  const revoke = async () => {
    await api.adminKeys.revoke(target.id);
    notify(`Admin key “${nameOf(target)}” revoked.`);
    onChanged();
  };
  const lastUsed = target.last_used_at ?? null;
  return (
    <ConfirmDialog
      title={`Revoke ${nameOf(target)}?`}
      confirm="Revoke admin key"
      onClose={onClose}
      onConfirm={revoke}
    >
      <Details
        rows={[
          ['Key', <code key="key">{target.redacted_value}</code>],
          ['Owner', target.owner.name],
          ['Last used', <Time key="used" seconds={lastUsed} />],
        ]}
      />
      <Notice look="danger">
        <p>
          {lastUsed === null
            ? 'It was never used.'
            : `Last used ${formatRelative(lastUsed)}: whatever uses it will be refused at once.`}{' '}
          This cannot be undone.
        </p>
      </Notice>
      {session.admin_api_key_id === target.id && (
        <Notice look="warning">
          <p>You signed in with this key: revoking it signs you out.</p>
        </Notice>
      )}
      {isLast && (
        <Notice look="warning">
          <p>
            It is the last admin key: programs can then manage nothing here until an owner signs in
            and creates another one.
          </p>
        </Notice>
      )}
    </ConfirmDialog>
  );
}

export function AdminKeysPage() {
  const { session, reload } = useSession();
  const [shown, setShown] = useState<Shown>();
  const keys = usePaged('admin keys', PAGE, (paging) =>
    api.adminKeys.list({ ...paging, order: 'desc' }),
  );
  const close = () => setShown(undefined);
  const count = keys.value?.data.length ?? 0;
  return (
    <>
      <PageHeader
        title="Admin keys"
        actions={
          <Button look="primary" icon="plus" onClick={() => setShown({ kind: 'create' })}>
            Create admin key
          </Button>
        }
      >
        For programs that manage this organization: SDKs, Terraform, the command line.
      </PageHeader>
      <List
        caption="Admin keys"
        columns={columnsOf(session.admin_api_key_id, setShown)}
        loaded={keys}
        empty={
          <Empty icon="shield" title="No admin keys">
            Programs need one to manage projects, people and keys here.
          </Empty>
        }
      />
      {shown?.kind === 'create' && (
        <CreateDialog
          onClose={close}
          onIssued={(key) => {
            setShown({ kind: 'issued', key });
            keys.reload();
          }}
        />
      )}
      {shown?.kind === 'issued' && (
        <SecretDialog
          title="Save this admin key"
          label="Admin key"
          value={shown.key.value}
          warning={
            <p>
              This is the only time that “{shown.key.name}” is shown. Copy it now to where it will
              be used, or into a password manager. Whoever has it can do everything here.
            </p>
          }
          snippet={{ label: 'Try it', text: administrationSnippet() }}
          onDone={close}
        />
      )}
      {shown?.kind === 'revoke' && (
        <RevokeDialog
          target={shown.key}
          isLast={count === 1 && !keys.hasNext && !keys.hasPrevious}
          onClose={close}
          onChanged={() => {
            close();
            keys.reload();
            if (shown.key.id === session.admin_api_key_id) {
              void reload();
            }
          }}
        />
      )}
    </>
  );
}
