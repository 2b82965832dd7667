// Every operation of the contract through OpenAI's Node SDK, auto-paging, errors.
// Run by tests/sdk/test_node_sdk.py against a running server with several hundred objects.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import OpenAI from 'openai';

const CROWD = JSON.parse(process.env.ORGKEYS_TEST_CROWD); // {project_id, ids: {list: [...]}}
const requests = []; // {method, path, query, status, headers} of every call

async function watchedFetch(url, init) {
  const reply = await fetch(url, init);
  const target = new URL(url);
  requests.push({
    method: init.method,
    path: target.pathname,
    query: target.search,
    status: reply.status,
    headers: reply.headers,
  });
  return reply;
}

const client = new OpenAI({ fetch: watchedFetch });
const organization = client.admin.organization;

function unique(word) {
  return `${word}-node-${process.pid}-${requests.length}`;
}

async function collect(pages) {
  const found = [];
  for await (const item of pages) found.push(item.id);
  return found;
}

after(() => {
  for (const { method, path, status, headers } of requests) {
    const where = `${method} ${path} ${status}`;
    assert.match(headers.get('x-request-id') ?? '', /^req_[0-9A-Za-z]+$/, where);
    assert.equal(headers.get('cache-control'), 'no-store', where);
    assert.match(headers.get('content-type') ?? '', /^application\/json/, where);
  }
  const called = new Set(requests.filter((r) => r.status === 200).map(({ method, path }) => `${method} ${template(path)}`));
  const missing = OPERATIONS.filter((operation) => !called.has(operation));
  assert.deepEqual(missing, [], 'operations of the contract that were never called with success');
});

const KINDS = { proj: 'project', user: 'user', svc_acct: 'account', key: 'key', invite: 'invite' };
function template(path) {
  return path
    .replace(/^\/v1\/organization/, '')
    .replace(/\/(proj|user|svc_acct|key|invite)_[0-9A-Za-z]{24}/g, (_, kind) => `/{${KINDS[kind]}}`);
}

const OPERATIONS = `
GET /admin_api_keys
POST /admin_api_keys
GET /admin_api_keys/{key}
DELETE /admin_api_keys/{key}
GET /projects
POST /projects
GET /projects/{project}
POST /projects/{project}
POST /projects/{project}/archive
GET /projects/{project}/users
POST /projects/{project}/users
GET /projects/{project}/users/{user}
POST /projects/{project}/users/{user}
DELETE /projects/{project}/users/{user}
GET /projects/{project}/service_accounts
POST /projects/{project}/service_accounts
GET /projects/{project}/service_accounts/{account}
POST /projects/{project}/service_accounts/{account}
DELETE /projects/{project}/service_accounts/{account}
POST /projects/{project}/service_accounts/{account}/api_keys
GET /projects/{project}/api_keys
GET /projects/{project}/api_keys/{key}
POST /projects/{project}/api_keys/{key}
DELETE /projects/{project}/api_keys/{key}
GET /users
GET /users/{user}
POST /users/{user}
DELETE /users/{user}
GET /invites
POST /invites
GET /invites/{invite}
DELETE /invites/{invite}
GET /audit_logs
`
  .trim()
  .split('\n');

