// The client of the server's API: its objects, its operations as one table, and its errors.

export type OrganizationRole = 'owner' | 'reader';
export type ProjectRole = 'owner' | 'member';
export type AccountRole = ProjectRole | 'none';

export interface Page<Item> {
  data: Item[];
  last_id: string | null;
  has_more: boolean;
}

export interface Session {
  id: string;
  organization: { id: string; name: string };
  user: { id: string; name: string; email: string; role: OrganizationRole };
  admin_api_key_id: string | null;
  created_at: number;
  last_used_at: number;
  expires_at: number;
  address: string | null;
  user_agent: string | null;
  is_current: boolean;
}

export interface Project {
  id: string;
  name: string | null;
  created_at: number;
  archived_at: number | null;
  status: 'active' | 'archived' | null;
}

export interface KeyOwner {
  type: 'user' | 'service_account';
  user?: { id: string; name: string; email: string; role: string };
  service_account?: { id: string; name: string; role: string };
}

export interface ProjectKey {
  id: string;
  name: string;
  redacted_value: string;
  created_at: number;
  last_used_at: number | null;
  expires_at?: number | null;
  owner_project_access: 'active' | 'inactive';
  owner: KeyOwner;
  scopes: string[];
  project: { id: string; name: string | null };
}

export interface IssuedKey {
  id: string;
  name: string;
  value: string;
}

export interface AdminKey {
  id: string;
  name: string | null;
  redacted_value: string;
  created_at: number;
  last_used_at?: number | null;
  expires_at: number | null;
  owner: { id: string; name: string };
}

export interface ServiceAccount {
  id: string;
  name: string;
  role: AccountRole;
  created_at: number;
}

export interface ProjectUser {
  id: string;
  name: string | null;
  email: string | null;
  role: ProjectRole;
  organization_role: OrganizationRole;
  added_at: number;
}

export interface User {
  id: string;
  name: string | null;
  email: string | null;
  role: OrganizationRole | null;
  added_at: number;
  api_key_last_used_at?: number | null;
}

export type InviteStatus = 'accepted' | 'expired' | 'pending';

export interface InviteProject {
  id: string;
  role: ProjectRole;
}

export interface Invite {
  id: string;
  email: string;
  role: OrganizationRole;
  status: InviteStatus;
  created_at: number;
  expires_at: number | null;
  accepted_at: number | null;
  projects: InviteProject[];
}

export interface AuditActor {
  type: 'session' | 'api_key';
  session?: {
    user: { id: string; email: string };
    ip_address?: string;
    admin_api_key_id?: string | null;
  };
  api_key?: {
    id: string;
    type: 'user' | 'service_account';
    user?: { id: string; email: string };
    ip_address?: string;
  };
}

export interface AuditEvent {
  id: string;
  type: string;
  effective_at: number;
  project?: { id: string; name: string };
  actor: AuditActor | null;
  [detail: string]: unknown;
}

export interface KeyQuery {
  search?: string;
  order?: 'asc' | 'desc';
  owner_project_access?: 'active' | 'inactive' | 'any';
  never_used?: true;
  'expires_at[gte]'?: number;
  'expires_at[lt]'?: number;
  'last_used_at[lt]'?: number;
  'created_at[lt]'?: number;
}

export interface InviteQuery {
  order?: 'asc' | 'desc';
  status?: InviteStatus;
}

export interface AuditQuery {
  'effective_at[gte]'?: number;
  'effective_at[lt]'?: number;
  'event_types[]'?: string;
  'project_ids[]'?: string;
  'actor_emails[]'?: string;
}

export interface Paging {
  limit?: number;
  after?: string | undefined;
}

export interface PasswordSignIn {
  email: string;
  password: string;
  /** Left out: the first one. */
  organization_id?: string;
}

export interface KeyCreation {
  name: string;
  scopes?: string[];
  expires_in_seconds?: number;
}

export interface KeyChange {
  scopes?: string[];
  expires_in_seconds?: number;
}

/** What the server refused, or, with status 0, that it was not reached. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string | null,
    readonly parameter: string | null,
    message: string,
    readonly retryAfter: number | null = null,
  ) {
    super(message);
  }
}

let onSignedOut: () => void = () => {};

/** Calls `handler` when the server no longer knows who is calling. */
export function whenSignedOut(handler: () => void): void {
  onSignedOut = handler;
}

let onForbidden: () => void = () => {};

/** Calls `handler` when the server refused what the caller may not. */
export function whenForbidden(handler: () => void): void {
  onForbidden = handler;
}

const NOT_REACHED = 'The server could not be reached. Check the connection, then try again.';

async function errorOf(response: Response): Promise<ApiError> {
  const retryAfter = Number(response.headers.get('Retry-After')) || null;
  try {
    const { error } = await response.json();
    return new ApiError(response.status, error.code, error.param, error.message, retryAfter);
  } catch {
    const message = `The server answered ${response.status} without saying why.`;
    return new ApiError(response.status, null, null, message, retryAfter);
  }
}

async function call<Output>(method: string, path: string, input?: object): Promise<Output> {
  let response: Response;
  try {
    response = await fetch(`/v1/organization${path}`, {
      method,
      credentials: 'same-origin',
      cache: 'no-store',
      ...(input && {
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(input),
      }),
    });
  } catch {
    throw new ApiError(0, null, null, NOT_REACHED);
  }
  if (response.ok) {
    return (await response.json()) as Output;
  }
  const error = await errorOf(response);
  if (error.code === 'invalid_session' || (error.status === 401 && error.code === null)) {
    onSignedOut();
  }
  if (error.status === 403) {
    onForbidden();
  }
  throw error;
}

function withQuery(path: string, query: object): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== '') {
      parameters.append(name, String(value));
    }
  }
  return parameters.size > 0 ? `${path}?${parameters}` : path;
}

