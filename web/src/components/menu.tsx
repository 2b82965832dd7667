import type { ComponentChildren } from 'preact';
import { useId, useRef, useState } from 'preact/hooks';
import { Icon, type IconName } from './icon';

export interface MenuItem {
  label: string;
  icon?: IconName;
  isDanger?: boolean;
  onSelect: () => void;
}

interface MenuProperties {
  label: string;
  items: MenuItem[];
  class?: string;
  children?: ComponentChildren;
}

const GAP = 4;

/** Beside the button, inside of the window, whichever way there is room. */
function place(menu: HTMLElement, button: HTMLElement): void {
  const anchor = button.getBoundingClientRect();
  const { width, height } = menu.getBoundingClientRect();
  const hasRoomBelow = anchor.bottom + GAP + height < window.innerHeight;
  const top = hasRoomBelow ? anchor.bottom + GAP : anchor.top - GAP - height;
  const left = Math.min(anchor.right - width, window.innerWidth - width - GAP);
  menu.style.top = `${Math.max(GAP, top)}px`;
  menu.style.left = `${Math.max(GAP, left)}px`;
}

function step(menu: HTMLElement, key: string): void {
  const items = [...menu.querySelectorAll<HTMLElement>('[role=menuitem]')];
  const at = items.indexOf(document.activeElement as HTMLElement);
  const targets: Record<string, number> = {
    ArrowDown: at + 1,
    ArrowUp: at - 1,
    Home: 0,
    End: items.length - 1,
  };
  const target = targets[key];
  if (target !== undefined) {
    items[(target + items.length) % items.length]?.focus();
  }
}

export function Menu({ label, items, class: className = 'icon-button', children }: MenuProperties) {
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const menu = useRef<HTMLDivElement>(null);
  const [isOpen, setOpen] = useState(false);
  const close = () => {
    menu.current?.hidePopover();
    button.current?.focus();
  };
  const onToggle = (event: { newState: string }) => {
    const opens = event.newState === 'open';
    setOpen(opens);
    if (opens && menu.current && button.current) {
      place(menu.current, button.current);
      step(menu.current, 'Home');
    }
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Tab' || event.key === 'Escape') {
      event.preventDefault();
      event.stopPropagation();
      close();
    } else if (menu.current && /^(Arrow|Home|End)/.test(event.key)) {
      event.preventDefault();
      step(menu.current, event.key);
    }
  };
  return (
    <>
      <button
        ref={button}
        type="button"
        class={className}
        aria-label={children ? undefined : label}
        title={children ? undefined : label}
        aria-haspopup="menu"
        aria-expanded={isOpen}
        {...{ popovertarget: id }}
      >
        {children ?? <Icon name="more" />}
      </button>
      <div
        ref={menu}
        id={id}
        class="menu"
        popover="auto"
        role="menu"
        aria-label={label}
        onToggle={onToggle}
        onKeyDown={onKeyDown}
      >
        {items.map((item) => (
          <button
            key={item.label}
            type="button"
            role="menuitem"
            tabIndex={-1}
            class={item.isDanger ? 'danger' : undefined}
            onClick={() => {
              close();
              item.onSelect();
            }}
          >
            {item.icon && <Icon name={item.icon} />}
            {item.label}
          </button>
        ))}
      </div>
    </>
  );
}