describe('operations', () => {
  let project;
  let member;

  before(async () => {
    project = await organization.projects.create({ name: unique('project') });
    const email = `${unique('person')}@example.com`;
    const invite = await organization.invites.create({
      email,
      role: 'reader',
      projects: [{ id: project.id, role: 'member' }],
    });
    const token = new URL(invite.invite_url).hash.slice(1);
    const accepted = await fetch(`${client.baseURL}/organization/invites/accept`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token, name: 'Node Person' }),
    });
    assert.equal(accepted.status, 200);
    const page = await organization.users.list({ emails: [email] });
    assert.equal(page.data.length, 1);
    member = page.data[0];
  });

  test('admin API keys', async () => {
    const created = await organization.adminAPIKeys.create({ name: 'node', expires_in_seconds: 3600 });
    assert.match(created.value, /^sk-admin-[0-9A-Za-z]{49}$/);
    assert.equal(created.expires_at, created.created_at + 3600);
    const again = await organization.adminAPIKeys.retrieve(created.id);
    assert.equal(again.value, undefined);
    assert.equal(again.redacted_value, `sk-admin...${created.value.slice(-3)}`);
    const listed = await organization.adminAPIKeys.list({ order: 'desc', limit: 1 });
    assert.equal(listed.data[0].id, created.id);
    const deleted = await organization.adminAPIKeys.delete(created.id);
    assert.deepEqual(deleted, { id: created.id, object: 'organization.admin_api_key.deleted', deleted: true });
    await assert.rejects(organization.adminAPIKeys.retrieve(created.id), OpenAI.NotFoundError);
  });

  test('projects, with null and omitted fields, archived with an empty body', async () => {
    const created = await organization.projects.create({ name: 'node', residency: null, external_key_id: null });
    assert.equal(created.status, 'active');
    assert.equal((await organization.projects.retrieve(created.id)).name, 'node');
    assert.equal((await organization.projects.update(created.id, { name: 'renamed' })).name, 'renamed');
    assert.equal((await organization.projects.update(created.id, { name: null })).name, 'renamed');
    const archived = await organization.projects.archive(created.id);
    assert.equal(archived.status, 'archived');
    const active = await collect(organization.projects.list({ limit: 100 }));
    assert.ok(!active.includes(created.id));
    const all = await collect(organization.projects.list({ limit: 100, include_archived: true }));
    assert.ok(all.includes(created.id));
  });

  test('project users', async () => {
    const users = organization.projects.users;
    const other = await organization.projects.create({ name: unique('other') });
    const added = await users.create(other.id, { user_id: member.id, role: 'member' });
    assert.equal(added.object, 'organization.project.user');
    assert.equal((await users.retrieve(member.id, { project_id: other.id })).role, 'member');
    assert.equal((await users.update(member.id, { project_id: other.id, role: 'owner' })).role, 'owner');
    assert.ok((await collect(users.list(other.id))).includes(member.id));
    assert.equal((await users.delete(member.id, { project_id: other.id })).deleted, true);
  });

  test('service accounts and their keys', async () => {
    const accounts = organization.projects.serviceAccounts;
    const account = await accounts.create(project.id, { name: 'robot' });
    assert.match(account.api_key.value, /^sk-svcacct-[0-9A-Za-z]{49}$/);
    const bare = await accounts.create(project.id, { name: 'bare', create_service_account_only: true });
    assert.equal(bare.api_key, null);
    assert.equal(bare.role, 'none');
    assert.equal((await accounts.retrieve(account.id, { project_id: project.id })).name, 'robot');
    assert.equal((await accounts.update(account.id, { project_id: project.id, role: 'owner' })).role, 'owner');
    const key = await accounts.apiKeys.create(account.id, { project_id: project.id });
    assert.match(key.value, /^sk-svcacct-/); // the optional body was left out
    assert.deepEqual(await collect(accounts.list(project.id)), [account.id, bare.id]);
    assert.equal((await accounts.delete(bare.id, { project_id: project.id })).deleted, true);
  });

  test('project API keys', async () => {
    const keys = organization.projects.apiKeys;
    const account = await organization.projects.serviceAccounts.create(project.id, { name: 'with keys' });
    const id = account.api_key.id;
    const found = await keys.retrieve(id, { project_id: project.id });
    assert.equal(found.owner.service_account.id, account.id);
    assert.equal(found.owner_project_access, 'active');
    const updated = await keys.update(id, { project_id: project.id, scopes: ['api.all.read'], expires_in_seconds: 60 });
    assert.ok(updated.expires_at > updated.created_at);
    assert.ok((await collect(keys.list(project.id, { owner_project_access: 'any' }))).includes(id));
    assert.equal((await keys.delete(id, { project_id: project.id })).deleted, true);
    await assert.rejects(keys.delete(id, { project_id: project.id }), OpenAI.NotFoundError);
  });

  test('users', async () => {
    assert.equal((await organization.users.retrieve(member.id)).email, member.email);
    assert.equal((await organization.users.update(member.id, { role: 'owner' })).role, 'owner');
    assert.equal((await organization.users.update(member.id, { role: 'reader', role_id: null })).role, 'reader');
    assert.equal((await organization.users.delete(member.id)).deleted, true);
    await assert.rejects(organization.users.retrieve(member.id), OpenAI.NotFoundError);
  });

  test('invites', async () => {
    const invite = await organization.invites.create({ email: `${unique('guest')}@example.com`, role: 'owner' });
    assert.equal(invite.status, 'pending');
    assert.equal((await organization.invites.retrieve(invite.id)).email, invite.email);
    assert.equal((await organization.invites.delete(invite.id)).deleted, true);
  });

  test('audit logs with every filter', async () => {
    const page = await organization.auditLogs.list({
      effective_at: { gt: 1, lte: Math.floor(Date.now() / 1000) + 60 },
      project_ids: [project.id],
      event_types: ['service_account.created', 'project.created'],
      actor_ids: [(await organization.users.list()).data[0].id],
      actor_emails: [(await organization.users.list()).data[0].email],
      resource_ids: [project.id],
      tenant_only: false,
      limit: 100,
    });
    assert.deepEqual(page.data.map((event) => event.type), ['project.created']);
    const { query } = requests.at(-1);
    assert.ok(query.includes('effective_at%5Bgt%5D=1') && query.includes('event_types%5B%5D='), query);
  });
});

