import type { ComponentChildren } from 'preact';
import { api, type Invite, type InviteStatus, type Page, type ProjectKey } from '../api';
import { ErrorNotice } from '../components/notice';
import { Empty, PageHeader, Time } from '../components/parts';
import { administrationSnippet, checkSnippet, Snippet } from '../components/secret';
import { KeyOwnerName } from '../keys/key-owner';
import {
  EXPIRING_DAYS,
  filterNamed,
  type KeyFilter,
  keyQuery,
  NEVER_USED_DAYS,
  UNUSED_DAYS,
} from '../keys/key-state';
import { useLoaded } from '../loading';
import { Link } from '../router';
import { useSession } from '../session';
import { InviteBadge } from './invites';

const SHOWN = 5;

interface KeyConcern {
  filter: KeyFilter;
  title: string;
  advice: string;
  time: (key: ProjectKey) => ComponentChildren;
}

const KEY_CONCERNS: KeyConcern[] = [
  {
    filter: 'expiring',
    title: `Expiring within ${EXPIRING_DAYS} days`,
    advice: 'Extend them, or issue the next ones in time.',
    time: (key) => <Time seconds={key.expires_at} />,
  },
  {
    filter: 'expired',
    title: 'Expired',
    advice: 'Refused already. Revoke what is not needed any more.',
    time: (key) => <Time seconds={key.expires_at} />,
  },
  {
    filter: 'unused',
    title: `Unused for ${UNUSED_DAYS} days`,
    advice: 'Probably forgotten. Ask their owners, then revoke.',
    time: (key) => <Time seconds={key.last_used_at} />,
  },
  {
    filter: 'never-used',
    title: `Never used for ${NEVER_USED_DAYS} days`,
    advice: 'Perhaps not needed. Ask their owners, then revoke.',
    time: (key) => <Time seconds={key.created_at} />,
  },
];

interface InviteConcern {
  status: InviteStatus;
  title: string;
  advice: string;
}

const INVITE_CONCERNS: InviteConcern[] = [
  {
    status: 'pending',
    title: 'Invites not accepted yet',
    advice: 'Remind them, or make a new link.',
  },
  {
    status: 'expired',
    title: 'Expired invites',
    advice: 'Make a new link, or withdraw the invite.',
  },
];

interface Finding<Concern, Item> {
  concern: Concern;
  page: Page<Item>;
}

interface Findings {
  hasKeys: boolean;
  keys: Finding<KeyConcern, ProjectKey>[];
  invites: Finding<InviteConcern, Invite>[];
}

async function findEach<Concern, Item>(
  concerns: Concern[],
  load: (concern: Concern) => Promise<Page<Item>>,
): Promise<Finding<Concern, Item>[]> {
  const pages = await Promise.all(concerns.map(load));
  return concerns
    .map((concern, index) => ({ concern, page: pages[index] as Page<Item> }))
    .filter(({ page }) => page.data.length > 0);
}

async function find(isOwner: boolean): Promise<Findings> {
  const [any, keys, invites] = await Promise.all([
    api.keys.listAll({ limit: 1, owner_project_access: 'any' }),
    findEach(KEY_CONCERNS, ({ filter }) =>
      api.keys.listAll({ ...keyQuery(filterNamed(filter), ''), limit: SHOWN }),
    ),
    findEach(isOwner ? INVITE_CONCERNS : [], ({ status }) =>
      api.invites.list({ status, order: 'desc', limit: SHOWN }),
    ),
  ]);
  return { hasKeys: any.data.length > 0, keys, invites };
}

function ConcernCard({
  title,
  page,
  advice,
  address,
  linkLabel,
  children,
}: {
  title: string;
  page: Page<unknown>;
  advice: string;
  address: string;
  linkLabel: string;
  children: ComponentChildren;
}) {
  return (
    <section class="card concern">
      <header class="card-header">
        <div>
          <h2>
            {title}{' '}
            <span class="count">
              {page.data.length}
              {page.has_more && '+'}
            </span>
          </h2>
          <p>{advice}</p>
        </div>
        <Link href={address} aria-label={linkLabel}>
          See all
        </Link>
      </header>
      <ul class="concern-list">{children}</ul>
    </section>
  );
}

