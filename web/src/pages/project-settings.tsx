import { useState } from 'preact/hooks';
import { api, type Project } from '../api';
import { Button, CopyIcon } from '../components/button';
import { ConfirmDialog } from '../components/dialog';
import { TextField } from '../components/fields';
import { ErrorNotice, Notice } from '../components/notice';
import { Card, Details, Time } from '../components/parts';
import { notify } from '../components/toasts';
import { forgetEverything, useAction } from '../loading';
import { useSession } from '../session';

interface SettingsProperties {
  project: Project;
  onChanged: () => void;
}

function ArchiveDialog({
  project,
  onClose,
  onChanged,
}: SettingsProperties & {
  onClose: () => void;
}) {
  const name = project.name ?? project.id;
  const archive = async () => {
    await api.projects.archive(project.id);
    forgetEverything();
    notify(`Project “${name}” archived.`);
    onClose();
    onChanged();
  };
  return (
    <ConfirmDialog
      title={`Archive ${name}?`}
      confirm="Archive project"
      typed={name}
      onClose={onClose}
      onConfirm={archive}
    >
      <Notice look="danger">
        <p>This is final. An archived project cannot be brought back.</p>
      </Notice>
      <ul class="consequences">
        <li>All its keys stop working at once, those of people and of service accounts.</li>
        <li>No key can be issued in it any more.</li>
        <li>Its people and service accounts are no longer listed.</li>
        <li>Its keys stay listed, and its events stay in the audit log.</li>
      </ul>
    </ConfirmDialog>
  );
}

export function ProjectSettings({ project, onChanged }: SettingsProperties) {
  const { isOwner } = useSession();
  const [name, setName] = useState(project.name ?? '');
  const [isArchiving, setArchiving] = useState(false);
  const rename = useAction(async () => {
    await api.projects.rename(project.id, name.trim());
    notify('Project renamed.');
    onChanged();
  });
  return (
    <div class="cards">
      <Card title="Name" description="Keys and people stay; only the name changes.">
        <form
          class="form inline"
          onSubmit={(event) => {
            event.preventDefault();
            void rename.run();
          }}
        >
          <TextField
            label="Project name"
            required
            maxLength={255}
            autoComplete="off"
            value={name}
            onValue={setName}
          />
          <Button
            type="submit"
            look="primary"
            isBusy={rename.isBusy}
            disabled={!name.trim() || name.trim() === project.name}
          >
            Rename
          </Button>
        </form>
        {rename.error && <ErrorNotice error={rename.error} />}
      </Card>
      <Card title="About">
        <Details
          rows={[
            [
              'Id',
              <span key="id" class="copyable">
                <code>{project.id}</code>
                <CopyIcon text={project.id} what="id" />
              </span>,
            ],
            ['Created', <Time key="created" seconds={project.created_at} as="exact" />],
          ]}
        />
      </Card>
      {isOwner && (
        <Card
          title="Archive this project"
          description="All its keys stop working at once, for good."
          action={
            <Button look="danger" onClick={() => setArchiving(true)}>
              Archive project
            </Button>
          }
        >
          {null}
        </Card>
      )}
      {isArchiving && (
        <ArchiveDialog
          project={project}
          onClose={() => setArchiving(false)}
          onChanged={onChanged}
        />
      )}
    </div>
  );
}
