import { Avatar } from './parts';

export function PersonName({
  name,
  email,
  isYou,
}: {
  name: string | null;
  email: string | null;
  isYou: boolean;
}) {
  return (
    <span class="person">
      <Avatar name={name || email || '?'} />
      <span class="person-text">
        <span class="row-title">
          {name || email}
          {isYou && <span class="faint"> (you)</span>}
        </span>
        <span class="row-detail">{email}</span>
      </span>
    </span>
  );
}
