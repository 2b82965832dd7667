import { useEffect, useState } from 'preact/hooks';
import { api, type ApiError, type Session } from '../api';
import { Button } from '../components/button';
import { TextField } from '../components/fields';
import { ErrorNotice, Notice } from '../components/notice';
import { PasswordField } from '../components/password-field';
import { StandAlone } from '../components/shell';
import { formatWait } from '../format';
import { useAction } from '../loading';
import { currentLocation } from '../router';
import { store, stored } from '../storage';

/** Counts the seconds down until the server takes another attempt. */
function useWait(error: ApiError | undefined): number {
  const [left, setLeft] = useState(0);
  useEffect(() => {
    const seconds = error?.status === 429 ? (error.retryAfter ?? 0) : 0;
    const end = Date.now() + seconds * 1000;
    setLeft(seconds);
    if (seconds === 0) {
      return undefined;
    }
    const timer = window.setInterval(() => {
      const remaining = Math.max(0, Math.ceil((end - Date.now()) / 1000));
      setLeft(remaining);
      if (remaining === 0) {
        window.clearInterval(timer);
      }
    }, 1000);
    return () => window.clearInterval(timer);
  }, [error]);
  return left;
}

function Refusal({ error, wait }: { error: ApiError; wait: number }) {
  if (error.status !== 429) {
    return <ErrorNotice error={error} />;
  }
  return (
    <Notice look="warning" role="alert">
      <p>
        {wait > 0
          ? `Too many attempts. Try again in ${formatWait(wait)}.`
          : 'You can try again now.'}
      </p>
    </Notice>
  );
}

/** Of the address, or the one that somebody joined or signed in to here. */
function knownOrganization(): string {
  return currentLocation().query.get('organization') ?? stored('organization') ?? '';
}

interface OrganizationFieldProperties {
  value: string;
  onValue: (value: string) => void;
  /** After a refusal one that is known is shown: it may be the wrong one. */
  isDoubted: boolean;
}

/** Few servers have more than one, so it stands apart. */
function OrganizationField({ value, onValue, isDoubted }: OrganizationFieldProperties) {
  const [isKnown] = useState(value !== '');
  return (
    <details class="help" open={isKnown && isDoubted}>
      <summary>
        {isKnown ? `Organization: ${value || 'the first one'}` : 'Another organization?'}
      </summary>
      <TextField
        label="Organization id"
        autoComplete="off"
        autoCapitalize="off"
        spellcheck={false}
        placeholder="org_…"
        value={value}
        onValue={onValue}
        hint="Empty: the first one of this server."
      />
    </details>
  );
}

type Way = 'password' | 'admin-key';

/** Of `export OPENAI_ADMIN_KEY=sk-admin-...`, as the first start prints it, the key alone. */
function keyOf(pasted: string): string {
  return /sk-admin-\w+/.exec(pasted)?.[0] ?? pasted.trim();
}

export function SignInPage({ onEntered }: { onEntered: (session: Session) => void }) {
  const [way, setWay] = useState<Way>('password');
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [adminKey, setAdminKey] = useState('');
  const [organization, setOrganization] = useState(knownOrganization);
  const action = useAction(async () => {
    if (way === 'admin-key') {
      onEntered(await api.sessions.signIn({ admin_key: keyOf(adminKey) }));
      return;
    }
    const organization_id = organization.trim();
    const session = await api.sessions.signIn({
      email: email.trim(),
      password,
      ...(organization_id && { organization_id }),
    });
    store('organization', organization_id || null);
    onEntered(session);
  });
  const wait = useWait(action.error);
  const turn = (other: Way) => {
    setWay(other);
    setPassword('');
    setAdminKey('');
    action.clear();
  };
  return (
    <StandAlone title="Sign in">
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          void action.run();
        }}
      >
        {way === 'password' ? (
          <>
            <TextField
              label="E-mail"
              type="email"
              autoComplete="username"
              autoCapitalize="off"
              spellcheck={false}
              required
              autoFocus
              value={email}
              onValue={setEmail}
            />
            <PasswordField label="Password" value={password} onValue={setPassword} />
            <OrganizationField
              value={organization}
              onValue={setOrganization}
              isDoubted={action.error !== undefined}
            />
          </>
        ) : (
          <TextField
            key="admin-key"
            label="Admin key"
            type="password"
            autoComplete="off"
            required
            autoFocus
            placeholder="sk-admin-…"
            value={adminKey}
            onValue={setAdminKey}
            hint="You are signed in as its person, while the key lives. This page does not keep it."
          />
        )}
        {action.error && <Refusal error={action.error} wait={wait} />}
        <Button type="submit" look="primary" isBusy={action.isBusy} disabled={wait > 0}>
          Sign in
        </Button>
      </form>
      <div class="divider">or</div>
      <Button onClick={() => turn(way === 'password' ? 'admin-key' : 'password')}>
        {way === 'password' ? 'Use an admin key' : 'Use e-mail and password'}
      </Button>
      <details class="help">
        <summary>Forgot your password?</summary>
        <p>
          Ask an owner of your organization for a link: they make one under People. Where nobody can
          sign in any more, <code>orgkeys recover</code> on the server’s machine lets you in.
        </p>
      </details>
    </StandAlone>
  );
}
