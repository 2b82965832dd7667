import type { ComponentChildren } from 'preact';
import type { ApiError } from '../api';
import { formatWait } from '../format';
import { Button } from './button';
import { Icon, type IconName } from './icon';

type NoticeLook = 'information' | 'warning' | 'danger';

interface NoticeProperties {
  look?: NoticeLook;
  role?: 'alert' | 'status';
  children: ComponentChildren;
}

const ICONS: Record<NoticeLook, IconName> = {
  information: 'information',
  warning: 'warning',
  danger: 'warning',
};

export function Notice({ look = 'information', role, children }: NoticeProperties) {
  return (
    <div class={`notice ${look}`} role={role}>
      <Icon name={ICONS[look]} />
      <div>{children}</div>
    </div>
  );
}

/** Where a reply has no such wait, the same request would fail again, or be done twice. */
function adviceOf(error: ApiError): string | null {
  return error.status === 503 && error.retryAfter
    ? `Try again in ${formatWait(error.retryAfter)}.`
    : null;
}

/** What happened, and what to do. */
export function ErrorNotice({ error, onRetry }: { error: ApiError; onRetry?: () => void }) {
  const canRetry = error.status === 0 || error.status >= 500;
  return (
    <Notice look="danger" role="alert">
      <p>
        {error.message} {adviceOf(error)}
      </p>
      {onRetry && canRetry && <Button onClick={onRetry}>Try again</Button>}
    </Notice>
  );
}
