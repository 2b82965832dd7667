import type { ButtonHTMLAttributes, ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Icon, type IconName } from './icon';
import { notify } from './toasts';

type ButtonProperties = Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'icon'> & {
  look?: 'primary' | 'secondary' | 'quiet' | 'danger';
  icon?: IconName;
  isBusy?: boolean;
  children?: ComponentChildren;
};

/** While it is busy it keeps its width and its focus, and does nothing. */
export function Button({
  look = 'secondary',
  icon,
  isBusy = false,
  children,
  onClick,
  type = 'button',
  ...rest
}: ButtonProperties) {
  return (
    <button
      {...rest}
      type={isBusy ? 'button' : type}
      class={`button ${look}`}
      aria-busy={isBusy}
      aria-disabled={isBusy || undefined}
      onClick={isBusy ? undefined : onClick}
    >
      {icon && <Icon name={icon} />}
      {children !== undefined && <span>{children}</span>}
    </button>
  );
}

type IconButtonProperties = ButtonHTMLAttributes<HTMLButtonElement> & {
  label: string;
  name: IconName;
};

export function IconButton({ label, name, ...rest }: IconButtonProperties) {
  return (
    <button type="button" class="icon-button" aria-label={label} title={label} {...rest}>
      <Icon name={name} />
    </button>
  );
}

const COPIED_MILLISECONDS = 2000;

function useCopied(text: string, what: string): [boolean, () => Promise<void>] {
  const [isCopied, setCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) {
      return undefined;
    }
    const timer = window.setTimeout(() => setCopied(false), COPIED_MILLISECONDS);
    return () => window.clearTimeout(timer);
  }, [isCopied]);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
      notify(`${what.charAt(0).toUpperCase()}${what.slice(1)} copied.`);
    } catch {
      // Without TLS, browsers give pages of other machines no clipboard.
      notify('The browser does not let this page copy. Select the text and copy it yourself.');
    }
  };
  return [isCopied, copy];
}

export function CopyButton({ text, what }: { text: string; what: string }) {
  const [isCopied, copy] = useCopied(text, what);
  return (
    <Button icon={isCopied ? 'check' : 'copy'} onClick={copy} aria-label={`Copy ${what}`}>
      {isCopied ? 'Copied' : 'Copy'}
    </Button>
  );
}

export function CopyIcon({ text, what }: { text: string; what: string }) {
  const [isCopied, copy] = useCopied(text, what);
  return <IconButton name={isCopied ? 'check' : 'copy'} label={`Copy ${what}`} onClick={copy} />;
}
