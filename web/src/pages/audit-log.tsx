import { useMemo, useState } from 'preact/hooks';
import { api, type AuditEvent, type AuditQuery, collect, type User } from '../api';
import { Button, IconButton } from '../components/button';
import { SelectField, TextField } from '../components/fields';
import { ErrorNotice } from '../components/notice';
import { Empty, PageHeader } from '../components/parts';
import { Pager } from '../components/table';
import { endOfDay, formatClock, formatFullDate, startOfDay } from '../format';
import { useLoaded, usePaged } from '../loading';
import { replaceQuery, setQuery, useLocation, useTypedQuery } from '../router';
import { actorMeans, eventLabel, EVENTS, type Names, Sentence } from './audit-sentences';

const PAGE = 50;
const NAMES_MAXIMUM = 500;
const TYPING_MILLISECONDS = 400;

const FILTERS = ['type', 'project', 'actor', 'from', 'to'] as const;
type Filter = (typeof FILTERS)[number];
type Filters = Record<Filter, string>;

function filtersOf(query: URLSearchParams): Filters {
  const entries = FILTERS.map((name) => [name, query.get(name) ?? '']);
  return Object.fromEntries(entries) as Filters;
}

function auditQuery(filters: Filters): AuditQuery {
  return {
    ...(filters.type && { 'event_types[]': filters.type }),
    ...(filters.project && { 'project_ids[]': filters.project }),
    ...(filters.actor && { 'actor_emails[]': filters.actor }),
    ...(filters.from && { 'effective_at[gte]': startOfDay(filters.from) }),
    ...(filters.to && { 'effective_at[lt]': endOfDay(filters.to) + 1 }),
  };
}

function namesOf(users: User[]): Names {
  return new Map(users.map(({ id, name, email }) => [id, name || email || id]));
}

function FilterBar({ filters, users }: { filters: Filters; users: User[] }) {
  const [actor, setActor] = useTypedQuery('actor', TYPING_MILLISECONDS);
  const projects = useLoaded('projects with archived', () =>
    collect((paging) => api.projects.list({ ...paging, include_archived: true }), NAMES_MAXIMUM),
  );
  const types = Object.entries(EVENTS).map(([value, { label }]) => ({ value, label }));
  return (
    <div class="filters" role="search" aria-label="Filter events">
      <SelectField
        label="Event"
        value={filters.type}
        choices={[{ value: '', label: 'All events' }, ...types]}
        onValue={(value) => setQuery('type', value)}
      />
      <SelectField
        label="Project"
        value={filters.project}
        choices={[
          { value: '', label: 'All projects' },
          ...(projects.value ?? []).map(({ id, name }) => ({ value: id, label: name ?? id })),
        ]}
        onValue={(value) => setQuery('project', value)}
      />
      <TextField
        label="By (e-mail)"
        type="email"
        autoComplete="off"
        placeholder="Anybody"
        list="actors"
        value={actor}
        onValue={setActor}
      />
      <datalist id="actors">
        {users.map(({ id, email }) => email && <option key={id} value={email} />)}
      </datalist>
      <TextField
        label="From"
        type="date"
        max={filters.to || undefined}
        value={filters.from}
        onValue={(value) => setQuery('from', value)}
      />
      <TextField
        label="To"
        type="date"
        min={filters.from || undefined}
        value={filters.to}
        onValue={(value) => setQuery('to', value)}
      />
      <Button
        look="quiet"
        disabled={!actor && FILTERS.every((name) => !filters[name])}
        onClick={() => {
          setActor('');
          replaceQuery(new URLSearchParams());
        }}
      >
        Clear
      </Button>
    </div>
  );
}

function EventItem({ event, names }: { event: AuditEvent; names: Names }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <li class="event">
      <div class="event-line">
        <time
          class="event-time"
          dateTime={new Date(event.effective_at * 1000).toISOString()}
          title={new Date(event.effective_at * 1000).toISOString()}
        >
          {formatClock(event.effective_at)}
        </time>
        <div class="event-text">
          <p>
            <Sentence event={event} names={names} />
          </p>
          <p class="row-detail">
            {eventLabel(event.type)}
            {actorMeans(event.actor) && ` · ${actorMeans(event.actor)}`}
          </p>
        </div>
        <IconButton
          name={isOpen ? 'down' : 'right'}
          label={isOpen ? 'Hide details' : 'Show details'}
          aria-expanded={isOpen}
          onClick={() => setOpen(!isOpen)}
        />
      </div>
      {isOpen && (
        <pre class="event-json" tabIndex={0} aria-label={`Details of ${event.type}`} role="region">
          <code>{JSON.stringify(event, null, 2)}</code>
        </pre>
      )}
    </li>
  );
}

/** Events under the day on which they were. */
function Events({ events, names }: { events: AuditEvent[]; names: Names }) {
  const days = new Map<string, AuditEvent[]>();
  for (const event of events) {
    const day = formatFullDate(event.effective_at);
    days.set(day, [...(days.get(day) ?? []), event]);
  }
  return (
    <>
      {[...days].map(([day, ofDay]) => (
        <section key={day} class="day">
          <h2>{day}</h2>
          <ul class="events">
            {ofDay.map((event) => (
              <EventItem key={event.id} event={event} names={names} />
            ))}
          </ul>
        </section>
      ))}
    </>
  );
}

export function AuditLogPage() {
  const { query } = useLocation();
  const filters = filtersOf(query);
  const isFiltered = FILTERS.some((name) => filters[name]);
  const users = useLoaded('users', () => collect(api.users.list, NAMES_MAXIMUM));
  const names = useMemo(() => namesOf(users.value ?? []), [users.value]);
  const events = usePaged(`audit log ${JSON.stringify(filters)}`, PAGE, (paging) =>
    api.auditLogs.list({ ...auditQuery(filters), ...paging }),
  );
  const items = events.value?.data;
  const areReady = items !== undefined && (users.value !== undefined || users.error !== undefined);
  return (
    <>
      <PageHeader title="Audit log">Everything that was changed, the newest first.</PageHeader>
      <FilterBar filters={filters} users={users.value ?? []} />
      {events.error && !events.isLoading ? (
        <ErrorNotice error={events.error} onRetry={events.reload} />
      ) : !areReady ? (
        <div class="events-skeleton" aria-hidden="true">
          {Array.from({ length: 8 }, (_, index) => (
            <span key={index} class="skeleton" />
          ))}
        </div>
      ) : items.length === 0 && !events.hasPrevious ? (
        <Empty icon="log" title={isFiltered ? 'No event matches' : 'No events yet'}>
          {isFiltered && 'Try fewer filters, or other dates.'}
        </Empty>
      ) : (
        <div class={events.isLoading ? 'is-stale' : undefined}>
          <Events events={items} names={names} />
          <Pager paged={events} count={items.length} />
        </div>
      )}
    </>
  );
}
