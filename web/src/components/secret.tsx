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

export function checkSnippet(value: string): string {
  return [
    `export OPENAI_API_KEY='${value}'`,
    `curl -i ${window.location.origin}/auth \\`,
    `  -H "Authorization: Bearer $OPENAI_API_KEY"`,
  ].join('\n');
}

export function administrationSnippet(value: string): string {
  return [
    `export OPENAI_BASE_URL=${window.location.origin}/v1`,
    `export OPENAI_ADMIN_KEY='${value}'`,
    `curl "$OPENAI_BASE_URL/organization/projects" \\`,
    `  -H "Authorization: Bearer $OPENAI_ADMIN_KEY"`,
  ].join('\n');
}
