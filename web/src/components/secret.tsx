// What is shown once: the value of a key, a link to hand over.

import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { askBeforeLeaving } from '../router';
import { Button, CopyButton } from './button';
import { Dialog } from './dialog';
import { Field } from './fields';
import { Notice } from './notice';

export function Snippet({ label, text }: { label: string; text: string }) {
  return (
    <figure class="snippet">
      <figcaption>
        <span>{label}</span>
        <CopyButton text={text} what={label.toLowerCase()} />
      </figcaption>
      <pre tabIndex={0}>
        <code>{text}</code>
      </pre>
    </figure>
  );
}

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/** Of a link to hand over. */
export function ReachNotice({ url }: { url: string }) {
  return LOOPBACK.test(new URL(url).hostname) ? (
    <p>
      It works on this machine only. For others, start the server with <code>--public-url</code>.
    </p>
  ) : null;
}

interface SecretDialogProperties {
  title: string;
  label: string;
  value: string;
  warning: ComponentChildren;
  snippet?: { label: string; text: string };
  onDone: () => void;
}

/** It cannot be had a second time, so nothing but its button leaves it unasked. */
export function SecretDialog(properties: SecretDialogProperties) {
  const { title, label, value, warning, snippet, onDone } = properties;
  useEffect(() => askBeforeLeaving('This is not shown a second time. Leave all the same?'), []);
  return (
    <Dialog title={title} onClose={onDone} isSticky>
      <div class="dialog-body">
        <Notice look="warning">{warning}</Notice>
        <Field label={label}>
          {(attributes) => (
            <div class="secret">
              <textarea
                {...attributes}
                class="input"
                rows={2}
                readOnly
                autoComplete="off"
                spellcheck={false}
                value={value}
                onFocus={(event) => event.currentTarget.select()}
              />
              <CopyButton text={value} what={label.toLowerCase()} />
            </div>
          )}
        </Field>
        {snippet && <Snippet {...snippet} />}
      </div>
      <footer class="dialog-footer">
        <Button look="primary" onClick={onDone}>
          Done
        </Button>
      </footer>
    </Dialog>
  );
}

/** What is pasted into `read` is in no shell's history. */
function typed(variable: string): string {
  return `read -rs ${variable}; export ${variable}   # paste the key, then Enter`;
}

/** A check is about the oldest organization, where none is named. */
export function checkSnippet(organizationId: string): string {
  return [
    typed('OPENAI_API_KEY'),
    `curl -i "${window.location.origin}/auth?organization=${organizationId}" \\`,
    `  -H "Authorization: Bearer $OPENAI_API_KEY"`,
  ].join('\n');
}

export function administrationSnippet(): string {
  return [
    `export OPENAI_BASE_URL=${window.location.origin}/v1`,
    typed('OPENAI_ADMIN_KEY'),
    `curl "$OPENAI_BASE_URL/organization/projects" \\`,
    `  -H "Authorization: Bearer $OPENAI_ADMIN_KEY"`,
  ].join('\n');
}
