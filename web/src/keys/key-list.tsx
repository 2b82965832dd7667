// The keys of a project, or of all: searched, filtered, page by page.

import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { api, type ProjectKey } from '../api';
import { SearchField } from '../components/fields';
import { Menu } from '../components/menu';
import { Chips, Empty, Time } from '../components/parts';
import { type Column, List } from '../components/table';
import { Button } from '../components/button';
import { notify } from '../components/toasts';
import { usePaged } from '../loading';
import { setQuery, useLocation, useTypedQuery } from '../router';
import { EditKeyDialog, RevokeKeyDialog } from './key-dialogs';
import { KeyDrawer } from './key-drawer';
import { KeyOwnerName } from './key-owner';
import {
  filterNamed,
  KEY_FILTERS,
  type KeyFilter,
  keyQuery,
  keyState,
  KeyStateBadge,
} from './key-state';

const PAGE = 50;
const SEARCH_MILLISECONDS = 250;

/** A key of ours, wherever it stands. */
const KEY_VALUE = /sk-[^\s'"]{16,}/;
/** As long as the keys of others are, which were imported. */
const LONG = /[^\s'"]{32,}/;
const ID = /^(key|org|proj|user|svc_acct)_[0-9A-Za-z]+$/;

/** A whole key is a secret, and must not get into an address: its last characters do. */
function withoutSecret(typed: string): string {
  const text = typed.trim();
  const key = KEY_VALUE.exec(text) ?? (ID.test(text) ? null : LONG.exec(text));
  return key === null ? typed : key[0].slice(-3);
}

type Shown = { kind: 'details' | 'edit' | 'revoke'; key: ProjectKey };

function columnsOf(
  projectId: string | undefined,
  isArchived: boolean,
  show: (shown: Shown) => void,
): Column<ProjectKey>[] {
  const columns: Column<ProjectKey>[] = [
    {
      title: 'Name',
      kind: 'main',
      render: (key) => (
        <>
          <button type="button" class="row-title" onClick={() => show({ kind: 'details', key })}>
            {key.name}
          </button>
          <span class="row-detail">
            <code>{key.redacted_value}</code>
            {projectId === undefined && ` · ${key.project.name ?? key.project.id}`}
          </span>
        </>
      ),
    },
    {
      title: 'State',
      kind: 'state',
      render: (key) => <KeyStateBadge state={keyState(key, isArchived)} />,
    },
    { title: 'Owner', kind: 'medium', render: (key) => <KeyOwnerName owner={key.owner} /> },
    {
      title: 'Created',
      kind: 'time',
      isMinor: true,
      render: (key) => <Time seconds={key.created_at} />,
    },
    { title: 'Last used', kind: 'time', render: (key) => <Time seconds={key.last_used_at} /> },
    { title: 'Expires', kind: 'time', render: (key) => <Time seconds={key.expires_at} /> },
    {
      title: 'Actions',
      kind: 'actions',
      render: (key) => (
        <Menu
          label={`Actions for ${key.name}`}
          items={[
            {
              label: 'Details',
              icon: 'information',
              onSelect: () => show({ kind: 'details', key }),
            },
            ...(isArchived
              ? []
              : [
                  {
                    label: 'Edit expiry and scopes',
                    icon: 'settings' as const,
                    onSelect: () => show({ kind: 'edit', key }),
                  },
                ]),
            {
              label: 'Revoke',
              icon: 'close',
              isDanger: true,
              onSelect: () => show({ kind: 'revoke', key }),
            },
          ]}
        />
      ),
    },
  ];
  return columns;
}

interface KeyListProperties {
  projectId?: string;
  isArchived?: boolean;
  /** What is said where there is no key at all. */
  empty: ComponentChildren;
  /** Another number loads the list anew. */
  generation: number;
}

export function KeyList({ projectId, isArchived = false, empty, generation }: KeyListProperties) {
  const { query } = useLocation();
  const filter = filterNamed(query.get('filter'));
  const [search, setSearch, settled] = useTypedQuery('search', SEARCH_MILLISECONDS);
  const [shown, setShown] = useState<Shown>();

  const type = (typed: string) => {
    const harmless = withoutSecret(typed);
    if (harmless !== typed) {
      notify('That may be a whole key: only its last three characters are searched for.');
    }
    setSearch(harmless);
  };
  const wanted = withoutSecret(settled);
  useEffect(() => {
    if (wanted !== settled) {
      setQuery('search', wanted);
    }
  }, [wanted, settled]);

  const keys = usePaged(`keys ${projectId ?? ''} ${filter.value} ${wanted}`, PAGE, (paging) => {
    const query = { ...keyQuery(filter, wanted), ...paging };
    return projectId === undefined ? api.keys.listAll(query) : api.keys.list(projectId, query);
  });
  useEffect(() => {
    if (generation > 0) {
      keys.reload();
    }
  }, [generation]);

  const isFiltered = filter.value !== 'all' || wanted !== '';
  const close = () => setShown(undefined);
  const changed = () => {
    close();
    keys.reload();
  };
  const clear = () => {
    setSearch('');
    setQuery('filter', '');
  };
  return (
    <>
      <div class="toolbar">
        <SearchField label="Search keys" value={search} onValue={type} />
        <Chips<KeyFilter>
          label="Filter"
          value={filter.value}
          choices={KEY_FILTERS}
          onValue={(value) => setQuery('filter', value === 'all' ? '' : value)}
        />
      </div>
      <List
        caption="Keys"
        columns={columnsOf(projectId, isArchived, setShown)}
        loaded={keys}
        skeletons={8}
        empty={
          isFiltered ? (
            <Empty
              icon="search"
              title="No key matches"
              action={<Button onClick={clear}>Clear search and filter</Button>}
            >
              Searched are names, ids, owners, and the last characters of keys.
            </Empty>
          ) : (
            empty
          )
        }
      />
      {shown?.kind === 'details' && (
        <KeyDrawer
          target={shown.key}
          isArchived={isArchived}
          onClose={close}
          onEdit={() => setShown({ ...shown, kind: 'edit' })}
          onRevoke={() => setShown({ ...shown, kind: 'revoke' })}
        />
      )}
      {shown?.kind === 'edit' && (
        <EditKeyDialog target={shown.key} onClose={close} onChanged={changed} />
      )}
      {shown?.kind === 'revoke' && (
        <RevokeKeyDialog target={shown.key} onClose={close} onChanged={changed} />
      )}
    </>
  );
}
