import type { KeyOwner } from '../api';
import { Icon } from '../components/icon';

export function ownerName(owner: KeyOwner): string {
  return owner.service_account?.name ?? owner.user?.name ?? owner.user?.email ?? 'Nobody';
}

export function KeyOwnerName({ owner }: { owner: KeyOwner }) {
  const isAccount = owner.type === 'service_account';
  return (
    <span class="with-icon" title={isAccount ? 'Service account' : owner.user?.email}>
      <Icon name={isAccount ? 'robot' : 'person'} />
      <span class="visually-hidden">{isAccount ? 'Service account' : 'Person'}</span>
      <span class="truncate">{ownerName(owner)}</span>
    </span>
  );
}
