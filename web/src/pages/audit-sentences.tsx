// One readable sentence for each event of the audit log.

import type { ComponentChildren } from 'preact';
import type { AuditActor, AuditEvent } from '../api';

/** What the people are called who are still there, by id. Events hold all other names. */
export type Names = Map<string, string>;

interface Detail {
  id?: string;
  name?: string;
  error_code?: string;
  principal_id?: string;
  principal_name?: string;
  data?: { name?: string; title?: string; email?: string; role?: string; scopes?: string[] };
  changes_requested?: {
    name?: string;
    title?: string;
    description?: string;
    role?: string;
    scopes?: string[];
    expires_in_seconds?: number;
    password?: string;
  };
}

interface Subject {
  event: AuditEvent;
  detail: Detail;
  names: Names;
}

interface EventRow {
  label: string;
  /** What the actor did, as the rest of a sentence that begins with the actor. */
  say: (subject: Subject) => ComponentChildren;
}

function Named({ what, name }: { what: string; name: string | undefined }) {
  return (
    <>
      {what} {name && <strong>{name}</strong>}
    </>
  );
}

interface PersonProps {
  id: string | undefined;
  email: string | undefined;
  names: Names;
}

function Person({ id, email, names }: PersonProps) {
  return <strong>{names.get(id ?? '') ?? email ?? id}</strong>;
}

function InProject({ event }: { event: AuditEvent }) {
  return event.project ? (
    <>
      {' '}
      in <strong>{event.project.name}</strong>
    </>
  ) : null;
}

function TheKey({ event, detail }: Subject) {
  return <Named what={event.project ? 'the key' : 'the admin key'} name={detail.name} />;
}

function keyChanges(detail: Detail): string {
  const changes = detail.changes_requested ?? {};
  const parts = [
    changes.expires_in_seconds !== undefined && 'expiry',
    changes.scopes !== undefined && 'scopes',
  ].filter(Boolean);
  return parts.length > 0 ? `${parts.join(' and ')} of ` : '';
}

/** "role-api-project-owner__api-project__proj_…" */
function roleIn(detail: Detail): string {
  return /^role-api-project-(\w+?)__/.exec(detail.id ?? '')?.[1] ?? 'member';
}

/** "an owner", "a reader" */
function aRole(role: string | undefined): string {
  return /^[aeiou]/.test(role ?? '') ? `an ${role}` : `a ${role}`;
}