describe('auto-paging finds every object once', () => {
  const lists = {
    admin_api_keys: (q) => organization.adminAPIKeys.list(q),
    projects: (q) => organization.projects.list(q),
    users: (q) => organization.users.list(q),
    invites: (q) => organization.invites.list(q),
    project_users: (q) => organization.projects.users.list(CROWD.project_id, q),
    service_accounts: (q) => organization.projects.serviceAccounts.list(CROWD.project_id, q),
    api_keys: (q) => organization.projects.apiKeys.list(CROWD.project_id, q),
  };
  for (const [name, list] of Object.entries(lists)) {
    test(name, async () => {
      // The other tests of this file make objects too: those are newer than the crowd.
      const found = await collect(list({ limit: 70 }));
      assert.deepEqual(found.filter((id) => CROWD.ids[name].includes(id)), CROWD.ids[name]);
      assert.equal(new Set(found).size, found.length);
    });
  }
  test('audit_logs', async () => {
    const found = await collect(organization.auditLogs.list({ limit: 100 }));
    assert.deepEqual(found.filter((id) => CROWD.ids.audit_logs.includes(id)), CROWD.ids.audit_logs);
    assert.equal(new Set(found).size, found.length);
  });
  test('a null cursor is sent as an empty value and means the first page', async () => {
    const page = await organization.adminAPIKeys.list({ after: null, limit: 3 });
    assert.match(requests.at(-1).query, /after=(&|$)/);
    assert.deepEqual(page.data.map((key) => key.id), CROWD.ids.admin_api_keys.slice(0, 3));
  });
  test('the page after the last object is empty and not an error', async () => {
    const all = await collect(organization.projects.list({ limit: 100 }));
    const page = await organization.projects.list({ after: all.at(-1) });
    assert.deepEqual(page.data, []);
    assert.equal(page.hasNextPage(), false);
  });
});

describe('errors', () => {
  const missing = `proj_${'0'.repeat(24)}`;
  async function refused(kind, call) {
    const before = requests.length;
    const error = await call().then(
      () => assert.fail('nothing was refused'),
      (problem) => problem,
    );
    assert.ok(error instanceof kind, `${error}`);
    assert.equal(requests.length, before + 1, 'it was tried again');
    assert.match(error.requestID, /^req_/);
    return error;
  }

  test('404', async () => {
    const error = await refused(OpenAI.NotFoundError, () => organization.projects.retrieve(missing));
    assert.equal(error.code, 'project_not_found');
    assert.equal(error.type, 'invalid_request_error');
    assert.equal(error.param, null);
  });
  test('400 names the parameter', async () => {
    const error = await refused(OpenAI.BadRequestError, () => organization.projects.list({ limit: 0 }));
    assert.equal(error.code, 'integer_below_min_value');
    assert.equal(error.param, 'limit');
  });
  test('401', async () => {
    const wrong = client.withOptions({ adminAPIKey: 'sk-admin-neverIssuedByAnybodyNode' });
    const error = await refused(OpenAI.AuthenticationError, () => wrong.admin.organization.projects.list());
    assert.equal(error.code, 'invalid_api_key');
  });
  test('413', async () => {
    const name = 'x'.repeat(1 << 20);
    const error = await refused(OpenAI.APIError, () => organization.projects.create({ name }));
    assert.equal(error.status, 413);
  });
  test('ids are percent-encoded and not found', async () => {
    await refused(OpenAI.NotFoundError, () => organization.projects.retrieve('a/b c?d#e'));
  });
});
