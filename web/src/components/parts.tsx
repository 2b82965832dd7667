// The small parts that pages are made of.

import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { formatExact, formatFullDate, formatISO, formatRelative, initialsOf } from '../format';
import { Link, navigationCount } from '../router';
import { Icon, type IconName } from './icon';

interface PageHeaderProperties {
  title: string;
  /** Of the browser's window, where it is more than the heading says. */
  windowTitle?: string;
  /** What leads here. */
  parent?: { label: string; address: string };
  badge?: ComponentChildren;
  children?: ComponentChildren;
  actions?: ComponentChildren;
}

/** The heading takes the focus when somebody comes here, so that screen readers read on from it. */
export function PageHeader(properties: PageHeaderProperties) {
  const { title, windowTitle = title, parent, badge, children, actions } = properties;
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${windowTitle} · orgkeys`;
  }, [windowTitle]);
  useEffect(() => {
    if (navigationCount() > 0) {
      heading.current?.focus({ preventScroll: true });
    }
  }, []);
  return (
    <header class="page-header">
      <div>
        {parent && (
          <nav aria-label="Breadcrumb" class="breadcrumb">
            <Link href={parent.address}>
              <Icon name="left" size={12} />
              {parent.label}
            </Link>
          </nav>
        )}
        <div class="page-title">
          <h1 ref={heading} tabIndex={-1}>
            {title}
          </h1>
          {badge}
        </div>
        {children && <p class="page-description">{children}</p>}
      </div>
      {actions && <div class="page-actions">{actions}</div>}
    </header>
  );
}

type BadgeLook = 'neutral' | 'good' | 'warning' | 'danger';

export function Badge({
  look = 'neutral',
  children,
}: {
  look?: BadgeLook;
  children: ComponentChildren;
}) {
  return <span class={`badge ${look}`}>{children}</span>;
}

interface TimeProperties {
  seconds: number | null | undefined;
  /** What stands there without a time. */
  absent?: string;
  as?: 'relative' | 'date' | 'exact';
}

const FORMATS = { relative: formatRelative, date: formatFullDate, exact: formatExact };

export function Time({ seconds, absent = 'Never', as = 'relative' }: TimeProperties) {
  if (seconds === null || seconds === undefined) {
    return <span class="faint">{absent}</span>;
  }
  return (
    <time dateTime={formatISO(seconds)} title={formatISO(seconds)}>
      {FORMATS[as](seconds)}
    </time>
  );
}

export function Avatar({ name }: { name: string }) {
  return (
    <span class="avatar" aria-hidden="true">
      {initialsOf(name)}
    </span>
  );
}

interface EmptyProperties {
  icon: IconName;
  title: string;
  children?: ComponentChildren;
  action?: ComponentChildren;
}

export function Empty({ icon, title, children, action }: EmptyProperties) {
  return (
    <div class="empty">
      <span class="empty-icon">
        <Icon name={icon} size={20} />
      </span>
      <h2>{title}</h2>
      {children && <p>{children}</p>}
      {action}
    </div>
  );
}

export interface Tab {
  label: string;
  address: string;
  isCurrent: boolean;
}

export function Tabs({ label, tabs }: { label: string; tabs: Tab[] }) {
  return (
    <nav class="tabs" aria-label={label}>
      {tabs.map((tab) => (
        <Link
          key={tab.address}
          href={tab.address}
          aria-current={tab.isCurrent ? 'page' : undefined}
        >
          {tab.label}
        </Link>
      ))}
    </nav>
  );
}

interface ChipsProperties<Value extends string> {
  label: string;
  value: Value;
  choices: { value: Value; label: string }[];
  onValue: (value: Value) => void;
}

/** A choice of one, as buttons in a row. */
export function Chips<Value extends string>(properties: ChipsProperties<Value>) {
  const { label, value, choices, onValue } = properties;
  return (
    <div class="chips" role="group" aria-label={label}>
      {choices.map((choice) => (
        <button
          key={choice.value}
          type="button"
          class="chip"
          aria-pressed={choice.value === value}
          onClick={() => onValue(choice.value)}
        >
          {choice.label}
        </button>
      ))}
    </div>
  );
}

export function Card({
  title,
  description,
  action,
  children,
}: {
  title: string;
  description?: ComponentChildren;
  action?: ComponentChildren;
  children: ComponentChildren;
}) {
  return (
    <section class="card">
      <header class="card-header">
        <div>
          <h2>{title}</h2>
          {description && <p>{description}</p>}
        </div>
        {action}
      </header>
      {children}
    </section>
  );
}

/** Names and values, one under the other. */
export function Details({ rows }: { rows: [string, ComponentChildren][] }) {
  return (
    <dl class="details">
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
