import { useEffect, useState } from 'preact/hooks';
import {
  api,
  collect,
  type Invite,
  type InviteProject,
  type InviteStatus,
  type OrganizationRole,
  type Project,
  type ProjectRole,
} from '../api';
import { ConfirmDialog, FormDialog } from '../components/dialog';
import { Checkbox, RadioField, Select, TextField } from '../components/fields';
import { Menu } from '../components/menu';
import { Notice } from '../components/notice';
import { Badge, Chips, Empty, Time } from '../components/parts';
import { ReachNotice, SecretDialog } from '../components/secret';
import { type Column, List } from '../components/table';
import { notify } from '../components/toasts';
import { formatExact, plural } from '../format';
import { useLoaded, usePaged } from '../loading';
import { ORGANIZATION_ROLES } from '../roles';
import { currentLocation, replaceQuery, useLocation } from '../router';

const PAGE = 50;
const PROJECTS_MAXIMUM = 500;

export interface ShownLink {
  email: string;
  url: string;
  expiresAt: number | null;
}

function shownLink(invite: Invite & { invite_url: string }): ShownLink {
  return { email: invite.email, url: invite.invite_url, expiresAt: invite.expires_at };
}

export function InviteLinkDialog({ link, onDone }: { link: ShownLink; onDone: () => void }) {
  return (
    <SecretDialog
      title="Hand over this link"
      label="Link"
      value={link.url}
      warning={
        <>
          <p>
            No mail is sent: give it to {link.email} yourself, in a way that nobody else reads.
            Whoever opens it first joins. It is shown only now
            {link.expiresAt !== null && `, and ends ${formatExact(link.expiresAt)}`}.
          </p>
          <ReachNotice url={link.url} />
        </>
      }
      onDone={onDone}
    />
  );
}

interface ProjectsFieldProperties {
  projects: Project[];
  value: InviteProject[];
  onValue: (value: InviteProject[]) => void;
}

function ProjectsField({ projects, value, onValue }: ProjectsFieldProperties) {
  const roleIn = (id: string) => value.find((one) => one.id === id)?.role;
  const set = (id: string, role: ProjectRole | undefined) => {
    const others = value.filter((one) => one.id !== id);
    onValue(role ? [...others, { id, role }] : others);
  };
  return (
    <fieldset class="field">
      <legend>Projects</legend>
      <div class="choices" tabIndex={0} role="group" aria-label="Projects to join">
        {projects.map((project) => {
          const role = roleIn(project.id);
          const name = project.name ?? project.id;
          return (
            <div key={project.id} class="choice">
              <Checkbox
                label={name}
                isChecked={role !== undefined}
                onValue={(isChecked) => set(project.id, isChecked ? 'member' : undefined)}
              />
              {role && (
                <Select<ProjectRole>
                  aria-label={`Role in ${name}`}
                  value={role}
                  choices={[
                    { value: 'member', label: 'Member' },
                    { value: 'owner', label: 'Owner' },
                  ]}
                  onValue={(chosen) => set(project.id, chosen)}
                />
              )}
            </div>
          );
        })}
      </div>
      <p class="field-hint">They join these when they accept. More can be added later.</p>
    </fieldset>
  );
}

export function CreateInviteDialog({
  onClose,
  onLink,
}: {
  onClose: () => void;
  onLink: (link: ShownLink) => void;
}) {
  const [email, setEmail] = useState('');
  const [role, setRole] = useState<OrganizationRole>('reader');
  const [chosen, setChosen] = useState<InviteProject[]>([]);
  const projects = useLoaded('projects to choose from', () =>
    collect((paging) => api.projects.list(paging), PROJECTS_MAXIMUM),
  );
  const invite = async () => {
    const input = { email: email.trim(), role, projects: role === 'owner' ? [] : chosen };
    onLink(shownLink(await api.invites.create(input)));
  };
  return (
    <FormDialog
      title="Invite a person"
      submit="Create invite"
      isDisabled={!email.trim()}
      onClose={onClose}
      onSubmit={invite}
      parameters={['email']}
    >
      {(error) => (
        <>
          <TextField
            label="E-mail"
            type="email"
            required
            autoFocus
            autoComplete="off"
            value={email}
            onValue={setEmail}
            error={error?.parameter === 'email' ? error.message : undefined}
          />
          <RadioField label="Role" value={role} choices={ORGANIZATION_ROLES} onValue={setRole} />
          {role === 'reader' && (projects.value?.length ?? 0) > 0 && (
            <ProjectsField projects={projects.value ?? []} value={chosen} onValue={setChosen} />
          )}
        </>
      )}
    </FormDialog>
  );
}

export function InviteBadge({ invite }: { invite: Invite }) {
  switch (invite.status) {
    case 'accepted':
      return <Badge look="good">Accepted</Badge>;
    case 'expired':
      return <Badge look="danger">Expired</Badge>;
    default:
      return <Badge look="warning">Open</Badge>;
  }
}

type InviteFilter = InviteStatus | 'all';

