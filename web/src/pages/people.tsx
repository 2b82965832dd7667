import { useState } from 'preact/hooks';
import { api, type OrganizationRole, type User } from '../api';
import { Button } from '../components/button';
import { ConfirmDialog, FormDialog } from '../components/dialog';
import { Menu } from '../components/menu';
import { Notice } from '../components/notice';
import { Badge, Empty, PageHeader, Tabs, Time } from '../components/parts';
import { PersonName, RoleDialog } from '../components/person';
import { ReachNotice, SecretDialog } from '../components/secret';
import { type Column, List } from '../components/table';
import { notify } from '../components/toasts';
import { formatExact } from '../format';
import { usePaged } from '../loading';
import { ORGANIZATION_ROLES } from '../roles';
import { useLocation } from '../router';
import { useSession } from '../session';
import { CreateInviteDialog, InviteLinkDialog, Invites, type ShownLink } from './invites';

const PAGE = 50;

interface DialogProperties {
  person: User;
  onClose: () => void;
  onChanged: () => void;
}

function nameOf(person: User): string {
  return person.name || person.email || person.id;
}

function OrganizationRoleDialog({ person, onClose, onChanged }: DialogProperties) {
  const { session, reload } = useSession();
  const isYou = person.id === session.user.id;
  const save = async (role: OrganizationRole) => {
    await api.users.changeRole(person.id, role);
    notify(`Role of ${nameOf(person)} changed.`);
    onChanged();
    if (isYou) {
      await reload();
    }
  };
  return (
    <RoleDialog
      name={nameOf(person)}
      label="Role in the organization"
      role={person.role ?? 'reader'}
      choices={ORGANIZATION_ROLES}
      onClose={onClose}
      onSave={save}
    >
      {(role) =>
        person.role === 'owner' &&
        role === 'reader' && (
          <Notice look="warning">
            <p>
              {isYou
                ? 'You will no longer see this page, and your admin keys end at once.'
                : 'Their admin keys end at once, and they leave the projects that they were not added to.'}
            </p>
          </Notice>
        )
      }
    </RoleDialog>
  );
}

function RemoveDialog({ person, onClose, onChanged }: DialogProperties) {
  const remove = async () => {
    await api.users.remove(person.id);
    notify(`${nameOf(person)} removed.`);
    onChanged();
  };
  return (
    <ConfirmDialog
      title={`Remove ${nameOf(person)}?`}
      confirm="Remove person"
      onClose={onClose}
      onConfirm={remove}
    >
      <ul class="consequences">
        <li>All keys they own in any project end at once, for good, and so do their admin keys.</li>
        <li>They are signed out everywhere.</li>
        <li>Keys of service accounts stay.</li>
        <li>Invited again, they come back as a new person without any of it.</li>
      </ul>
      <Notice look="danger">
        <p>
          {person.api_key_last_used_at ? (
            <>
              A key of theirs was used <Time seconds={person.api_key_last_used_at} />: whatever uses
              it will be refused at once.
            </>
          ) : (
            'No key of theirs was ever used.'
          )}{' '}
          This cannot be undone.
        </p>
      </Notice>
    </ConfirmDialog>
  );
}

function PasswordLinkDialog({
  person,
  onClose,
  onLink,
}: {
  person: User;
  onClose: () => void;
  onLink: (url: string, expiresAt: number) => void;
}) {
  const create = async () => {
    const link = await api.passwords.link(person.id);
    onLink(link.url, link.expires_at);
  };
  return (
    <FormDialog
      title={`Password link for ${nameOf(person)}`}
      submit="Create link"
      onClose={onClose}
      onSubmit={create}
    >
      {() => (
        <p>
          With it, {nameOf(person)} sets a new password, once, within a day. Their present password
          works until then. A link that was made before ends.
        </p>
      )}
    </FormDialog>
  );
}

type Shown =
  | { kind: 'role' | 'remove' | 'password'; person: User }
  | { kind: 'link'; person: User; url: string; expiresAt: number };

