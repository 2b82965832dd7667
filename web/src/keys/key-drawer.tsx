import type { ProjectKey } from '../api';
import { Button, CopyIcon } from '../components/button';
import { Dialog } from '../components/dialog';
import { Details, Time } from '../components/parts';
import { ScopeList } from '../components/scopes';
import { Link } from '../router';
import { KeyOwnerName } from './key-owner';
import { keyState, KeyStateBadge } from './key-state';

interface KeyDrawerProperties {
  target: ProjectKey;
  isArchived: boolean;
  onClose: () => void;
  onEdit: () => void;
  onRevoke: () => void;
}

/** Everything there is to know of a key. */
export function KeyDrawer(properties: KeyDrawerProperties) {
  const { target, isArchived, onClose, onEdit, onRevoke } = properties;
  const state = keyState(target, isArchived);
  const user = target.owner.user;
  return (
    <Dialog title={target.name} onClose={onClose} isDrawer>
      <div class="dialog-body">
        <div class="state">
          <KeyStateBadge state={state} />
          <span>{state.explanation}</span>
        </div>
        <Details
          rows={[
            ['Key', <code key="key">{target.redacted_value}</code>],
            [
              'Id',
              <span key="id" class="copyable">
                <code>{target.id}</code>
                <CopyIcon text={target.id} what="id" />
              </span>,
            ],
            [
              'Project',
              <Link key="project" href={`/projects/${target.project.id}/keys`}>
                {target.project.name ?? target.project.id}
              </Link>,
            ],
            [
              'Owner',
              <>
                <KeyOwnerName owner={target.owner} />
                {user && <span class="faint break">{user.email}</span>}
              </>,
            ],
            ['Scopes', <ScopeList key="scopes" scopes={target.scopes} />],
            ['Created', <Time key="created" seconds={target.created_at} as="exact" />],
            ['Last used', <Time key="used" seconds={target.last_used_at} as="exact" />],
            ['Expires', <Time key="expires" seconds={target.expires_at} as="exact" />],
          ]}
        />
      </div>
      <footer class="dialog-footer">
        <Button look="danger" onClick={onRevoke}>
          Revoke
        </Button>
        {!isArchived && <Button onClick={onEdit}>Edit</Button>}
      </footer>
    </Dialog>
  );
}
