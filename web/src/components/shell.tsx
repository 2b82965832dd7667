// What surrounds every page.

import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { useAction } from '../loading';
import { Link, navigate } from '../router';
import { useSession } from '../session';
import { applyTheme, currentTheme, type Theme } from '../theme';
import { Icon, type IconName, Logo } from './icon';
import { Menu } from './menu';
import { Avatar } from './parts';
import { notify } from './toasts';

interface Destination {
  label: string;
  address: string;
  icon: IconName;
  isForOwners?: boolean;
}

const DESTINATIONS: Destination[] = [
  { label: 'Overview', address: '/', icon: 'overview' },
  { label: 'Projects', address: '/projects', icon: 'project' },
  { label: 'Keys', address: '/keys', icon: 'key' },
  { label: 'People', address: '/people', icon: 'people', isForOwners: true },
  { label: 'Admin keys', address: '/admin-keys', icon: 'shield', isForOwners: true },
  { label: 'Audit log', address: '/audit-log', icon: 'log', isForOwners: true },
];

function isWithin(path: string, address: string): boolean {
  return path === address || (address !== '/' && path.startsWith(`${address}/`));
}

const THEMES: { value: Theme; label: string; icon: IconName }[] = [
  { value: 'system', label: 'As the system', icon: 'screen' },
  { value: 'light', label: 'Light', icon: 'sun' },
  { value: 'dark', label: 'Dark', icon: 'moon' },
];

function ThemeChoice() {
  const [theme, setTheme] = useState(currentTheme);
  const choose = (value: Theme) => {
    applyTheme(value);
    setTheme(value);
  };
  return (
    <div class="theme-choice" role="group" aria-label="Colors">
      {THEMES.map(({ value, label, icon }) => (
        <button
          key={value}
          type="button"
          aria-label={label}
          title={label}
          aria-pressed={theme === value}
          onClick={() => choose(value)}
        >
          <Icon name={icon} size={14} />
        </button>
      ))}
    </div>
  );
}

interface ShellProperties {
  path: string;
  onSignOut: () => Promise<void>;
  children: ComponentChildren;
}

export function Shell({ path, onSignOut, children }: ShellProperties) {
  const { session, isOwner } = useSession();
  const [isOpen, setOpen] = useState(false);
  const leaving = useAction(onSignOut);
  useEffect(() => setOpen(false), [path]);
  useEffect(() => {
    if (leaving.error) {
      notify(`Signing out failed: ${leaving.error.message}`);
    }
  }, [leaving.error]);
  const { organization, user } = session;
  return (
    <div class="shell">
      <a
        class="skip-link"
        href="#content"
        onClick={(event) => {
          event.preventDefault();
          document.getElementById('content')?.focus();
        }}
      >
        Skip to content
      </a>
      <header class={`sidebar${isOpen ? ' is-open' : ''}`}>
        <div class="sidebar-frame">
          <div class="sidebar-top">
            <Link class="brand" href="/" aria-label={`${organization.name}: overview`}>
              <Logo />
              <span class="truncate">{organization.name}</span>
            </Link>
            <button
              type="button"
              class="icon-button navigation-button"
              aria-label="Navigation"
              aria-expanded={isOpen}
              aria-controls="navigation"
              onClick={() => setOpen(!isOpen)}
            >
              <Icon name={isOpen ? 'close' : 'menu'} size={20} />
            </button>
          </div>
          <div class="sidebar-rest" id="navigation">
            <nav aria-label="Main">
              <ul>
                {DESTINATIONS.filter((one) => isOwner || !one.isForOwners).map((one) => (
                  <li key={one.address}>
                    <Link
                      href={one.address}
                      aria-current={isWithin(path, one.address) ? 'page' : undefined}
                    >
                      <Icon name={one.icon} size={18} />
                      {one.label}
                    </Link>
                  </li>
                ))}
              </ul>
            </nav>
            <div class="sidebar-bottom">
              <ThemeChoice />
              <Menu
                label="Your account"
                class="user-button"
                items={[
                  { label: 'Account', icon: 'person', onSelect: () => navigate('/account') },
                  { label: 'Sign out', icon: 'leave', onSelect: () => void leaving.run() },
                ]}
              >
                <Avatar name={user.name || user.email} />
                <span class="visually-hidden">Your account: </span>
                <span class="user-name">
                  <span class="truncate">{user.name}</span>
                  <small class="truncate">{user.email}</small>
                </span>
                <Icon name="more" />
              </Menu>
            </div>
          </div>
        </div>
      </header>
      <main id="content" class="content" tabIndex={-1}>
        <div class="page">{children}</div>
      </main>
    </div>
  );
}

interface StandAloneProperties {
  title: string;
  description?: ComponentChildren;
  children: ComponentChildren;
}

/** A page for who is not signed in. */
export function StandAlone({ title, description, children }: StandAloneProperties) {
  useEffect(() => {
    document.title = `${title} · orgkeys`;
  }, [title]);
  return (
    <main class="stand-alone">
      <div class="stand-alone-card">
        <Logo size={40} />
        <h1 tabIndex={-1}>{title}</h1>
        {description && <p class="page-description">{description}</p>}
        {children}
      </div>
    </main>
  );
}
