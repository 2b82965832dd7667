import { useState } from 'preact/hooks';
import { api, ApiError, collect, type Session } from '../api';
import { Button } from '../components/button';
import { ConfirmDialog } from '../components/dialog';
import { ErrorNotice, Notice } from '../components/notice';
import { PASSWORD_MINIMUM, PasswordField } from '../components/password-field';
import { Badge, Card, Details, Empty, PageHeader, Time } from '../components/parts';
import { type Column, List } from '../components/table';
import { notify } from '../components/toasts';
import { describeUserAgent, plural } from '../format';
import { useAction, useLoaded } from '../loading';
import { useSession } from '../session';

/** As many as a person can have. */
const SESSIONS_MAXIMUM = 50;

function ChangePassword() {
  const { session } = useSession();
  const [current, setCurrent] = useState('');
  const [password, setPassword] = useState('');
  const change = useAction(async () => {
    await api.passwords.change(current, password);
    setCurrent('');
    setPassword('');
    notify('Password changed. You are signed out everywhere else.');
  });
  const error = change.error;
  const isWrong = error?.code === 'wrong_password';
  const isRefused = error?.parameter === 'password';
  return (
    <Card
      title="Password"
      description={
        <>
          Changing it signs you out everywhere but here. Forgot it? An owner makes you a link under
          People.
        </>
      }
    >
      <form
        class="form narrow"
        onSubmit={(event) => {
          event.preventDefault();
          void change.run();
        }}
      >
        <input
          class="visually-hidden"
          type="text"
          autoComplete="username"
          aria-hidden="true"
          tabIndex={-1}
          readOnly
          value={session.user.email}
        />
        <PasswordField
          label="Current password"
          value={current}
          onValue={setCurrent}
          error={isWrong ? error.message : undefined}
        />
        <PasswordField
          label="New password"
          isNew
          value={password}
          onValue={setPassword}
          error={isRefused ? error.message : undefined}
        />
        {error && !isWrong && !isRefused && <ErrorNotice error={error} />}
        <Button
          type="submit"
          look="primary"
          isBusy={change.isBusy}
          disabled={!current || password.length < PASSWORD_MINIMUM}
        >
          Change password
        </Button>
      </form>
    </Card>
  );
}

/** For who came with an admin key, and may have no password yet. */
function SetPassword() {
  const { session } = useSession();
  const start = useAction(async () => {
    const link = await api.passwords.link(session.user.id);
    window.location.assign(link.url);
  });
  return (
    <Card
      title="Password"
      description="You signed in with an admin key. With a password you need none; setting it signs you out elsewhere."
      action={
        <Button onClick={() => void start.run()} isBusy={start.isBusy}>
          Set a password
        </Button>
      }
    >
      {start.error && <ErrorNotice error={start.error} />}
    </Card>
  );
}

function columnsOf(isEnding: boolean, end: (session: Session) => void): Column<Session>[] {
  return [
    {
      title: 'Where',
      kind: 'main',
      render: (session) => (
        <>
          <span class="row-title" title={session.user_agent ?? undefined}>
            {describeUserAgent(session.user_agent)}
            {session.is_current && <Badge look="good">This one</Badge>}
          </span>
          <span class="row-detail">
            {session.address ?? 'Unknown address'}
            {session.admin_api_key_id && ', with an admin key'}
          </span>
        </>
      ),
    },
    {
      title: 'Signed in',
      kind: 'time',
      render: (session) => <Time seconds={session.created_at} />,
    },
    {
      title: 'Last used',
      kind: 'time',
      render: (session) => <Time seconds={session.last_used_at} />,
    },
    { title: 'Ends', kind: 'time', render: (session) => <Time seconds={session.expires_at} /> },
    {
      title: 'Actions',
      kind: 'actions',
      render: (session) =>
        !session.is_current && (
          <Button
            onClick={() => end(session)}
            disabled={isEnding}
            aria-label={`Sign out ${describeUserAgent(session.user_agent)}`}
          >
            Sign out
          </Button>
        ),
    },
  ];
}

async function loadSessions(): Promise<Session[]> {
  return collect(api.sessions.list, SESSIONS_MAXIMUM);
}

/** One that has ended by itself meanwhile is as good as ended. */
async function endSession(session: Session): Promise<void> {
  try {
    await api.sessions.end(session.id);
  } catch (failure) {
    if (!(failure instanceof ApiError && failure.code === 'session_not_found')) {
      throw failure;
    }
  }
}

/** Until there is none, since somebody may sign in meanwhile. */
async function endOtherSessions(): Promise<void> {
  const findOthers = async () => (await loadSessions()).filter((session) => !session.is_current);
  for (let others = await findOthers(); others.length > 0; others = await findOthers()) {
    for (const session of others) {
      await endSession(session);
    }
  }
}

function Sessions() {
  const [isEnding, setEnding] = useState(false);
  const sessions = useLoaded('sessions', async () => {
    const data = await loadSessions();
    // The newest first, but this one before all.
    data.sort(
      (a, b) => Number(b.is_current) - Number(a.is_current) || b.last_used_at - a.last_used_at,
    );
    return { data, has_more: false, last_id: null };
  });
  const others = sessions.value?.data.filter((session) => !session.is_current) ?? [];
  const end = useAction(async (session: Session) => {
    await endSession(session);
    notify('Signed out there.');
    sessions.reload();
  });
  const endOthers = async () => {
    await endOtherSessions();
    notify('Signed out everywhere else.');
    setEnding(false);
    sessions.reload();
  };
  return (
    <Card
      title="Where you are signed in"
      description="Sign out any session that you do not recognize, and change your password."
      action={
        others.length > 0 && (
          <Button onClick={() => setEnding(true)}>Sign out everywhere else</Button>
        )
      }
    >
      {end.error && <ErrorNotice error={end.error} />}
      <List
        caption="Where you are signed in"
        columns={columnsOf(end.isBusy, (session) => void end.run(session))}
        loaded={sessions}
        skeletons={2}
        empty={<Empty icon="screen" title="Nowhere" />}
      />
      {isEnding && (
        <ConfirmDialog
          title="Sign out everywhere else?"
          confirm="Sign out"
          onClose={() => setEnding(false)}
          onConfirm={endOthers}
        >
          <Notice look="warning">
            <p>{plural(others.length, 'other session')} will end. You stay signed in here.</p>
          </Notice>
        </ConfirmDialog>
      )}
    </Card>
  );
}

export function AccountPage() {
  const { session, isOwner } = useSession();
  const { user, organization } = session;
  return (
    <>
      <PageHeader title="Account" />
      <div class="cards">
        <Card title="You">
          <Details
            rows={[
              ['Name', user.name],
              [
                'E-mail',
                <span key="email" class="break">
                  {user.email}
                </span>,
              ],
              ['Organization', organization.name],
              ['Role', user.role === 'owner' ? 'Owner' : 'Reader'],
            ]}
          />
        </Card>
        {isOwner && session.admin_api_key_id !== null ? <SetPassword /> : <ChangePassword />}
        <Sessions />
      </div>
    </>
  );
}
