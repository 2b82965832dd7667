// Short messages about what was done, read out by screen readers.

import { useEffect, useState } from 'preact/hooks';

interface Toast {
  id: number;
  text: string;
}

const SHOWN_MILLISECONDS = 5000;
const TOASTS_MAXIMUM = 3;

let toasts: Toast[] = [];
let count = 0;
let show: (toasts: Toast[]) => void = () => {};

export function notify(text: string): void {
  const toast = { id: ++count, text };
  toasts = [...toasts, toast].slice(-TOASTS_MAXIMUM);
  show(toasts);
  window.setTimeout(() => {
    toasts = toasts.filter((other) => other !== toast);
    show(toasts);
  }, SHOWN_MILLISECONDS);
}

export function Toasts() {
  const [shown, setShown] = useState(toasts);
  const [region, setRegion] = useState<HTMLDivElement | null>(null);
  useEffect(() => {
    show = setShown;
  }, []);
  // A modal dialog covers what is not in the top layer; the newest popover stands above it.
  useEffect(() => {
    if (region === null) {
      return;
    }
    if (region.matches(':popover-open')) {
      region.hidePopover();
    }
    if (shown.length > 0) {
      region.showPopover();
    }
  }, [shown, region]);
  return (
    <div class="toasts" ref={setRegion} popover="manual" role="status" aria-live="polite">
      {shown.map((toast) => (
        <p key={toast.id} class="toast">
          {toast.text}
        </p>
      ))}
    </div>
  );
}
