import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { ApiError } from '../api';
import { Button, IconButton } from './button';
import { ErrorNotice } from './notice';
import { TextField } from './fields';
import { useAction } from '../loading';

interface DialogProperties {
  title: string;
  onClose: () => void;
  /** Left only by a button inside, never by Escape. */
  isSticky?: boolean;
  isDrawer?: boolean;
  children: ComponentChildren;
}

/** Put the focus where somebody is who just ended what they had the focus on. */
export function focusHeading(): void {
  document.querySelector<HTMLElement>('h1')?.focus();
}

export function Dialog({ title, onClose, isSticky, isDrawer, children }: DialogProperties) {
  const element = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useLayoutEffect(() => {
    const dialog = element.current as HTMLDialogElement;
    const before = document.activeElement;
    dialog.showModal();
    return () => {
      dialog.close();
      if (before instanceof HTMLElement && before.isConnected) {
        before.focus();
      }
    };
  }, []);
  const leave = (event: Event) => {
    event.preventDefault();
    if (!isSticky) {
      onClose();
    }
  };
  return (
    <dialog
      ref={element}
      class={isDrawer ? 'drawer' : 'dialog'}
      aria-labelledby={titleId}
      onCancel={leave}
      onKeyDown={(event) => event.key === 'Escape' && leave(event)}
      onMouseDown={(event) => isDrawer && event.target === element.current && onClose()}
    >
      <div class="dialog-frame">
        <header class="dialog-header">
          <h2 id={titleId}>{title}</h2>
          {!isSticky && <IconButton name="close" label="Close" onClick={onClose} />}
        </header>
        {children}
      </div>
    </dialog>
  );
}

interface FormDialogProperties {
  title: string;
  submit: string;
  isDanger?: boolean;
  isDisabled?: boolean;
  onClose: () => void;
  onSubmit: () => Promise<void>;
  children: (error: ApiError | undefined) => ComponentChildren;
  /** Parameters whose errors are said beside their field. */
  parameters?: string[];
}

/** A dialog with a form, which stays open and says why when it is refused. */
export function FormDialog(properties: FormDialogProperties) {
  const { title, submit, isDanger, isDisabled, onClose, onSubmit, children } = properties;
  const action = useAction(onSubmit);
  const isBeside =
    action.error?.parameter && properties.parameters?.includes(action.error.parameter);
  return (
    <Dialog title={title} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!isDisabled) {
            void action.run();
          }
        }}
      >
        <div class="dialog-body">
          {children(action.error)}
          {action.error && !isBeside && <ErrorNotice error={action.error} />}
        </div>
        <footer class="dialog-footer">
          <Button onClick={onClose}>Cancel</Button>
          <Button
            type="submit"
            look={isDanger ? 'danger' : 'primary'}
            isBusy={action.isBusy}
            disabled={isDisabled ?? false}
          >
            {submit}
          </Button>
        </footer>
      </form>
    </Dialog>
  );
}

interface ConfirmDialogProperties {
  title: string;
  confirm: string;
  /** What has to be typed first, for what cannot be undone and reaches far. */
  typed?: string;
  onClose: () => void;
  onConfirm: () => Promise<void>;
  children: ComponentChildren;
}

export function ConfirmDialog(properties: ConfirmDialogProperties) {
  const { title, confirm, typed, onClose, onConfirm, children } = properties;
  const [text, setText] = useState('');
  const act = async () => {
    await onConfirm();
    focusHeading();
  };
  return (
    <FormDialog
      title={title}
      submit={confirm}
      isDanger
      isDisabled={typed !== undefined && text !== typed}
      onClose={onClose}
      onSubmit={act}
    >
      {() => (
        <>
          {children}
          {typed !== undefined && (
            <TextField
              label={
                <>
                  Type <strong>{typed}</strong> to confirm
                </>
              }
              value={text}
              onValue={setText}
              autoComplete="off"
              spellcheck={false}
            />
          )}
        </>
      )}
    </FormDialog>
  );
}