function KeyConcernCard({ concern, page }: Finding<KeyConcern, ProjectKey>) {
  return (
    <ConcernCard
      title={concern.title}
      page={page}
      advice={concern.advice}
      address={`/keys?filter=${concern.filter}`}
      linkLabel={`See all keys: ${concern.title}`}
    >
      {page.data.map((key) => (
        <li key={key.id}>
          <span class="concern-main">
            <Link class="row-title truncate" href={`/keys?search=${key.id}`}>
              {key.name}
            </Link>
            <span class="row-detail truncate">{key.project.name ?? key.project.id}</span>
          </span>
          <KeyOwnerName owner={key.owner} />
          <span class="concern-time">{concern.time(key)}</span>
        </li>
      ))}
    </ConcernCard>
  );
}

function InviteConcernCard({ concern, page }: Finding<InviteConcern, Invite>) {
  return (
    <ConcernCard
      title={concern.title}
      page={page}
      advice={concern.advice}
      address={`/people?show=invites&status=${concern.status}`}
      linkLabel={`See all: ${concern.title}`}
    >
      {page.data.map((invite) => (
        <li key={invite.id}>
          <span class="concern-main">
            <span class="row-title truncate">{invite.email}</span>
            <span class="row-detail">{invite.role === 'owner' ? 'Owner' : 'Reader'}</span>
          </span>
          <InviteBadge invite={invite} />
          <span class="concern-time">
            <Time seconds={invite.expires_at} />
          </span>
        </li>
      ))}
    </ConcernCard>
  );
}

function GettingStarted({ isOwner }: { isOwner: boolean }) {
  const { session } = useSession();
  return (
    <section class="card getting-started">
      <header class="card-header">
        <div>
          <h2>Getting started</h2>
          <p>There is no key yet. Three steps to the first request that is let in.</p>
        </div>
      </header>
      <ol>
        <li>
          <h3>Create a key</h3>
          <p>
            In <Link href="/projects">a project</Link> of yours
            {isOwner ? ', for yourself or for a service account.' : '. An owner adds you to one.'}
          </p>
        </li>
        <li>
          <h3>Ask whether it may come in</h3>
          <p>200 means yes. Your proxy asks the same for every request.</p>
          <Snippet label="Check a key" text={checkSnippet(session.organization.id)} />
        </li>
        {isOwner && (
          <li>
            <h3>Manage keys from programs</h3>
            <p>
              OpenAI’s SDKs, Terraform and the command line work here with an{' '}
              <Link href="/admin-keys">admin key</Link> and this address.
            </p>
            <Snippet label="Set up a shell" text={administrationSnippet()} />
          </li>
        )}
      </ol>
    </section>
  );
}

function Skeletons() {
  return (
    <div class="concerns" aria-hidden="true">
      {[0, 1, 2, 3].map((index) => (
        <div key={index} class="card concern skeleton-card">
          <span class="skeleton" />
          <span class="skeleton" />
          <span class="skeleton" />
          <span class="skeleton" />
        </div>
      ))}
    </div>
  );
}

function Body({ findings, isOwner }: { findings: Findings; isOwner: boolean }) {
  const { keys, invites } = findings;
  const isQuiet = keys.length === 0 && invites.length === 0;
  return (
    <>
      {!findings.hasKeys && <GettingStarted isOwner={isOwner} />}
      {isQuiet && findings.hasKeys && (
        <Empty icon="check" title="Nothing needs a look">
          No key is about to expire or lies unused{isOwner && ', and no invite is open'}.
        </Empty>
      )}
      {!isQuiet && (
        <div class="concerns">
          {keys.map((row) => (
            <KeyConcernCard key={row.concern.filter} {...row} />
          ))}
          {invites.map((row) => (
            <InviteConcernCard key={row.concern.status} {...row} />
          ))}
        </div>
      )}
    </>
  );
}

export function OverviewPage() {
  const { isOwner } = useSession();
  const findings = useLoaded('overview', () => find(isOwner));
  return (
    <>
      <PageHeader title="Overview">What needs your attention.</PageHeader>
      {findings.error && !findings.isLoading ? (
        <ErrorNotice error={findings.error} onRetry={findings.reload} />
      ) : findings.value ? (
        <Body findings={findings.value} isOwner={isOwner} />
      ) : (
        <Skeletons />
      )}
    </>
  );
}
