// Which page is shown at which address, and to whom.

import type { ComponentChildren } from 'preact';
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { api, type ApiError, type Session, whenForbidden, whenSignedOut } from './api';
import { ErrorNotice } from './components/notice';
import { Empty, PageHeader } from './components/parts';
import { Shell, StandAlone } from './components/shell';
import { Toasts } from './components/toasts';
import { asApiError, forgetEverything } from './loading';
import { AccountPage } from './pages/account';
import { AdminKeysPage } from './pages/admin-keys';
import { AuditLogPage } from './pages/audit-log';
import { InvitePage } from './pages/invite';
import { KeysPage } from './pages/keys';
import { OverviewPage } from './pages/overview';
import { PasswordPage } from './pages/password';
import { PeoplePage } from './pages/people';
import { ProjectPage } from './pages/project';
import { ProjectsPage } from './pages/projects';
import { SignInPage } from './pages/sign-in';
import { forgetLinkToken, navigate, useLinkToken, useLocation } from './router';
import { SessionContext } from './session';
import { store } from './storage';

interface Route {
  path: RegExp;
  isForOwners?: boolean;
  render: (parts: string[]) => ComponentChildren;
}

const ROUTES: Route[] = [
  { path: /^\/$/, render: () => <OverviewPage /> },
  { path: /^\/projects$/, render: () => <ProjectsPage /> },
  {
    path: /^\/projects\/([^/]+)(?:\/(keys|service-accounts|people|settings))?$/,
    render: ([id = '', tab = 'keys']) => <ProjectPage key={id} id={id} tab={tab} />,
  },
  { path: /^\/keys$/, render: () => <KeysPage /> },
  { path: /^\/people$/, isForOwners: true, render: () => <PeoplePage /> },
  { path: /^\/admin-keys$/, isForOwners: true, render: () => <AdminKeysPage /> },
  { path: /^\/audit-log$/, isForOwners: true, render: () => <AuditLogPage /> },
  { path: /^\/account$/, render: () => <AccountPage /> },
];

function NotFound() {
  return (
    <>
      <PageHeader title="Not found" />
      <Empty icon="search" title="There is no such page">
        The address may have been mistyped, or what it showed is gone.
      </Empty>
    </>
  );
}

function OwnersOnly() {
  return (
    <>
      <PageHeader title="For owners" />
      <Empty icon="shield" title="Only owners of the organization see this page">
        Ask one of them if you need something from here.
      </Empty>
    </>
  );
}

/** Null for what no browser writes, such as `%zz`. */
function decoded(parts: string[]): string[] | null {
  try {
    return parts.map((part) => part && decodeURIComponent(part));
  } catch {
    return null;
  }
}

function page(path: string, isOwner: boolean): ComponentChildren {
  for (const route of ROUTES) {
    const match = route.path.exec(path);
    if (match) {
      const parts = decoded(match.slice(1));
      if (parts === null) {
        break;
      }
      return route.isForOwners && !isOwner ? <OwnersOnly /> : route.render(parts);
    }
  }
  return <NotFound />;
}

/** Where somebody was when they had to sign in. */
interface ReturnState {
  returnTo?: string;
}

function goToSignIn(): void {
  const { pathname, search } = window.location;
  if (pathname === '/sign-in') {
    return;
  }
  const returnTo = pathname + search;
  navigate('/sign-in', { replace: true, state: returnTo === '/' ? {} : { returnTo } });
}

function returnAddress(): string {
  return (window.history.state as ReturnState | null)?.returnTo ?? '/';
}

/** Who somebody is here; of another one, nothing that is shown or remembered holds. */
function identityOf({ organization, user }: Session): string {
  return `${organization.id} ${user.id} ${user.role}`;
}

/** Learns whether another tab signed somebody else in, or another person changed their role. */
function useLookAgain(session: Session | null | undefined, onSession: (found: Session) => void) {
  const isLooking = useRef(false);
  const isSignedIn = Boolean(session);
  useEffect(() => {
    if (!isSignedIn) {
      return undefined;
    }
    let isWanted = true;
    const look = async () => {
      if (isLooking.current || document.visibilityState !== 'visible') {
        return;
      }
      isLooking.current = true;
      try {
        const found = await api.sessions.current();
        if (isWanted) {
          onSession(found);
        }
      } catch {
        // It is said where something is asked for, and who is signed out hears of it all the same.
      } finally {
        isLooking.current = false;
      }
    };
    document.addEventListener('visibilitychange', look);
    whenForbidden(look);
    return () => {
      isWanted = false;
      document.removeEventListener('visibilitychange', look);
      whenForbidden(() => {});
    };
  }, [isSignedIn, onSession]);
}

const LINK_PAGES = ['/invite', '/password'];

export function App() {
  const { path } = useLocation();
  const [session, setSession] = useState<Session | null>();
  const [error, setError] = useState<ApiError>();
  const identity = useRef<string | null>(null);
  const cameByLink = useRef(false);
  const linkToken = useLinkToken();
  const isLinkPage = LINK_PAGES.includes(path);

  const begin = useCallback((found: Session) => {
    if (identity.current !== identityOf(found)) {
      forgetEverything();
      identity.current = identityOf(found);
    }
    setSession(found);
  }, []);
  useLookAgain(session, begin);

  const load = useCallback(async () => {
    setError(undefined);
    try {
      const found = await api.sessions.current();
      if (cameByLink.current) {
        cameByLink.current = false;
        store('organization', found.organization.id);
      }
      begin(found);
    } catch (failure) {
      const refusal = asApiError(failure);
      if (refusal.status !== 401) {
        setError(refusal);
      }
    }
  }, []);

  useEffect(() => {
    whenSignedOut(() => {
      forgetEverything();
      setSession(null);
    });
  }, []);

  useEffect(() => {
    if (!isLinkPage && session === undefined) {
      void load();
    }
  }, [isLinkPage]);

  const isSignedOut = session === null;
  useEffect(() => {
    if (isSignedOut && !isLinkPage) {
      goToSignIn();
    }
  }, [isSignedOut, isLinkPage, path]);

  const enter = (entered: Session) => {
    const address = path === '/sign-in' ? returnAddress() : '/';
    begin(entered);
    navigate(address, { replace: true });
  };

  /** The link signed them in, whoever was signed in before. */
  const enterByLink = () => {
    cameByLink.current = true;
    forgetLinkToken();
    setSession(undefined);
    navigate('/', { replace: true });
  };

  useEffect(() => {
    if (session && path === '/sign-in') {
      navigate('/', { replace: true });
    }
  }, [session, path]);

  const signOut = async () => {
    await api.sessions.end('current');
    forgetEverything();
    setSession(null);
    navigate('/sign-in');
  };

  return (
    <>
      {path === '/invite' ? (
        <InvitePage key={linkToken} token={linkToken} onEntered={enterByLink} />
      ) : path === '/password' ? (
        <PasswordPage key={linkToken} token={linkToken} onEntered={enterByLink} />
      ) : error ? (
        <StandAlone title="Not available">
          <ErrorNotice error={error} onRetry={load} />
        </StandAlone>
      ) : session === null ? (
        path === '/sign-in' && <SignInPage onEntered={enter} />
      ) : session && path !== '/sign-in' ? (
        <SessionContext.Provider
          value={{ session, isOwner: session.user.role === 'owner', reload: load }}
        >
          <Shell key={identityOf(session)} path={path} onSignOut={signOut}>
            {page(path, session.user.role === 'owner')}
          </Shell>
        </SessionContext.Provider>
      ) : null}
      <Toasts />
    </>
  );
}