function columnsOf(userId: string, show: (shown: Shown) => void): Column<User>[] {
  return [
    {
      title: 'Person',
      kind: 'main',
      render: (person) => <PersonName {...person} isYou={person.id === userId} />,
    },
    {
      title: 'Role',
      kind: 'state',
      render: (person) =>
        person.role === 'owner' ? <Badge look="good">Owner</Badge> : <Badge>Reader</Badge>,
    },
    { title: 'Joined', kind: 'time', render: (person) => <Time seconds={person.added_at} /> },
    {
      title: 'Keys last used',
      kind: 'time',
      render: (person) => <Time seconds={person.api_key_last_used_at} />,
    },
    {
      title: 'Actions',
      kind: 'actions',
      render: (person) => (
        <Menu
          label={`Actions for ${nameOf(person)}`}
          items={[
            {
              label: 'Change role',
              icon: 'settings',
              onSelect: () => show({ kind: 'role', person }),
            },
            {
              label: 'Password link',
              icon: 'key',
              onSelect: () => show({ kind: 'password', person }),
            },
            {
              label: 'Remove',
              icon: 'close',
              isDanger: true,
              onSelect: () => show({ kind: 'remove', person }),
            },
          ]}
        />
      ),
    },
  ];
}

function People() {
  const { session } = useSession();
  const [shown, setShown] = useState<Shown>();
  const people = usePaged('people', PAGE, api.users.list);
  const close = () => setShown(undefined);
  const changed = () => {
    close();
    people.reload();
  };
  return (
    <>
      <List
        caption="People"
        columns={columnsOf(session.user.id, setShown)}
        loaded={people}
        empty={<Empty icon="people" title="Nobody is here yet" />}
      />
      {shown?.kind === 'role' && (
        <OrganizationRoleDialog person={shown.person} onClose={close} onChanged={changed} />
      )}
      {shown?.kind === 'remove' && (
        <RemoveDialog person={shown.person} onClose={close} onChanged={changed} />
      )}
      {shown?.kind === 'password' && (
        <PasswordLinkDialog
          person={shown.person}
          onClose={close}
          onLink={(url, expiresAt) =>
            setShown({ kind: 'link', person: shown.person, url, expiresAt })
          }
        />
      )}
      {shown?.kind === 'link' && (
        <SecretDialog
          title="Hand over this link"
          label="Link"
          value={shown.url}
          warning={
            <>
              <p>
                Give it to {nameOf(shown.person)} alone, in a way that nobody else reads: whoever
                opens it first sets the password. It is shown only now, works once, and ends{' '}
                {formatExact(shown.expiresAt)}.
              </p>
              <ReachNotice url={shown.url} />
            </>
          }
          onDone={close}
        />
      )}
    </>
  );
}

export function PeoplePage() {
  const { query } = useLocation();
  const areInvites = query.get('show') === 'invites';
  const [isInviting, setInviting] = useState(false);
  const [link, setLink] = useState<ShownLink>();
  const [generation, setGeneration] = useState(0);
  return (
    <>
      <PageHeader
        title="People"
        windowTitle={areInvites ? 'Invites' : 'People'}
        actions={
          <Button look="primary" icon="plus" onClick={() => setInviting(true)}>
            Invite a person
          </Button>
        }
      >
        Who belongs to the organization, and who is invited.
      </PageHeader>
      <Tabs
        label="People and invites"
        tabs={[
          { label: 'People', address: '/people', isCurrent: !areInvites },
          { label: 'Invites', address: '/people?show=invites', isCurrent: areInvites },
        ]}
      />
      {areInvites ? <Invites generation={generation} onLink={setLink} /> : <People />}
      {isInviting && (
        <CreateInviteDialog
          onClose={() => setInviting(false)}
          onLink={(created) => {
            setInviting(false);
            setLink(created);
            setGeneration((count) => count + 1);
          }}
        />
      )}
      {link && <InviteLinkDialog link={link} onDone={() => setLink(undefined)} />}
    </>
  );
}