export const EVENTS: Record<string, EventRow> = {
  'api_key.created': {
    label: 'Key created',
    say: (subject) => (
      <>
        created <TheKey {...subject} />
        <InProject event={subject.event} />
      </>
    ),
  },
  'api_key.updated': {
    label: 'Key changed',
    say: (subject) => (
      <>
        changed {keyChanges(subject.detail)}
        <TheKey {...subject} />
        <InProject event={subject.event} />
      </>
    ),
  },
  'api_key.deleted': {
    label: 'Key revoked',
    say: (subject) => (
      <>
        revoked <TheKey {...subject} />
        <InProject event={subject.event} />
      </>
    ),
  },
  'invite.sent': {
    label: 'Invite made',
    say: ({ detail }) => (
      <>
        invited <strong>{detail.data?.email}</strong> as {aRole(detail.data?.role)}
      </>
    ),
  },
  'invite.accepted': { label: 'Invite accepted', say: () => 'accepted an invite' },
  'invite.deleted': {
    label: 'Invite withdrawn',
    say: ({ detail }) => (
      <>
        withdrew <Named what="the invite for" name={detail.name} />
      </>
    ),
  },
  'login.succeeded': { label: 'Signed in', say: () => 'signed in' },
  'login.failed': {
    label: 'Wrong password',
    say: ({ detail }) =>
      detail.error_code === 'wrong_password'
        ? 'gave a wrong password when changing theirs'
        : 'failed to sign in',
  },
  'logout.succeeded': { label: 'Signed out', say: () => 'ended a session' },
  'organization.updated': {
    label: 'Organization changed',
    say: ({ detail: { changes_requested: changes } }) =>
      changes?.name ? (
        <>
          made the organization <strong>{changes.name}</strong>
        </>
      ) : (
        (changes?.description ?? 'changed the organization')
      ),
  },
  'project.created': {
    label: 'Project created',
    say: ({ detail }) => (
      <>
        created the project <strong>{detail.data?.title ?? detail.data?.name}</strong>
      </>
    ),
  },
  'project.updated': {
    label: 'Project renamed',
    say: ({ detail }) => (
      <>
        renamed a project to <strong>{detail.changes_requested?.title}</strong>
      </>
    ),
  },
  'project.archived': {
    label: 'Project archived',
    say: ({ event }) => (
      <>
        archived <Named what="the project" name={event.project?.name} />
      </>
    ),
  },
  'role.assignment.created': {
    label: 'Added to a project',
    say: ({ event, detail, names }) =>
      actorUser(event.actor)?.id === detail.principal_id ? (
        <>
          joined <strong>{event.project?.name}</strong> as {aRole(roleIn(detail))}
        </>
      ) : (
        <>
          made <Person id={detail.principal_id} email={detail.principal_name} names={names} /> {aRole(roleIn(detail))}
          <InProject event={event} />
        </>
      ),
  },
  'role.assignment.deleted': {
    label: 'Removed from a project',
    say: ({ event, detail, names }) => (
      <>
        took the role of {roleIn(detail)} from{' '}
        <Person id={detail.principal_id} email={detail.principal_name} names={names} />
        <InProject event={event} />
      </>
    ),
  },
  'service_account.created': {
    label: 'Service account created',
    say: ({ event, detail }) => (
      <>
        created <Named what="the service account" name={detail.name} />
        <InProject event={event} />
      </>
    ),
  },
  'service_account.updated': {
    label: 'Service account changed',
    say: ({ event, detail }) => (
      <>
        changed <Named what="the service account" name={detail.name} />
        <InProject event={event} />
      </>
    ),
  },
  'service_account.deleted': {
    label: 'Service account deleted',
    say: ({ event, detail }) => (
      <>
        deleted <Named what="the service account" name={detail.name} />
        <InProject event={event} />
      </>
    ),
  },
  'user.added': {
    label: 'Person joined',
    say: ({ detail, names, event }) =>
      actorUser(event.actor)?.id === detail.id ? (
        `joined as ${aRole(detail.data?.role)}`
      ) : (
        <>
          added <Person id={detail.id} email={detail.name} names={names} /> as {aRole(detail.data?.role)}
        </>
      ),
  },
  'user.updated': {
    label: 'Person changed',
    say: ({ detail, names }) => {
      const role = detail.changes_requested?.role;
      if (role) {
        return (
          <>
            made <Person id={detail.id} email={detail.name} names={names} /> {aRole(role)} of the organization
          </>
        );
      }
      switch (detail.changes_requested?.password) {
        case 'changed':
          return 'changed their password';
        case 'set_by_link':
          return 'set their password with a link';
        case 'link_created':
          return (
            <>
              made a password link for <Person id={detail.id} email={detail.name} names={names} />
            </>
          );
        default:
          return (
            <>
              changed the account of <Person id={detail.id} email={detail.name} names={names} />
            </>
          );
      }
    },
  },
  'user.deleted': {
    label: 'Person removed',
    say: ({ detail, names }) => (
      <>
        removed <Person id={detail.id} email={detail.name} names={names} /> from the organization
      </>
    ),
  },
};

function actorUser(actor: AuditActor | null): { id: string; email: string } | undefined {
  return actor?.session?.user ?? actor?.api_key?.user;
}

export function actorName(actor: AuditActor | null, names: Names): string {
  if (actor === null) {
    return 'Somebody on the server';
  }
  const user = actorUser(actor);
  if (user) {
    return names.get(user.id) ?? user.email;
  }
  return actor.api_key?.type === 'service_account' ? 'A service account' : 'Somebody';
}

/** "with an admin key, from 192.0.2.7" */
export function actorMeans(actor: AuditActor | null): string {
  const address = actor?.session?.ip_address ?? actor?.api_key?.ip_address;
  const isByKey = actor?.api_key ?? actor?.session?.admin_api_key_id;
  const parts = [isByKey && 'with an admin key', address && `from ${address}`];
  return parts.filter(Boolean).join(', ');
}

export function eventLabel(type: string): string {
  return EVENTS[type]?.label ?? type;
}

export function Sentence({ event, names }: { event: AuditEvent; names: Names }) {
  const detail = (event[event.type] ?? {}) as Detail;
  const row = EVENTS[event.type];
  return (
    <>
      <strong>{actorName(event.actor, names)}</strong>{' '}
      {row ? row.say({ event, detail, names }) : <code>{event.type}</code>}
    </>
  );
}