const FILTERS: { value: InviteFilter; label: string }[] = [
  { value: 'all', label: 'All' },
  { value: 'pending', label: 'Open' },
  { value: 'expired', label: 'Expired' },
  { value: 'accepted', label: 'Accepted' },
];

function filterNamed(name: string | null): InviteFilter {
  return FILTERS.find(({ value }) => value === name)?.value ?? 'all';
}

function setFilter(filter: InviteFilter): void {
  const query = currentLocation().query;
  query.delete('status');
  if (filter !== 'all') {
    query.set('status', filter);
  }
  replaceQuery(query);
}

type Shown = { kind: 'renew' | 'withdraw'; invite: Invite };

function WithdrawDialog({
  invite,
  onClose,
  onChanged,
}: {
  invite: Invite;
  onClose: () => void;
  onChanged: () => void;
}) {
  const withdraw = async () => {
    await api.invites.withdraw(invite.id);
    notify(`Invite of ${invite.email} withdrawn.`);
    onChanged();
  };
  return (
    <ConfirmDialog
      title={`Withdraw the invite of ${invite.email}?`}
      confirm="Withdraw invite"
      onClose={onClose}
      onConfirm={withdraw}
    >
      <Notice look="warning">
        <p>The link ends at once. You can invite the same address again.</p>
      </Notice>
    </ConfirmDialog>
  );
}

function RenewDialog({
  invite,
  onClose,
  onLink,
}: {
  invite: Invite;
  onClose: () => void;
  onLink: (link: ShownLink) => void;
}) {
  const renew = async () => onLink(shownLink(await api.invites.renewLink(invite.id)));
  return (
    <FormDialog
      title={`New link for ${invite.email}`}
      submit="Create link"
      onClose={onClose}
      onSubmit={renew}
    >
      {() => <p>The link that was handed over before ends at once.</p>}
    </FormDialog>
  );
}

function columnsOf(show: (shown: Shown) => void): Column<Invite>[] {
  return [
    {
      title: 'E-mail',
      kind: 'main',
      render: (invite) => <span class="row-title">{invite.email}</span>,
    },
    { title: 'State', kind: 'state', render: (invite) => <InviteBadge invite={invite} /> },
    {
      title: 'Role',
      kind: 'time',
      render: (invite) => (invite.role === 'owner' ? 'Owner' : 'Reader'),
    },
    {
      title: 'Projects',
      kind: 'time',
      render: (invite) =>
        invite.role === 'owner' ? (
          'All'
        ) : invite.projects.length === 0 ? (
          <span class="faint">None</span>
        ) : (
          plural(invite.projects.length, 'project')
        ),
    },
    {
      title: 'Invited',
      kind: 'time',
      isMinor: true,
      render: (invite) => <Time seconds={invite.created_at} />,
    },
    {
      title: 'Ends',
      kind: 'time',
      render: (invite) =>
        invite.accepted_at === null ? (
          <Time seconds={invite.expires_at} />
        ) : (
          <span class="faint">–</span>
        ),
    },
    {
      title: 'Actions',
      kind: 'actions',
      render: (invite) =>
        invite.status !== 'accepted' && (
          <Menu
            label={`Actions for ${invite.email}`}
            items={[
              { label: 'New link', icon: 'mail', onSelect: () => show({ kind: 'renew', invite }) },
              {
                label: 'Withdraw',
                icon: 'close',
                isDanger: true,
                onSelect: () => show({ kind: 'withdraw', invite }),
              },
            ]}
          />
        ),
    },
  ];
}

export function Invites({
  generation,
  onLink,
}: {
  generation: number;
  onLink: (link: ShownLink) => void;
}) {
  const filter = filterNamed(useLocation().query.get('status'));
  const [shown, setShown] = useState<Shown>();
  const invites = usePaged(`invites ${filter}`, PAGE, (paging) =>
    api.invites.list({
      ...paging,
      order: 'desc',
      ...(filter !== 'all' && { status: filter }),
    }),
  );
  useEffect(() => {
    if (generation > 0) {
      invites.reload();
    }
  }, [generation]);
  const close = () => setShown(undefined);
  const changed = () => {
    close();
    invites.reload();
  };
  return (
    <>
      <div class="toolbar">
        <Chips<InviteFilter> label="State" value={filter} choices={FILTERS} onValue={setFilter} />
      </div>
      <List
        caption="Invites"
        columns={columnsOf(setShown)}
        loaded={invites}
        empty={
          filter === 'all' ? (
            <Empty icon="mail" title="No invites">
              Invite somebody: you get a link to hand over to them.
            </Empty>
          ) : (
            <Empty icon="mail" title="No such invite">
              Look under another state.
            </Empty>
          )
        }
      />
      {shown?.kind === 'withdraw' && (
        <WithdrawDialog invite={shown.invite} onClose={close} onChanged={changed} />
      )}
      {shown?.kind === 'renew' && (
        <RenewDialog
          invite={shown.invite}
          onClose={close}
          onLink={(link) => {
            changed();
            onLink(link);
          }}
        />
      )}
    </>
  );
}