function get<Output>(path: string, query: object = {}): Promise<Output> {
  return call('GET', withQuery(path, query));
}

function post<Output>(path: string, input?: object): Promise<Output> {
  return call('POST', path, input);
}

function remove(path: string): Promise<unknown> {
  return call('DELETE', path);
}

const project = (id: string) => `/projects/${encodeURIComponent(id)}`;
const key = (projectId: string, id: string) => `${project(projectId)}/api_keys/${id}`;
const account = (projectId: string, id: string) => `${project(projectId)}/service_accounts/${id}`;

export const api = {
  sessions: {
    current: () => get<Session>('/sessions/current'),
    signIn: (input: PasswordSignIn | { admin_key: string }) => post<Session>('/sessions', input),
    list: (paging: Paging) => get<Page<Session>>('/sessions', paging),
    end: (id: string) => remove(`/sessions/${id}`),
  },
  passwords: {
    set: (token: string, password: string) => post<User>('/passwords', { token, password }),
    change: (current_password: string, password: string) =>
      post<User>('/password', { current_password, password }),
    link: (userId: string) =>
      post<{ url: string; expires_at: number }>(`/users/${userId}/password_link`),
  },
  users: {
    list: (paging: Paging) => get<Page<User>>('/users', paging),
    changeRole: (id: string, role: OrganizationRole) => post<User>(`/users/${id}`, { role }),
    remove: (id: string) => remove(`/users/${id}`),
  },
  invites: {
    list: (query: InviteQuery & Paging) => get<Page<Invite>>('/invites', query),
    create: (input: { email: string; role: OrganizationRole; projects: InviteProject[] }) =>
      post<Invite & { invite_url: string }>('/invites', input),
    renewLink: (id: string) => post<Invite & { invite_url: string }>(`/invites/${id}/link`),
    withdraw: (id: string) => remove(`/invites/${id}`),
    accept: (token: string, name: string, password: string) =>
      post<User>('/invites/accept', { token, name, password }),
  },
  projects: {
    list: (query: Paging & { include_archived?: boolean }) =>
      get<Page<Project>>('/projects', query),
    retrieve: (id: string) => get<Project>(project(id)),
    create: (name: string) => post<Project>('/projects', { name }),
    rename: (id: string, name: string) => post<Project>(project(id), { name }),
    archive: (id: string) => post<Project>(`${project(id)}/archive`),
  },
  projectUsers: {
    list: (projectId: string, paging: Paging) =>
      get<Page<ProjectUser>>(`${project(projectId)}/users`, paging),
    retrieve: (projectId: string, id: string) =>
      get<ProjectUser>(`${project(projectId)}/users/${id}`),
    add: (projectId: string, email: string, role: ProjectRole) =>
      post<ProjectUser>(`${project(projectId)}/users`, { email, role }),
    changeRole: (projectId: string, id: string, role: ProjectRole) =>
      post<ProjectUser>(`${project(projectId)}/users/${id}`, { role }),
    remove: (projectId: string, id: string) => remove(`${project(projectId)}/users/${id}`),
  },
  serviceAccounts: {
    list: (projectId: string, paging: Paging) =>
      get<Page<ServiceAccount>>(`${project(projectId)}/service_accounts`, paging),
    retrieve: (projectId: string, id: string) => get<ServiceAccount>(account(projectId, id)),
    create: (projectId: string, input: { name: string; expires_in_seconds?: number }) =>
      post<ServiceAccount & { api_key: IssuedKey }>(
        `${project(projectId)}/service_accounts`,
        input,
      ),
    update: (projectId: string, id: string, change: { name?: string; role?: ProjectRole }) =>
      post<ServiceAccount>(account(projectId, id), change),
    remove: (projectId: string, id: string) => remove(account(projectId, id)),
    createKey: (projectId: string, id: string, input: KeyCreation) =>
      post<IssuedKey>(`${account(projectId, id)}/api_keys`, input),
  },
  keys: {
    listAll: (query: KeyQuery & Paging) => get<Page<ProjectKey>>('/project_api_keys', query),
    list: (projectId: string, query: KeyQuery & Paging) =>
      get<Page<ProjectKey>>(`${project(projectId)}/api_keys`, query),
    retrieve: (projectId: string, id: string) => get<ProjectKey>(key(projectId, id)),
    create: (projectId: string, input: KeyCreation) =>
      post<IssuedKey>(`${project(projectId)}/api_keys`, input),
    update: (projectId: string, id: string, change: KeyChange) =>
      post<ProjectKey>(key(projectId, id), change),
    revoke: (projectId: string, id: string) => remove(key(projectId, id)),
  },
  adminKeys: {
    list: (query: Paging & { order?: 'asc' | 'desc' }) =>
      get<Page<AdminKey>>('/admin_api_keys', query),
    retrieve: (id: string) => get<AdminKey>(`/admin_api_keys/${id}`),
    create: (input: { name: string; expires_in_seconds?: number }) =>
      post<IssuedKey>('/admin_api_keys', input),
    revoke: (id: string) => remove(`/admin_api_keys/${id}`),
  },
  auditLogs: {
    list: (query: AuditQuery & Paging) => get<Page<AuditEvent>>('/audit_logs', query),
  },
};

/** The first `maximum` items of a list, page by page. */
export async function collect<Item>(
  load: (paging: Paging) => Promise<Page<Item>>,
  maximum: number,
): Promise<Item[]> {
  const items: Item[] = [];
  let after: string | undefined;
  while (items.length < maximum) {
    const page = await load({ limit: Math.min(100, maximum - items.length), after });
    items.push(...page.data);
    if (!page.has_more || page.last_id === null) {
      break;
    }
    after = page.last_id;
  }
  return items;
}
