import { useState } from 'preact/hooks';
import { api, collect, type Project, type ProjectRole, type ProjectUser, type User } from '../api';
import { Button } from '../components/button';
import { ConfirmDialog, FormDialog } from '../components/dialog';
import { Field, RadioField } from '../components/fields';
import { Menu } from '../components/menu';
import { Notice } from '../components/notice';
import { Empty, Time } from '../components/parts';
import { PersonName, RoleDialog } from '../components/person';
import { type Column, List } from '../components/table';
import { notify } from '../components/toasts';
import { useLoaded, usePaged } from '../loading';
import { PROJECT_ROLES } from '../roles';
import { useSession } from '../session';

const PAGE = 50;
const USERS_MAXIMUM = 500;

type Shown = { kind: 'add' } | { kind: 'role' | 'remove'; person: ProjectUser };

/** They are owners of every project, whatever role they have in it. */
function isOrganizationOwner(person: ProjectUser): boolean {
  return person.organization_role === 'owner';
}

function columnsOf(
  isManager: boolean,
  userId: string,
  show: (shown: Shown) => void,
): Column<ProjectUser>[] {
  const columns: Column<ProjectUser>[] = [
    {
      title: 'Person',
      kind: 'main',
      render: (person) => <PersonName {...person} isYou={person.id === userId} />,
    },
    {
      title: 'Role',
      kind: 'medium',
      render: (person) =>
        isOrganizationOwner(person)
          ? 'Organization owner'
          : person.role === 'owner'
            ? 'Owner'
            : 'Member',
    },
    { title: 'Added', kind: 'time', render: (person) => <Time seconds={person.added_at} /> },
    {
      title: 'Actions',
      kind: 'actions',
      render: (person) =>
        !isOrganizationOwner(person) && (
          <Menu
            label={`Actions for ${person.name || person.email}`}
            items={[
              {
                label: 'Change role',
                icon: 'settings',
                onSelect: () => show({ kind: 'role', person }),
              },
              {
                label: 'Remove from project',
                icon: 'close',
                isDanger: true,
                onSelect: () => show({ kind: 'remove', person }),
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
  onChanged: () => void;
}

/** Whom only owners of the organization can list. */
function useKnownUsers(): User[] {
  const { isOwner } = useSession();
  const { value } = useLoaded(isOwner ? 'users' : null, () =>
    collect(api.users.list, USERS_MAXIMUM),
  );
  return value ?? [];
}

function AddDialog({ project, onClose, onChanged }: DialogProperties) {
  const [email, setEmail] = useState('');
  const [role, setRole] = useState<ProjectRole>('member');
  const users = useKnownUsers();
  const add = async () => {
    const person = await api.projectUsers.add(project.id, email.trim(), role);
    notify(`${person.name || person.email} added.`);
    onChanged();
  };
  return (
    <FormDialog
      title="Add a person"
      submit="Add"
      isDisabled={!email.trim()}
      onClose={onClose}
      onSubmit={add}
      parameters={['email']}
    >
      {(error) => (
        <>
          <Field
            label="E-mail"
            hint="Of somebody who belongs to the organization; who does not is invited first."
            error={error?.parameter === 'email' ? error.message : undefined}
          >
            {(attributes) => (
              <>
                <input
                  {...attributes}
                  class="input"
                  type="email"
                  required
                  autoFocus
                  autoComplete="off"
                  list="known-addresses"
                  value={email}
                  onInput={(event) => setEmail(event.currentTarget.value)}
                />
                <datalist id="known-addresses">
                  {users.map(
                    ({ id, email: address }) => address && <option key={id} value={address} />,
                  )}
                </datalist>
              </>
            )}
          </Field>
          <RadioField label="Role" value={role} choices={PROJECT_ROLES} onValue={setRole} />
        </>
      )}
    </FormDialog>
  );
}

function RemoveDialog({
  project,
  person,
  onClose,
  onChanged,
}: DialogProperties & {
  person: ProjectUser;
}) {
  const name = person.name || person.email;
  const remove = async () => {
    await api.projectUsers.remove(project.id, person.id);
    notify(`${name} removed from the project.`);
    onChanged();
  };
  return (
    <ConfirmDialog
      title={`Remove ${name} from ${project.name ?? 'the project'}?`}
      confirm="Remove from project"
      onClose={onClose}
      onConfirm={remove}
    >
      <Notice look="warning">
        <p>
          Their keys in this project are refused at once, and work again if the person is added
          again. Revoke the keys to end them for good.
        </p>
      </Notice>
    </ConfirmDialog>
  );
}

export function ProjectPeople({ project, isManager }: { project: Project; isManager: boolean }) {
  const { session } = useSession();
  const [shown, setShown] = useState<Shown>();
  const people = usePaged(`people of ${project.id}`, PAGE, (paging) =>
    api.projectUsers.list(project.id, paging),
  );
  const close = () => setShown(undefined);
  const changed = () => {
    close();
    people.reload();
  };
  const changeRole = async (person: ProjectUser, role: ProjectRole) => {
    await api.projectUsers.changeRole(project.id, person.id, role);
    notify(`Role of ${person.name || person.email} changed.`);
    changed();
  };
  const dialog = { project, onClose: close, onChanged: changed };
  return (
    <section aria-label="People">
      <div class="section-header">
        <p>Owners of the organization are owners of every project.</p>
        {isManager && (
          <Button look="primary" icon="plus" onClick={() => setShown({ kind: 'add' })}>
            Add a person
          </Button>
        )}
      </div>
      <List
        caption="People of this project"
        columns={columnsOf(isManager, session.user.id, setShown)}
        loaded={people}
        empty={<Empty icon="people" title="Nobody is in this project yet" />}
      />
      {shown?.kind === 'add' && <AddDialog {...dialog} />}
      {shown?.kind === 'role' && (
        <RoleDialog
          name={shown.person.name || shown.person.email || shown.person.id}
          label="Role in this project"
          role={shown.person.role}
          choices={PROJECT_ROLES}
          onClose={close}
          onSave={(role) => changeRole(shown.person, role)}
        />
      )}
      {shown?.kind === 'remove' && <RemoveDialog {...dialog} person={shown.person} />}
    </section>
  );
}
